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
    end("job_id", jobId, reason, detail);
  }

  void endWithTransfer(String transferId, FailureReason reason) {
    end("transfer_id", transferId, reason, null);
  }

  /** A file that was fetched once and failed when it was to be fetched again. */
  void endDeliveries(long fileId, FailureReason reason, String detail) {
    fail("delivery", "file_id = ? AND state = 'PENDING'", fileId, reason, detail);
  }

  private void end(String of, Object id, FailureReason reason, String detail) {
    fail("output_file", of + " = ? AND state = 'PENDING'", id, reason, detail);
    fail(
        "delivery",
        "file_id IN (SELECT id FROM output_file WHERE %s = ?) AND state = 'PENDING'".formatted(of),
        id,
        reason,
        detail);
  }

  private void fail(String table, String which, Object id, FailureReason reason, String detail) {
    database
        .jdbc()
        .sql(
            """
            UPDATE %s SET state = 'FAILED', reason = ?, detail = ?, stage = NULL, due_at = NULL, %s
            WHERE %s"""
                .formatted(table, Retries.FRESH, which))
        .params(reason.name(), LedgerDatabase.shortened(detail), id)
        .update();
  }
}
