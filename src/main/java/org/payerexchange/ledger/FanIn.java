package org.payerexchange.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Hands;
import org.payerexchange.step.Stage;

/**
 * Counts children that end: the last file that is stored and delivered ends its job, the last job
 * the transfer. Their transfer is locked, so that of two the later one sees the earlier.
 */
final class FanIn {
  /** How often a file that was stored may be missing in the outbox until it is given up. */
  private static final int MAX_MISSED = 3;

  private static final String TAKEN =
      "taken out of the outbox, or changed there, again and again before manifest.json";

  private final LedgerDatabase database;
  private final Hands hands;
  private final Duration keepFailedJobs;
  private final OpenFiles openFiles;
  private final Steps steps;

  FanIn(LedgerDatabase database, Hands hands, Duration keepFailedJobs) {
    this.database = database;
    this.hands = hands;
    this.keepFailedJobs = keepFailedJobs;
    this.openFiles = new OpenFiles(database);
    this.steps = new Steps(database);
  }

  /** A kick-off or a poll gives its job up, and the files of an earlier manifest with it. */
  boolean jobFailed(
      LockedTransfer transfer,
      ExportJobClaim claim,
      JobState end,
      FailureReason reason,
      String detail) {
    boolean ended =
        new ClaimedUpdate(database, hands, claim)
            .move(claim.stage() == Stage.EXPORT_POLL ? JobState.RUNNING : JobState.REQUESTED, end)
            .nextRelease(keepFailed(reason))
            .because(reason, detail)
            .setTo("finished_at = CURRENT_TIMESTAMP")
            .run();
    if (ended) {
      transfer.event(
          EventType.valueOf("EXPORT_" + end),
          "job %d: %s: %s".formatted(claim.id(), reason, detail));
      openFiles.endWithJob(transfer.id(), claim.id(), reason, detail);
      jobEnded(transfer);
    }
    return ended;
  }

  /** A download gives its file up; without an error file the job is complete, with a warning. */
  boolean fileFailed(
      LockedTransfer transfer, OutputFileClaim claim, FailureReason reason, String detail) {
    ClaimedUpdate update =
        new ClaimedUpdate(database, hands, claim)
            .move(FileState.PENDING, FileState.FAILED)
            .atRest()
            .because(reason, detail);
    if (claim.kind() == FileKind.ERROR) {
      update.set("warnings", "the payer's error file could not be had: " + reason);
    }
    boolean ended = update.run();
    if (ended) {
      transfer.warn(claim.kind() == FileKind.ERROR ? 1 : 0);
      transfer.event(EventType.FILE_FAILED, "%s: %s: %s".formatted(claim.name(), reason, detail));
      fileEnded(transfer, claim.jobId());
    }
    return ended;
  }

  /** A sink will not take its files. */
  boolean deliveryFailed(
      LockedTransfer transfer, DeliveryClaim claim, FailureReason reason, String detail) {
    boolean ended =
        new ClaimedUpdate(database, hands, claim)
            .move(DeliveryState.PENDING, DeliveryState.FAILED)
            .atRest()
            .because(reason, detail)
            .run();
    if (ended) {
      transfer.event(
          EventType.DELIVERY_FAILED, "%s: %s: %s".formatted(claim.sink(), reason, detail));
      deliveryEnded(transfer);
    }
    return ended;
  }

  /**
   * How long a job is kept at the payer after it failed, so that a retry can go on from there. One
   * that is dead, still at work or not wanted any more is not kept.
   */
  private Duration keepFailed(FailureReason reason) {
    return switch (reason) {
      case JOB_FAILED, JOB_GONE, JOB_EXPIRED, CONSENT_EXPIRED, CANCELLED -> Duration.ZERO;
      default -> keepFailedJobs;
    };
  }

