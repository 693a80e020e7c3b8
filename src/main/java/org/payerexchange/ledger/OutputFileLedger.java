package org.payerexchange.ledger;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/** Output files from the manifest to the outbox. */
public final class OutputFileLedger {
  /** How often one file's URL may be lost until the export itself is taken for lost. */
  private static final int MAX_LOST = 2;

  private final Leases leases;
  private final LedgerDatabase database;

  /** Works on the claims of one node. */
  public OutputFileLedger(Leases leases) {
    this.leases = leases;
    this.database = leases.database();
  }

  /**
   * Records that the file is in the outbox, from where sinks are to have it. One that already took
   * the same content keeps it.
   *
   * @param sinks those that take files while others still come
   */
  public boolean stored(OutputFileClaim claim, FetchedFile file, List<String> sinks) {
    return stored(claim, file, sinks, List.of(), null);
  }

  /**
   * The same.
   *
   * @param whole sinks that begin once all files are there, and sum the transfer up at its end:
   *     they do so again where they have the file already
   * @param wholeTurn the file's turn at these, once in a transfer; null if they do not want it
   */
  public boolean stored(
      OutputFileClaim claim,
      FetchedFile file,
      List<String> sinks,
      List<String> whole,
      Long wholeTurn) {
    return leases.ends(
        claim,
        transfer -> {
          StoredBefore before = claim.before();
          boolean same = Objects.equals(file.sha256(), before.sha256());
          boolean anew = !same || before.turn() == null;
          PlannedDeliveries deliveries = PlannedDeliveries.of(database, transfer, claim);
          boolean isThere = claim.kind() != FileKind.ERROR || file.bytes() > 0;
          Long turn = isThere ? (anew ? Long.valueOf(deliveries.turn()) : before.turn()) : null;
          if (!leases
              .update(claim)
              .move(FileState.PENDING, FileState.STORED)
              .atRest()
              .set("resources", file.resources())
              .set("bytes", file.bytes())
              .set("sha256", file.sha256())
              .set("stamp", file.stamp())
              .set("content", before.content() + (same ? 0 : 1))
              .set("turn", turn)
              .set("whole_turn", wholeTurn)
              .set("lost", 0)
              .set(
                  "warnings", file.warnings().isEmpty() ? null : String.join("\n", file.warnings()))
              .well()
              .run()) {
            return false;
          }
          transfer.warn(file.warnings().size() - before.warnings());
          transfer.receive(file.bytes());
          transfer.event(
              EventType.FILE_STORED,
              "%s: %d resources, %d bytes".formatted(claim.name(), file.resources(), file.bytes()));
          deliveries.add(sinks, false);
          deliveries.add(whole, true);
          deliveries.reopen(anew, turn, wholeTurn);
          if (!leases.fanIn().fileEnded(transfer, claim.jobId())) {
            transfer.nothingFollows();
          }
          return true;
        });
  }

  /** How many bytes have come for a transfer, in files that are whole. */
  public long receivedFor(String transferId) {
    return sum("id = ?", transferId);
  }

  /** How many bytes have come for all transfers of a payer that still go on. */
  public long unfinishedOf(String payer) {
    return sum("state = 'MATCHED' AND finished_at IS NULL AND payer = ?", payer);
  }

  private long sum(String of, String value) {
    return database
        .jdbc()
        .sql("SELECT COALESCE(SUM(received_bytes), 0) FROM transfer WHERE " + of)
        .param(value)
        .query(Long.class)
        .single();
  }

  /**
   * Has the manifest fetched again, because the payer does not know the file's URL any more. The
   * job's pending files wait for it. A file that stays unknown has the job kicked off again, and
   * fails in the end.
   */
  public boolean manifestNeeded(OutputFileClaim claim) {
    return leases.ends(
        claim,
        transfer -> {
          Lost lost = lost(claim.id());
          if (!lost.url().equals(claim.url())) {
            return leases.update(claim).due(Duration.ZERO).run();
          }
          boolean exportLost =
              lost.job() == JobState.READY && (lost.times() >= MAX_LOST || !lost.jobIsKnown());
          if (exportLost && lost.restarts() >= ExportJobLedger.MAX_RESTARTS) {
            return leases
                .fanIn()
                .fileFailed(
                    transfer, claim, FailureReason.FILE_GONE, "the payer does not have the file");
          }
          if (!leases.update(claim).atRest().setTo("lost = lost + 1").run()) {
            return false;
          }
          transfer.event(EventType.MANIFEST_NEEDED, claim.name());
          if (exportLost) {
            startAgain(claim);
            transfer.event(
                EventType.EXPORT_RESTARTED,
                "job %d: %s".formatted(claim.jobId(), FailureReason.FILE_GONE));
          } else if (lost.job() == JobState.READY) {
            fetchManifest(claim);
          }
          return true;
        });
  }

  /**
   * Whether nobody has stored a file that came too late, or is going to: it was given up, or is
   * none of the transfer's any more.
   */
  public boolean isNobodys(OutputFileClaim claim) {
    return database
        .jdbc()
        .sql("SELECT 1 FROM output_file WHERE id = ? AND state <> 'FAILED'")
        .param(claim.id())
        .query(Integer.class)
        .optional()
        .isEmpty();
  }

  /** The job's other URLs are as old. Downloads that run may still succeed. */
  private void fetchManifest(OutputFileClaim claim) {
    database
        .jdbc()
        .sql(
            """
            UPDATE export_job SET state = ?, started_at = CURRENT_TIMESTAMP, polling_since = %s,
              polls = 0, updated_at = CURRENT_TIMESTAMP
            WHERE id = ?"""
                .formatted(GateClock.now(Stage.EXPORT_POLL, "export_job.payer")))
        .params(JobState.READY.to(JobState.RUNNING).name(), claim.jobId())
        .update();
    Steps steps = new Steps(database);
    steps.ofJob(claim.transferId(), claim.jobId(), Stage.EXPORT_POLL, Duration.ZERO);
    steps.dropWaitingDownloads(claim.transferId(), claim.jobId());
  }

  private void startAgain(OutputFileClaim claim) {
    database
        .jdbc()
        .sql(
            """
            UPDATE export_job SET state = ?, restarts = restarts + 1, updated_at = CURRENT_TIMESTAMP
            WHERE id = ?""")
        .params(JobState.READY.to(JobState.REQUESTED).name(), claim.jobId())
        .update();
    Steps steps = new Steps(database);
    steps.startOver(claim.transferId(), claim.jobId());
    steps.dropWaitingDownloads(claim.transferId(), claim.jobId());
  }

  private Lost lost(long fileId) {
    return database
        .jdbc()
        .sql(
            """
            SELECT file.url, file.lost, job.state, job.status_url, job.restarts
            FROM output_file file
            JOIN export_job job ON job.id = file.job_id WHERE file.id = ?""")
        .param(fileId)
        .query(
            (row, at) ->
                new Lost(
                    row.getString("url"),
                    row.getInt("lost"),
                    new Row(row).constant(JobState.class, "state"),
                    row.getString("status_url") != null,
                    row.getInt("restarts")))
        .single();
  }

  private record Lost(String url, int times, JobState job, boolean jobIsKnown, int restarts) {}
}
