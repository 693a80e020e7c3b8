package org.payerexchange.ledger;

import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Lease;
import org.payerexchange.step.Stage;

/**
 * A received transfer, claimed for its {@code $member-match}.
 *
 * @param requestJson the member match Parameters as registered; PHI
 * @param consentEnd the last day of the consent (UTC), or null where it has no end
 * @param askedAt when the request was about to be sent, by the node's clock; null before that
 */
public record TransferClaim(
    String transferId,
    String payer,
    Lease lease,
    String requestJson,
    LocalDate consentEnd,
    Instant askedAt)
    implements Claim {
  /** Of a row of the claim. */
  public static TransferClaim of(Row row) throws SQLException {
    return new TransferClaim(
        row.text("id"),
        row.text("payer"),
        row.lease(),
        row.text("request_json"),
        row.date("consent_end"),
        null);
  }

  /** The same, from the moment on in which the request is about to be sent. */
  public TransferClaim asked(Instant now) {
    return new TransferClaim(transferId, payer, lease, requestJson, consentEnd, now);
  }

  @Override
  public Stage stage() {
    return Stage.MEMBER_MATCH;
  }

  @Override
  public Object rowId() {
    return transferId;
  }

  /** Leaves the request out: it is PHI. */
  @Override
  public String toString() {
    return "TransferClaim[" + transferId + ", " + payer + ", lease " + leaseToken() + "]";
  }
}