  /**
   * A stored file is not in the outbox, or not as it was: it is downloaded again, a few times.
   *
   * @param number the file's
   */
  void fileMissing(LockedTransfer transfer, int number) {
    Stored file =
        database
            .jdbc()
            .sql(
                """
                SELECT id, job_id, resource_type, state, missed FROM output_file
                WHERE transfer_id = ? AND number = ?""")
            .params(transfer.id(), number)
            .query(
                (results, at) -> {
                  Row row = new Row(results);
                  return new Stored(
                      row.big("id"),
                      row.big("job_id"),
                      FileName.of(row.text("resource_type"), number),
                      row.constant(FileState.class, "state"),
                      row.number("missed"));
                })
            .single();
    if (file.state() != FileState.STORED) {
      return;
    }
    boolean again = file.missed() < MAX_MISSED;
    FileState next = file.state().to(again ? FileState.PENDING : FileState.FAILED);
    database
        .jdbc()
        .sql(
            """
            UPDATE output_file SET state = ?, missed = missed + 1, reason = ?, detail = ?,
              updated_at = CURRENT_TIMESTAMP
            WHERE id = ?""")
        .params(
            next.name(),
            again ? null : FailureReason.FILE_GONE.name(),
            again ? null : TAKEN,
            file.id())
        .update();
    if (again) {
      steps.addDownloads(transfer.id(), file.jobId());
      transfer.event(EventType.FILE_PENDING, file.name() + ": not in the outbox as it was stored");
    } else {
      transfer.event(EventType.FILE_FAILED, file.name() + ": " + TAKEN);
      fileEnded(transfer, file.jobId());
    }
  }

  /** Complete jobs go on with files of theirs that are not in the outbox any more. */
  void reopenJobs(LockedTransfer transfer, List<Integer> files) {
    database
        .jdbc()
        .sql(
            """
            UPDATE export_job SET state = :again, finished_at = NULL, updated_at = CURRENT_TIMESTAMP
            WHERE state = 'COMPLETE' AND id IN (SELECT job_id FROM output_file
              WHERE transfer_id = :transfer AND number IN (:files))""")
        .param("again", JobState.COMPLETE.to(JobState.READY).name())
        .param("transfer", transfer.id())
        .param("files", files)
        .update();
  }

  /** What was delivered need not be kept at the payer any more. */
  boolean releaseJobs(LockedTransfer transfer) {
    steps.addReleases(transfer.id());
    return true;
  }

  /** A job that was released to be kicked off again is; of any other nothing is left to be done. */
  boolean afterRelease(Claim claim, ClaimedUpdate update) {
    boolean again =
        database
            .jdbc()
            .sql("SELECT 1 FROM export_job WHERE id = ? AND state = 'REQUESTED'")
            .param(claim.rowId())
            .query(Integer.class)
            .optional()
            .isPresent();
    return (again
            ? update
                .next(Stage.EXPORT_KICKOFF, Duration.ZERO)
                .set("job_id", null)
                .set("status_url", null)
            : update.atRest())
        .run();
  }

  /** One of the transfer's deliveries has ended: with the last one its jobs do. */
  void deliveryEnded(LockedTransfer transfer) {
    database
        .jdbc()
        .sql("SELECT id FROM export_job WHERE transfer_id = ? AND state = 'READY' ORDER BY id")
        .param(transfer.id())
        .query(Long.class)
        .list()
        .forEach(job -> fileEnded(transfer, job));
  }

