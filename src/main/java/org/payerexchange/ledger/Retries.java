package org.payerexchange.ledger;

import java.time.Duration;
import java.util.List;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/**
 * Takes a failed transfer back to the state before the failed step. A job goes on from what the
 * payer still has; where that is nothing, it is kicked off again.
 */
final class Retries {
  private final LedgerDatabase database;
  private final Steps steps;

  Retries(LedgerDatabase database) {
    this.database = database;
    this.steps = new Steps(database);
  }

  boolean retry(LockedTransfer transfer) {
    if (transfer.state() != TransferState.FAILED && transfer.state() != TransferState.NO_MATCH) {
      return false;
    }
    List<FailedJob> jobs = jobs(transfer.id());
    boolean matched = !jobs.isEmpty();
    if (!matched && !requestIsKept(transfer.id())) {
      return false;
    }
    TransferState again =
        transfer.state().to(matched ? TransferState.MATCHED : TransferState.RECEIVED);
    database
        .jdbc()
        .sql(
            """
            UPDATE transfer SET state = ?, reason = NULL, detail = NULL, finished_at = NULL,
              manifest_at = NULL, updated_at = CURRENT_TIMESTAMP
            WHERE id = ?""")
        .params(again.name(), transfer.id())
        .update();
    if (matched) {
      steps.dropOfTransfer(transfer.id());
    } else {
      steps.ofTransfer(transfer.id(), Stage.MEMBER_MATCH);
    }
    transfer.event(EventType.RETRIED, "from " + transfer.state());
    retryDeliveries(transfer.id());
    jobs.stream()
        .filter(job -> job.state() != JobState.COMPLETE)
        .forEach(job -> retry(transfer.id(), job));
    transfer.wakeDeliveries();
    if (matched && jobs.stream().allMatch(job -> job.state() == JobState.COMPLETE)) {
      transfer.seal();
    }
    return true;
  }

  private boolean requestIsKept(String transferId) {
    return database
            .jdbc()
            .sql("SELECT COUNT(*) FROM transfer_request WHERE transfer_id = ?")
            .param(transferId)
            .query(Integer.class)
            .single()
        == 1;
  }

  private void retry(String transferId, FailedJob job) {
    if (job.files() && job.deliveriesFailed() && !job.downloadsFailed()) {
      goOn(job, JobState.READY);
      steps.dropOfJob(transferId, job.id());
      retryFiles(job.id());
      steps.addDownloads(transferId, job.id());
    } else if (job.files() && job.isAlive()) {
      // URLs do not live long: those of a new manifest take the place of the old ones first.
      goOn(job, JobState.RUNNING);
      steps.ofJob(transferId, job.id(), Stage.EXPORT_POLL, Duration.ZERO);
      retryFiles(job.id());
    } else if (!job.files() && job.isAlive() && job.reason() != FailureReason.BAD_ANSWER) {
      goOn(job, JobState.RUNNING);
      steps.ofJob(transferId, job.id(), Stage.EXPORT_POLL, Duration.ZERO);
    } else {
      goOn(job, JobState.REQUESTED);
      steps.startOver(transferId, job.id());
    }
  }

  private void goOn(FailedJob job, JobState again) {
    database
        .jdbc()
        .sql(
            """
            UPDATE export_job SET state = ?, reason = NULL, detail = NULL, finished_at = NULL,
              started_at = CURRENT_TIMESTAMP, polling_since = %s, restarts = 0, refused_polls = 0,
              updated_at = CURRENT_TIMESTAMP
            WHERE id = ?"""
                .formatted(GateClock.now(Stage.EXPORT_POLL, "export_job.payer")))
        .params(job.state().to(again).name(), job.id())
        .update();
  }

  private void retryFiles(long jobId) {
    database
        .jdbc()
        .sql(
            """
            UPDATE output_file SET state = ?, reason = NULL, detail = NULL, turn = NULL, lost = 0,
              missed = 0, updated_at = CURRENT_TIMESTAMP
            WHERE job_id = ? AND state = 'FAILED'""")
        .params(FileState.FAILED.to(FileState.PENDING).name(), jobId)
        .update();
  }

  private void retryDeliveries(String transferId) {
    database
        .jdbc()
        .sql(
            """
            UPDATE delivery SET state = ?, reason = NULL, detail = NULL,
              updated_at = CURRENT_TIMESTAMP
            WHERE transfer_id = ? AND state = 'FAILED'""")
        .params(DeliveryState.FAILED.to(DeliveryState.PENDING).name(), transferId)
        .update();
    steps.addDeliveries(transferId);
  }

  private List<FailedJob> jobs(String transferId) {
    return database
        .jdbc()
        .sql(
            """
            SELECT id, state, status_url, reason, released_at,
              EXISTS (SELECT 1 FROM output_file WHERE job_id = export_job.id) AS files,
              EXISTS (SELECT 1 FROM output_file WHERE job_id = export_job.id
                AND state = 'FAILED') AS downloads_failed,
              EXISTS (SELECT 1 FROM delivery WHERE transfer_id = export_job.transfer_id
                AND state = 'FAILED') AS deliveries_failed
            FROM export_job WHERE transfer_id = ? ORDER BY id""")
        .param(transferId)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new FailedJob(
                  row.big("id"),
                  row.constant(JobState.class, "state"),
                  row.text("status_url"),
                  row.reason(),
                  row.instant("released_at") != null,
                  results.getBoolean("files"),
                  results.getBoolean("downloads_failed"),
                  results.getBoolean("deliveries_failed"));
            })
        .list();
  }

  private record FailedJob(
      long id,
      JobState state,
      String statusUrl,
      FailureReason reason,
      boolean released,
      boolean files,
      boolean downloadsFailed,
      boolean deliveriesFailed) {

    /** Whether it may still be had from the payer, which has not said otherwise. */
    boolean isAlive() {
      return statusUrl != null
          && !released
          && reason != FailureReason.JOB_FAILED
          && reason != FailureReason.JOB_GONE
          && reason != FailureReason.JOB_EXPIRED;
    }
  }
}
