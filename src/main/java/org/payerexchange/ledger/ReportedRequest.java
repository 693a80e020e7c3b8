package org.payerexchange.ledger;

import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import org.payerexchange.step.FailureReason;

/**
 * What became of one request, with the times that a regulator asks for. No PHI.
 *
 * @param id of its transfer
 * @param requestId the sender's, or null
 * @param enrolledOn since when the member is ours, or null where the sender does not say
 * @param consentStart the first day on which the payer may be asked, or null where that is not
 *     known
 * @param askedAt when the payer was first asked for the member, or null if it has not been
 * @param answeredAt when the payer's answer to that had been read, or null
 * @param reason why it ended as it did, or null
 * @param finishedAt when it ended, or null
 * @param withdrawn whether its member withdrew the consent after its end
 * @param repeatsSince when the payer was last asked, where the request is to be asked again and
 *     this is the last time so far; null of any other
 * @param requestIsKept whether the request itself is still there
 */
public record ReportedRequest(
    String id,
    String payer,
    String requestId,
    LocalDate enrolledOn,
    LocalDate consentStart,
    Instant receivedAt,
    Instant askedAt,
    Instant answeredAt,
    TransferState state,
    FailureReason reason,
    Instant finishedAt,
    boolean withdrawn,
    Instant repeatsSince,
    boolean requestIsKept) {

  /** Of a row of a transfer, or of a repetition that asked nobody. */
  public static ReportedRequest of(Row row) throws SQLException {
    return new ReportedRequest(
        row.text("id"),
        row.text("payer"),
        row.text("request_id"),
        row.date("enrolled_on"),
        row.date("consent_start"),
        row.instant("received_at"),
        row.instant("asked_at"),
        row.instant("answered_at"),
        row.constant(TransferState.class, "state"),
        row.reason(),
        row.instant("finished_at"),
        row.instant("withdrawn_at") != null,
        row.instant("repeats_since"),
        row.flagOrNull("is_kept"));
  }
}
