package org.payerexchange.ops;

import java.time.Instant;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.TransferSummary;
import org.payerexchange.step.FailureReason;

/** A transfer in one line, as the ops API and {@code status} show it. */
public record TransferLine(
    String id,
    String payer,
    TransferState status,
    String requestId,
    String source,
    int recordNumber,
    FailureReason reason,
    String detail,
    int warnings,
    Instant receivedAt,
    Instant updatedAt,
    Instant finishedAt) {

  static TransferLine of(TransferSummary summary) {
    return new TransferLine(
        summary.id(),
        summary.payer(),
        summary.state(),
        summary.requestId(),
        summary.source(),
        summary.recordNumber(),
        summary.reason(),
        summary.detail(),
        summary.warnings(),
        summary.receivedAt(),
        summary.updatedAt(),
        summary.finishedAt());
  }
}
