package org.payerexchange.report;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Set;
import org.payerexchange.ledger.ReportedRequest;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/**
 * What is told of one request; the names are those of the JSON, and of the columns of the CSV.
 *
 * @param answerBusinessDays how many business days the payer took to answer, or null until it has
 * @param deliveredAt when all was delivered, or null
 * @param endedAt when it ended otherwise, or null
 * @param memberId PHI; null unless it was asked for, and where the request is not kept any more
 */
record ReportLine(
    String id,
    String payer,
    String requestId,
    LocalDate enrolledOn,
    Instant receivedAt,
    Instant askedAt,
    Instant answeredAt,
    Long answerBusinessDays,
    Instant deliveredAt,
    Instant endedAt,
    TransferState state,
    FailureReason reason,
    Set<Overdue> overdue,
    LocalDate consentStart,
    String memberId) {

  static ReportLine of(ReportedRequest request, BusinessDays days, Instant now, String memberId) {
    boolean isDelivered = request.state() == TransferState.COMPLETE;
    boolean hasEnded = request.state().terminal();
    return new ReportLine(
        request.id(),
        request.payer(),
        request.requestId(),
        request.enrolledOn(),
        request.receivedAt(),
        request.askedAt(),
        request.answeredAt(),
        request.askedAt() == null || request.answeredAt() == null
            ? null
            : Long.valueOf(days.between(request.askedAt(), request.answeredAt())),
        isDelivered ? request.finishedAt() : null,
        hasEnded && !isDelivered ? request.finishedAt() : null,
        request.state(),
        request.reason(),
        Overdue.of(request, days, now),
        request.consentStart(),
        memberId);
  }
}
