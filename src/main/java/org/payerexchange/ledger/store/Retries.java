package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.payerexchange.ledger.DeliveryState;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.RetryPlan;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Stage;

/** Sends a failed transfer on, as it is planned. */
final class Retries {
  private final LedgerDatabase database;
  private final Batches batches;

  Retries(LedgerDatabase database) {
    this.database = database;
    this.batches = new Batches(database, "an operator");
  }

  /** What a retry would do; empty where there is nothing to go on with. */
  Optional<RetryPlan> plan(LockedTransfer transfer) {
    List<RetryPlan.Job> jobs = jobs(transfer.id());
    return RetryPlan.of(
        transfer.state(),
        (jobs.isEmpty() || transfer.batchId() != null) && requestIsKept(transfer.id()),
        jobs,
        deliveriesFailed(transfer.id()));
  }

  void retry(LockedTransfer transfer, RetryPlan plan) {
    transfer.event(EventType.RETRIED, "from " + transfer.state());
    transfer.goOn(plan.state());
    transfer.steps().dropOfTransfer();
    if (plan.state() == TransferState.RECEIVED) {
      askAgain(transfer);
    }
    retryDeliveries(transfer);
    transfer.openJobs(plan.jobs().size());
    plan.jobs().forEach(job -> retry(transfer.steps(), job));
    transfer.wakeDeliveries();
    if (plan.seals()) {
      transfer.seal();
    }
  }

  /** A member of a batch goes into a new one. */
  private void askAgain(LockedTransfer transfer) {
    if (transfer.batchId() == null) {
      transfer.steps().ofTransfer(Stage.MEMBER_MATCH);
    } else {
      batches.joinAgain(transfer.payer(), transfer.id());
    }
  }

  private void retry(Steps steps, RetryPlan.Again job) {
    database.update(
        """
            UPDATE export_job SET state = ?, open_files = ?, reason = NULL, detail = NULL,
              finished_at = NULL, started_at = CURRENT_TIMESTAMP, polling_since = %s, restarts = 0,
              refused_polls = 0, updated_at = CURRENT_TIMESTAMP
            WHERE id = ?"""
            .formatted(GateClock.now(Stage.EXPORT_POLL, "export_job.payer")),
        job.state().name(),
        job.openFiles(),
        job.id());
    if (job.files()) {
      retryFiles(job.id());
    }
    if (job.isAskedForAnew()) {
      // what it has a part of comes with the answer; it has none of the export before any more
      BatchMembers.leaves(database, "id", job.id());
      database.update("UPDATE export_job SET shared_job = NULL WHERE id = ?", job.id());
      return;
    }
    switch (job.state()) {
      case READY -> {
        steps.dropOfJob(job.id());
        steps.addDownloads(job.id());
      }
      case RUNNING -> steps.ofJob(job.id(), Stage.EXPORT_POLL, Duration.ZERO);
      default -> steps.startOver(job.id());
    }
  }

  /** What was written here comes with the next split. */
  private void retryFiles(long jobId) {
    database.update(
        """
            UPDATE output_file SET state = ?, reason = NULL, detail = NULL, turn = NULL, lost = 0,
              missed = 0, updated_at = CURRENT_TIMESTAMP
            WHERE job_id = ? AND state = 'FAILED' AND url <> ''""",
        FileState.FAILED.to(FileState.PENDING).name(),
        jobId);
  }

  private void retryDeliveries(LockedTransfer transfer) {
    transfer.openDeliveries(
        database.update(
            """
                UPDATE delivery SET state = ?, reason = NULL, detail = NULL,
                  updated_at = CURRENT_TIMESTAMP
                WHERE transfer_id = ? AND state = 'FAILED'""",
            DeliveryState.FAILED.to(DeliveryState.PENDING).name(),
            transfer.id()));
    transfer.steps().addDeliveries();
  }

  private boolean requestIsKept(String transferId) {
    return database.finds("SELECT 1 FROM transfer_request WHERE transfer_id = ?", transferId);
  }

  private boolean deliveriesFailed(String transferId) {
    return database.finds(
        "SELECT 1 FROM delivery WHERE transfer_id = ? AND state = 'FAILED'", transferId);
  }

  private List<RetryPlan.Job> jobs(String transferId) {
    return database
        .jdbc()
        .sql(
            """
            SELECT id, kind, state, status_url, reason, released_at, open_files,
              (SELECT COUNT(*) FROM output_file WHERE job_id = export_job.id) AS files,
              (SELECT COUNT(*) FROM output_file WHERE job_id = export_job.id
                AND state = 'FAILED') AS failed_files,
              (SELECT COUNT(*) FROM output_file WHERE job_id = export_job.id
                AND state = 'FAILED' AND url = '') AS failed_here,
              (SELECT COUNT(*) FROM output_file WHERE job_id = export_job.id
                AND state = 'FAILED' AND kind IN %s) AS failed_optional
            FROM export_job WHERE transfer_id = ? ORDER BY id"""
                .formatted(OpenFiles.OPTIONAL))
        .param(transferId)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new RetryPlan.Job(
                  row.big("id"),
                  row.constant(JobKind.class, "kind"),
                  row.constant(JobState.class, "state"),
                  row.text("status_url") != null,
                  row.reason(),
                  row.instant("released_at") != null,
                  row.number("files"),
                  row.number("open_files"),
                  row.number("failed_files"),
                  row.number("failed_here"),
                  row.number("failed_optional"));
            })
        .list();
  }
}
