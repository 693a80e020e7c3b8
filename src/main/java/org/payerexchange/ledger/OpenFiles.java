package org.payerexchange.ledger;

import org.payerexchange.step.FailureReason;

/**
 * What ends before its children: they fail with it, and whoever still works on one is too late.
 * Their transfer is locked.
 */
final class OpenFiles {
  private final LedgerDatabase database;
  private final Steps steps;

  OpenFiles(LedgerDatabase database) {
    this.database = database;
    this.steps = new Steps(database);
  }

  void endWithJob(String transferId, long jobId, FailureReason reason, String detail) {
    fail("output_file", "job_id", jobId, reason, detail);
    steps.dropDownloadsOfJob(transferId, jobId);
  }

  void endWithTransfer(String transferId, FailureReason reason) {
    fail("output_file", "transfer_id", transferId, reason, null);
    fail("delivery", "transfer_id", transferId, reason, null);
    steps.dropAll(transferId);
  }

  void endDeliveries(String transferId, FailureReason reason, String detail) {
    fail("delivery", "transfer_id", transferId, reason, detail);
    steps.dropDeliveries(transferId);
  }

  private void fail(String table, String of, Object id, FailureReason reason, String detail) {
    database
        .jdbc()
        .sql(
            """
            UPDATE %s SET state = 'FAILED', reason = ?, detail = ?, updated_at = CURRENT_TIMESTAMP
            WHERE %s = ? AND state = 'PENDING'"""
                .formatted(table, of))
        .params(reason.name(), LedgerDatabase.shortened(detail), id)
        .update();
  }
}
