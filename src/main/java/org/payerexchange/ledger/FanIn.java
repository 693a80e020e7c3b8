package org.payerexchange.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Hands;
import org.payerexchange.step.Stage;

/**
 * Counts children that end: the last delivery ends its file, the last file its job, the last job
 * the transfer. Their transfer is locked, so that of two the later one sees the earlier.
 */
final class FanIn {
  private final LedgerDatabase database;
  private final Hands hands;
  private final Duration keepFailedJobs;
  private final OpenFiles openFiles;

  FanIn(LedgerDatabase database, Hands hands, Duration keepFailedJobs) {
    this.database = database;
    this.hands = hands;
    this.keepFailedJobs = keepFailedJobs;
    this.openFiles = new OpenFiles(database);
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
      openFiles.endWithJob(claim.id(), reason, detail);
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
      openFiles.endDeliveries(claim.id(), reason, detail);
      fileEnded(transfer, claim.jobId());
    }
    return ended;
  }

  /** A sink will not take its file. */
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
          EventType.DELIVERY_FAILED,
          "%s to %s: %s: %s".formatted(claim.name(), claim.sink(), reason, detail));
      deliveryEnded(transfer, claim.fileId());
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
   * One of a fetched file's deliveries has ended, or it has none.
   *
   * @return whether all sinks have the file now
   */
  boolean deliveryEnded(LockedTransfer transfer, long fileId) {
    FetchedRow file =
        database
            .jdbc()
            .sql(
                """
                SELECT file.job_id, file.resource_type, file.number, file.state,
                  COUNT(CASE WHEN delivery.state = 'PENDING' THEN 1 END) AS open,
                  COUNT(CASE WHEN delivery.state = 'FAILED' THEN 1 END) AS failed
                FROM output_file file LEFT JOIN delivery ON delivery.file_id = file.id
                WHERE file.id = ?
                GROUP BY file.job_id, file.resource_type, file.number, file.state""")
            .param(fileId)
            .query(
                (results, at) -> {
                  Row row = new Row(results);
                  return new FetchedRow(
                      row.big("job_id"),
                      FileName.of(row.text("resource_type"), row.number("number")),
                      row.constant(FileState.class, "state"),
                      row.number("open"),
                      row.number("failed"));
                })
            .single();
    if (file.state() != FileState.FETCHED || file.open() > 0) {
      return false;
    }
    Optional<Failure> failure =
        file.failed() == 0
            ? Optional.empty()
            : firstFailure(
                "SELECT reason, detail FROM delivery WHERE file_id = ? AND state = 'FAILED'",
                fileId);
    FileState end = failure.isPresent() ? FileState.FAILED : FileState.DELIVERED;
    database
        .jdbc()
        .sql(
            """
            UPDATE output_file SET state = ?, reason = ?, detail = ?,
              updated_at = CURRENT_TIMESTAMP WHERE id = ?""")
        .params(
            file.state().to(end).name(),
            failure.map(Failure::name).orElse(null),
            failure.map(Failure::detail).orElse(null),
            fileId)
        .update();
    transfer.event(
        end == FileState.FAILED ? EventType.FILE_FAILED : EventType.FILE_DELIVERED, file.name());
    fileEnded(transfer, file.jobId());
    return end == FileState.DELIVERED;
  }

  /** One of the job's files has ended, or it has none. */
  void fileEnded(LockedTransfer transfer, long jobId) {
    JobRow job =
        database
            .jdbc()
            .sql(
                """
                SELECT state, resource_count, warnings,
                  EXISTS (SELECT 1 FROM output_file WHERE job_id = export_job.id
                    AND state IN ('PENDING', 'FETCHED')) AS open
                FROM export_job WHERE id = ? %s"""
                    .formatted(database.forUpdate()))
            .param(jobId)
            .query(
                (results, at) -> {
                  Row row = new Row(results);
                  return new JobRow(
                      row.constant(JobState.class, "state"),
                      row.bigOrNull("resource_count"),
                      row.warnings(),
                      results.getBoolean("open"));
                })
            .single();
    if (job.state() != JobState.READY || job.open()) {
      return;
    }
    Optional<Failure> failure =
        firstFailure(
            """
            SELECT reason, detail FROM output_file
            WHERE job_id = ? AND state = 'FAILED' AND kind <> 'ERROR'""",
            jobId);
    JobState end = failure.isPresent() ? JobState.FAILED : JobState.COMPLETE;
    List<String> warnings = new ArrayList<>(job.warnings());
    if (end == JobState.COMPLETE && job.announced() != null) {
      long arrived = arrived(jobId);
      if (arrived != job.announced()) {
        warnings.add("%d resources announced, %d arrived".formatted(job.announced(), arrived));
        transfer.warn(1);
      }
    }
    database
        .jdbc()
        .sql(
            """
            UPDATE export_job SET state = ?, reason = ?, detail = ?, warnings = ?,
              finished_at = CURRENT_TIMESTAMP, updated_at = CURRENT_TIMESTAMP,
              %s
            WHERE id = ?"""
                .formatted(ClaimedUpdate.RELEASE_NEXT))
        .params(
            job.state().to(end).name(),
            failure.map(Failure::name).orElse(null),
            failure.map(Failure::detail).orElse(null),
            warnings.isEmpty() ? null : String.join("\n", warnings),
            LedgerDatabase.seconds(
                failure.map(Failure::reason).map(this::keepFailed).orElse(Duration.ZERO)),
            jobId)
        .update();
    transfer.event(
        end == JobState.FAILED ? EventType.EXPORT_FAILED : EventType.EXPORT_COMPLETE,
        "job " + jobId);
    jobEnded(transfer);
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
      return;
    }
    firstFailure(
            "SELECT reason, detail FROM export_job WHERE transfer_id = ? AND state <> 'COMPLETE'",
            transfer.id())
        .ifPresentOrElse(
            failure -> transfer.end(TransferState.FAILED, failure.reason(), failure.detail()),
            () -> transfer.end(TransferState.COMPLETE, null, null));
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

  private record FetchedRow(long jobId, String name, FileState state, int open, int failed) {}

  private record JobRow(JobState state, Long announced, List<String> warnings, boolean open) {}

  private record Failure(FailureReason reason, String detail) {
    String name() {
      return reason.name();
    }
  }
}