  /**
   * One of the job's files, or a delivery of its transfer, has ended, or it has none.
   *
   * @return whether anything is to be done because of it
   */
  boolean fileEnded(LockedTransfer transfer, long jobId) {
    JobRow job =
        database
            .jdbc()
            .sql(
                """
                SELECT state, status_url, resource_count, warnings,
                  EXISTS (SELECT 1 FROM output_file WHERE job_id = export_job.id
                    AND state = 'PENDING')
                  OR EXISTS (SELECT 1 FROM delivery
                    WHERE transfer_id = export_job.transfer_id AND state = 'PENDING') AS open
                FROM export_job WHERE id = ? %s"""
                    .formatted(database.forUpdate()))
            .param(jobId)
            .query(
                (results, at) -> {
                  Row row = new Row(results);
                  return new JobRow(
                      row.constant(JobState.class, "state"),
                      row.text("status_url") != null,
                      row.bigOrNull("resource_count"),
                      row.warnings(),
                      results.getBoolean("open"));
                })
            .single();
    if (job.state() != JobState.READY || job.open()) {
      boolean hasMore = steps.addDownload(transfer, jobId);
      return transfer.wakeDeliveries() || hasMore;
    }
    Optional<Failure> failure =
        firstFailure(
                """
                SELECT reason, detail FROM output_file
                WHERE job_id = ? AND state = 'FAILED' AND kind <> 'ERROR'""",
                jobId)
            .or(
                () ->
                    firstFailure(
                        """
                        SELECT reason, detail FROM delivery
                        WHERE transfer_id = ? AND state = 'FAILED'""",
                        transfer.id()));
    JobState end = failure.isPresent() ? JobState.FAILED : JobState.COMPLETE;
    List<String> warnings = new ArrayList<>(job.warnings());
    if (end == JobState.COMPLETE && job.announced() != null) {
      long arrived = arrived(jobId);
      String differs = "%d resources announced, %d arrived".formatted(job.announced(), arrived);
      if (arrived != job.announced() && !warnings.contains(differs)) {
        warnings.add(differs);
        transfer.warn(1);
      }
    }
    database
        .jdbc()
        .sql(
            """
            UPDATE export_job SET state = ?, reason = ?, detail = ?, warnings = ?,
              finished_at = CURRENT_TIMESTAMP, updated_at = CURRENT_TIMESTAMP
            WHERE id = ?""")
        .params(
            job.state().to(end).name(),
            failure.map(Failure::name).orElse(null),
            failure.map(Failure::detail).orElse(null),
            warnings.isEmpty() ? null : String.join("\n", warnings),
            jobId)
        .update();
    // what is complete is released behind the manifest: until then it may be needed again
    if (failure.isPresent() && job.known()) {
      steps.ofJob(transfer.id(), jobId, Stage.RELEASE, keepFailed(failure.get().reason()));
    }
    transfer.event(
        end == JobState.FAILED ? EventType.EXPORT_FAILED : EventType.EXPORT_COMPLETE,
        "job " + jobId);
    jobEnded(transfer);
    return true;
  }

  /** One of the transfer's jobs has ended. */
  void jobEnded(LockedTransfer transfer) {
    transfer.jobEnds();
    if (database
        .jdbc()
        .sql(
            """
            SELECT 1 FROM export_job WHERE transfer_id = ?
              AND state IN ('REQUESTED', 'RUNNING', 'READY') LIMIT 1""")
        .param(transfer.id())
        .query(Integer.class)
        .optional()
        .isPresent()) {
      transfer.wakeDeliveries();
      return;
    }
    firstFailure(
            "SELECT reason, detail FROM export_job WHERE transfer_id = ? AND state <> 'COMPLETE'",
            transfer.id())
        .ifPresentOrElse(
            failure -> {
              openFiles.endDeliveries(transfer.id(), failure.reason(), failure.detail());
              transfer.end(TransferState.FAILED, failure.reason(), failure.detail());
            },
            transfer::seal);
  }

  private long arrived(long jobId) {
    return database
        .jdbc()
        .sql(
            """
            SELECT COALESCE(SUM(file.resources), 0) FROM output_file file
            JOIN export_job job ON job.id = file.job_id AND job.exports = file.export_number
            WHERE file.job_id = ? AND file.kind = 'OUTPUT'""")
        .param(jobId)
        .query(Long.class)
        .single();
  }

  private Optional<Failure> firstFailure(String sql, Object key) {
    return database
        .jdbc()
        .sql(sql + " ORDER BY id LIMIT 1")
        .param(key)
        .query(
            (row, at) ->
                new Failure(
                    FailureReason.valueOf(row.getString("reason")), row.getString("detail")))
        .optional();
  }

  private record Stored(long id, long jobId, String name, FileState state, int missed) {}

  private record JobRow(
      JobState state, boolean known, Long announced, List<String> warnings, boolean open) {}

  private record Failure(FailureReason reason, String detail) {
    String name() {
      return reason.name();
    }
  }
}
