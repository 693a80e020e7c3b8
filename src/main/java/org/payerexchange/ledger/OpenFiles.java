package org.payerexchange.ledger;

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

  void endWithJob(String transferId, long jobId, Failure failure) {
    fail("output_file", "job_id", jobId, failure);
    steps.dropDownloadsOfJob(transferId, jobId);
  }

  void endWithTransfer(LockedTransfer transfer, Failure failure) {
    fail("output_file", "transfer_id", transfer.id(), failure);
    endDeliveries(transfer, failure);
    steps.dropAll(transfer.id());
  }

  void endDeliveries(LockedTransfer transfer, Failure failure) {
    if (transfer.openDeliveries() > 0) {
      fail("delivery", "transfer_id", transfer.id(), failure);
      steps.dropDeliveries(transfer.id());
      transfer.openDeliveries(-transfer.openDeliveries());
    }
  }

  private void fail(String table, String of, Object id, Failure failure) {
    database
        .jdbc()
        .sql(
            """
            UPDATE %s SET state = 'FAILED', reason = ?, detail = ?, updated_at = CURRENT_TIMESTAMP
            WHERE %s = ? AND state = 'PENDING'"""
                .formatted(table, of))
        .params(failure.reason().name(), LedgerDatabase.shortened(failure.detail()), id)
        .update();
  }
}
