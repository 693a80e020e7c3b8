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

  private static final ClaimQuery<OutputFileClaim> FOR_DOWNLOAD =
      new ClaimQuery<>(
          row ->
              new OutputFileClaim(
                  row.big("id"),
                  row.big("job_id"),
                  row.text("transfer_id"),
                  row.text("payer"),
                  row.big("next_token"),
                  row.number("attempts"),
                  row.ofGate("failing_since"),
                  row.ofGate("refused_since"),
                  row.constant(FileKind.class, "kind"),
                  row.text("resource_type"),
                  row.number("number"),
                  row.text("url"),
                  row.flagOrNull("requires_access_token"),
                  row.bigOrNull("expected_count"),
                  row.instant("updated_at")));

  private final Leases leases;
  private final LedgerDatabase database;

  /** Works on the claims of one node. */
  public OutputFileLedger(Leases leases) {
    this.leases = leases;
    this.database = leases.database();
  }

  /** Claims pending files, at most {@code max}. */
  public List<OutputFileClaim> claimForDownload(int max) {
    return leases.claim(Stage.DOWNLOAD, max, FOR_DOWNLOAD);
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
    return leases.transition(
        claim,
        transfer -> {
          // with its first lease there can be nothing of an earlier fetch
          Before before = claim.leaseToken() == 1 ? Before.nothing(claim) : before(claim.id());
          boolean same = Objects.equals(file.sha256(), before.sha256());
          boolean anew = !same || before.turn() == null;
          PlannedDeliveries deliveries = PlannedDeliveries.of(database, claim);
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
          leases.fanIn().fileEnded(transfer, claim.jobId());
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
    return leases.transition(
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
          if (!leases.update(claim).parked().setTo("lost = lost + 1").run()) {
            return false;
          }
          transfer.event(EventType.MANIFEST_NEEDED, claim.name());
          if (exportLost) {
            startAgain(claim.jobId());
            transfer.event(
                EventType.EXPORT_RESTARTED,
                "job %d: %s".formatted(claim.jobId(), FailureReason.FILE_GONE));
          } else if (lost.job() == JobState.READY) {
            fetchManifest(claim.jobId());
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

  private void fetchManifest(long jobId) {
    database
        .jdbc()
        .sql(
            """
            UPDATE export_job SET state = ?, stage = 'EXPORT_POLL', due_at = CURRENT_TIMESTAMP,
              started_at = CURRENT_TIMESTAMP, polling_since = %s, polls = 0,
              updated_at = CURRENT_TIMESTAMP
            WHERE id = ?"""
                .formatted(GateClock.now(Stage.EXPORT_POLL)))
        .params(JobState.READY.to(JobState.RUNNING).name(), jobId)
        .update();
    parkFiles(jobId);
  }

  private void startAgain(long jobId) {
    database
        .jdbc()
        .sql(
            """
            UPDATE export_job SET state = ?, %s, restarts = restarts + 1,
              updated_at = CURRENT_TIMESTAMP
            WHERE id = ?"""
                .formatted(ClaimedUpdate.RELEASE_THEN_KICK_OFF))
        .params(JobState.READY.to(JobState.REQUESTED).name(), jobId)
        .update();
    parkFiles(jobId);
  }

  /** The job's other URLs are as old. Downloads that run may still succeed. */
  private void parkFiles(long jobId) {
    database
        .jdbc()
        .sql(
            """
            UPDATE output_file SET due_at = NULL
            WHERE job_id = ? AND state = 'PENDING' AND lease_until IS NULL""")
        .param(jobId)
        .update();
  }

  private Before before(long fileId) {
    return database
        .jdbc()
        .sql("SELECT sha256, content, turn, warnings FROM output_file WHERE id = ?")
        .param(fileId)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new Before(
                  row.text("sha256"),
                  row.number("content"),
                  row.bigOrNull("turn"),
                  row.warnings().size());
            })
        .single();
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

  private record Before(String sha256, int content, Long turn, int warnings) {
    static Before nothing(OutputFileClaim claim) {
      return new Before(null, 0, (long) claim.number(), 0);
    }
  }

  private record Lost(String url, int times, JobState job, boolean jobIsKnown, int restarts) {}
}
