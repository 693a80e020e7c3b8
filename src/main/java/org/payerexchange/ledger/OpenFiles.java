package org.payerexchange.ledger;

import org.payerexchange.step.FailureReason;

/**
 * What ends before its children: they fail with it, and whoever still works on one is too late.
 * Their transfer is locked.
 */
final class OpenFiles {
  private final LedgerDatabase database;

  OpenFiles(LedgerDatabase database) {
    this.database = database;
  }

  void endWithJob(long jobId, FailureReason reason, String detail) {
    fail("output_file", "job_id", jobId, reason, detail);
  }

  void endWithTransfer(String transferId, FailureReason reason) {
    fail("output_file", "transfer_id", transferId, reason, null);
    endDeliveries(transferId, reason, null);
  }

  void endDeliveries(String transferId, FailureReason reason, String detail) {
    fail("delivery", "transfer_id", transferId, reason, detail);
  }

  private void fail(String table, String of, Object id, FailureReason reason, String detail) {
    database
        .jdbc()
        .sql(
            """
            UPDATE %s SET state = 'FAILED', reason = ?, detail = ?, stage = NULL, due_at = NULL, %s
            WHERE %s = ? AND state = 'PENDING'"""
                .formatted(table, Retries.FRESH, of))
        .params(reason.name(), LedgerDatabase.shortened(detail), id)
        .update();
  }
}
