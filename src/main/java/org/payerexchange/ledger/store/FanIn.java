package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.DeliveryState;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileName;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.JobEnd;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.MissingFile;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.TransferEnd;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Hands;
import org.payerexchange.step.Stage;

/**
 * Counts children that end: the last file that is stored and delivered ends its job, the last job
 * the transfer. Their transfer is locked, so that of two the later one sees the earlier. A counter
 * that comes to 0 is believed once no open child is found.
 */
final class FanIn {
  private final LedgerDatabase database;
  private final Hands hands;
  private final String node;
  private final Duration keepFailedJobs;
  private final OpenFiles openFiles;
  private final BatchMembers members;

  /**
   * Counts on this database.
   *
   * @param node whose the hands are, the actor of what becomes of a batch's members
   */
  FanIn(LedgerDatabase database, Hands hands, Duration keepFailedJobs, String node) {
    this.database = database;
    this.hands = hands;
    this.node = node;
    this.keepFailedJobs = keepFailedJobs;
    this.openFiles = new OpenFiles(database);
    this.members = new BatchMembers(database, node, this);
  }

  /** The members of batches. */
  BatchMembers members() {
    return members;
  }

  /** A kick-off or a poll gives its job up, and the files of an earlier manifest with it. */
  boolean jobFailed(
      LockedTransfer transfer,
      ExportJobClaim claim,
      JobState end,
      FailureReason reason,
      String detail) {
    boolean ended =
        new ClaimedUpdate(database, hands, node, claim)
            .move(claim.state(), end)
            .nextRelease(keepFailed(transfer, reason))
            .because(reason, detail)
            .set("open_files", 0)
            .setTo("finished_at = CURRENT_TIMESTAMP")
            .run(transfer);
    if (ended) {
      transfer.event(
          EventType.valueOf("EXPORT_" + end),
          "%s: %s: %s".formatted(openFiles.inWords(transfer.job(claim.id())), reason, detail));
      if (transfer.job(claim.id()).openFiles() > 0) {
        openFiles.endWithJob(transfer, claim.id(), new Failure(reason, detail));
      }
      jobEnded(transfer, transfer.job(claim.id()), new Failure(reason, detail));
    }
    return ended;
  }

  /** The files of an export cannot be split by member, or by type. */
  boolean splitFailed(
      LockedTransfer transfer, SplitClaim claim, FailureReason reason, String detail) {
    LockedJob job = transfer.job(claim.id());
    boolean ended =
        new ClaimedUpdate(database, hands, node, claim)
            .move(JobState.SPLITTING, JobState.FAILED)
            .atRest()
            .because(reason, detail)
            .setTo("finished_at = CURRENT_TIMESTAMP")
            .run(transfer);
    if (ended) {
      transfer.event(
          EventType.EXPORT_FAILED, "%s: %s: %s".formatted(openFiles.inWords(job), reason, detail));
      transfer.steps().ofJob(claim.id(), Stage.RELEASE, keepFailed(transfer, reason));
      jobEnded(transfer, job, new Failure(reason, detail));
    }
    return ended;
  }

  /** A manifest announces Patients of others: what was stored of its job before goes as well. */
  boolean jobOfOthers(LockedTransfer transfer, ExportJobClaim claim, Failure why) {
    openFiles.endAllWithJob(transfer, claim.id(), why);
    return jobFailed(transfer, claim, JobState.FAILED, why.reason(), why.detail());
  }

  /**
   * A download gives its file up; without an error file the job is complete, with a warning. With a
   * file of Patients that is too large all of a member's export is given up.
   */
  boolean fileFailed(
      LockedTransfer transfer, OutputFileClaim claim, FailureReason reason, String detail) {
    if (claim.kind() == FileKind.ATTACHMENT && !isLatest(claim)) {
      return new ClaimedUpdate(database, hands, node, claim).due(Duration.ZERO).run(transfer);
    }
    ClaimedUpdate update =
        new ClaimedUpdate(database, hands, node, claim)
            .move(FileState.PENDING, FileState.FAILED)
            .atRest()
            .because(reason, detail);
    if (claim.kind().isOptional()) {
      update.set(
          "warnings",
          claim.kind() == FileKind.ERROR
              ? "the payer's error file could not be had: " + reason
              : "the attachment could not be had: %s: %s".formatted(reason, detail));
    }
    boolean ended = update.run(transfer);
    if (ended) {
      transfer.warn(claim.kind().isOptional() ? 1 - claim.before().warnings() : 0);
      transfer.event(EventType.FILE_FAILED, "%s: %s: %s".formatted(claim.name(), reason, detail));
      LockedJob job = transfer.job(claim.jobId());
      if (reason == FailureReason.TOO_LARGE && claim.holdsPatients() && job.isMembersOwn()) {
        exportOfOthers(transfer, job, claim, new Failure(reason, detail));
      } else {
        filesChanged(transfer, job, 0, 1, 0);
      }
    }
    return ended;
  }

  /**
   * Nothing of it goes on, so that its end waits for no delivery, nor for what its manifest, which
   * may be asked for again, names more of it.
   */
  private void exportOfOthers(
      LockedTransfer transfer, LockedJob job, OutputFileClaim claim, Failure why) {
    openFiles.endAllWithJob(transfer, job.id(), why);
    LockedJob now = job.open(0);
    if (job.state() != JobState.REQUESTED && isOfLatestExport(claim, job)) {
      JobEnd.Files files = openFiles.of(now);
      end(
          transfer,
          now,
          JobEnd.of(now.announced(), now.warnings(), files, Optional.empty()),
          files);
    } else {
      // a newer export, which brings all anew, stands for itself
      transfer.count(now);
      transfer.wakeDeliveries();
    }
  }

  private boolean isOfLatestExport(OutputFileClaim claim, LockedJob job) {
    return database.finds(
        "SELECT 1 FROM output_file WHERE id = ? AND export_number = ?", claim.id(), job.exports());
  }

  /** A newer export may have named it meanwhile, by another link. */
  private boolean isLatest(OutputFileClaim claim) {
    return database.finds(
        "SELECT 1 FROM output_file WHERE id = ? AND url = ?", claim.id(), claim.url());
  }

  /** A sink will not take its files. */
  boolean deliveryFailed(
      LockedTransfer transfer, DeliveryClaim claim, FailureReason reason, String detail) {
    boolean ended =
        new ClaimedUpdate(database, hands, node, claim)
            .move(DeliveryState.PENDING, DeliveryState.FAILED)
            .atRest()
            .because(reason, detail)
            .run(transfer);
    if (ended) {
      transfer.tell(listener -> listener.deliveryEnded(claim.sink(), DeliveryState.FAILED));
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
  private Duration keepFailed(LockedTransfer transfer, FailureReason reason) {
    if (transfer.isBatch()) {
      // its members are asked for anew
      return Duration.ZERO;
    }
    return switch (reason) {
      case JOB_FAILED, JOB_GONE, JOB_EXPIRED, CONSENT_EXPIRED, CANCELLED -> Duration.ZERO;
      default -> keepFailedJobs;
    };
  }

  /**
   * Stored files are not in the outbox, or not as they were: they are downloaded again, a few
   * times. Complete jobs go on with them.
   *
   * @param numbers the files'
   */
  void filesMissing(LockedTransfer transfer, List<Integer> numbers) {
    Map<Long, List<MissingFile>> missing = missing(transfer.id(), numbers);
    // all of them before any of them may end again, and the transfer with it
    missing.keySet().forEach(jobId -> reopen(transfer, transfer.job(jobId)));
    missing.forEach((jobId, files) -> filesMissing(transfer, transfer.job(jobId), files));
    // a sink that began once all files were there waits for them again
    transfer.steps().listDeliveriesAnew();
  }

  private void filesMissing(LockedTransfer transfer, LockedJob job, List<MissingFile> files) {
    database.batch(
        """
        UPDATE output_file SET state = ?, missed = missed + 1, reason = ?, detail = ?,
          updated_at = CURRENT_TIMESTAMP
        WHERE id = ?""",
        files.stream()
            .map(
                file ->
                    new Object[] {
                      file.next().name(),
                      file.failure().map(why -> why.reason().name()).orElse(null),
                      file.failure().map(Failure::detail).orElse(null),
                      file.id()
                    })
            .toList());
    files.forEach(
        file ->
            transfer.event(
                file.failure().isPresent() ? EventType.FILE_FAILED : EventType.FILE_PENDING,
                file.inWords()));
    int again = Math.toIntExact(files.stream().filter(file -> file.failure().isEmpty()).count());
    filesChanged(transfer, job, again, 0, 0);
  }

  private void reopen(LockedTransfer transfer, LockedJob job) {
    if (job.state() == JobState.COMPLETE) {
      LockedJob again = job.in(job.state().to(JobState.READY));
      database.update(
          "UPDATE export_job SET state = ?, finished_at = NULL WHERE id = ?",
          again.state().name(),
          job.id());
      transfer.openJobs(1);
      transfer.keep(again);
    }
  }

  private Map<Long, List<MissingFile>> missing(String transferId, List<Integer> numbers) {
    Map<Long, List<MissingFile>> byJob = new LinkedHashMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT file.id, file.job_id, resource_type, number, missed, job.state AS job_state,
              file.url = '' AS made_here
            FROM output_file file JOIN export_job job ON job.id = file.job_id
            WHERE file.transfer_id = :transfer AND number IN (:numbers) AND file.state = 'STORED'
            ORDER BY file.job_id, number""")
        .param("transfer", transferId)
        .param("numbers", numbers)
        .query(
            results -> {
              Row row = new Row(results);
              byJob
                  .computeIfAbsent(row.big("job_id"), job -> new ArrayList<>())
                  .add(
                      new MissingFile(
                          row.big("id"),
                          FileName.of(row.text("resource_type"), row.number("number")),
                          row.flagOrNull("made_here"),
                          row.constant(JobState.class, "job_state"),
                          row.number("missed")));
            });
    return byJob;
  }

  /** What was delivered need not be kept at the payer any more. */
  boolean releaseJobs(LockedTransfer transfer) {
    transfer.steps().addReleases();
    return true;
  }

  /** A job that was released to be kicked off again is; of any other nothing is left to be done. */
  boolean afterRelease(LockedTransfer transfer, Claim claim, ClaimedUpdate update) {
    boolean again = transfer.job((Long) claim.rowId()).state() == JobState.REQUESTED;
    boolean done =
        (again
                ? update
                    .next(Stage.EXPORT_KICKOFF, Duration.ZERO)
                    .set("job_id", null)
                    .set("status_url", null)
                : update.atRest())
            .run(transfer);
    if (done && transfer.isBatch() && transfer.state().terminal()) {
      transfer.steps().addMatchRelease();
    }
    return done;
  }

  /** One of the transfer's deliveries has ended: with the last one its jobs do. */
  void deliveryEnded(LockedTransfer transfer) {
    transfer.openDeliveries(-1);
    if (transfer.openDeliveries() == 0) {
      transfer
          .jobs("job.state = 'READY' AND job.open_files = 0")
          .forEach(job -> filesChanged(transfer, job, 0, 0, 0));
    }
  }

  /**
   * Files of a job are to come, have ended, or it has none. With the last one the job ends.
   *
   * @param toCome how many are to come, beside those that were
   * @param ended how many need not be had any more
   * @param bytes what came of it
   */
  void filesChanged(LockedTransfer transfer, LockedJob job, int toCome, int ended, long bytes) {
    filesChanged(transfer, job, toCome - ended, bytes);
    if (toCome > 0 && job.state() == JobState.READY) {
      transfer.steps().addDownloads(job.id());
    }
  }

  private void filesChanged(LockedTransfer transfer, LockedJob job, int more, long bytes) {
    LockedJob now = job.open(job.openFiles() + more).receives(bytes);
    if (bytes > 0) {
      transfer.tell(listener -> listener.received(transfer.payer(), bytes));
    }
    if (isNear(transfer, now)) {
      Undelivered undelivered = undelivered(transfer);
      JobEnd.Files files = openFiles.of(now);
      transfer.openDeliveries(undelivered.open() - transfer.openDeliveries());
      now = now.open(files.open());
      if (isNear(transfer, now)) {
        end(
            transfer,
            now,
            JobEnd.of(
                now.announced(),
                now.warnings(),
                files,
                splits(now) ? Optional.empty() : undelivered.failure()),
            files);
        return;
      }
    }
    if (more == 0 && now.openFiles() == job.openFiles()) {
      transfer.keep(now);
    } else {
      transfer.count(now);
    }
    transfer.steps().addDownload(now);
    transfer.wakeDeliveries();
  }

  /** What a split makes is delivered behind it, with what else there is of the transfer. */
  private static boolean isNear(LockedTransfer transfer, LockedJob job) {
    return JobEnd.isNear(job.state(), job.openFiles(), splits(job) ? 0 : transfer.openDeliveries());
  }

  private static boolean splits(LockedJob job) {
    return job.kind().splits().isPresent();
  }

  private void end(LockedTransfer transfer, LockedJob job, JobEnd end, JobEnd.Files files) {
    boolean splits = splits(job) && end.failure().isEmpty();
    JobState state = splits ? JobState.READY.to(JobState.SPLITTING) : end.state();
    database.update(
        """
            UPDATE export_job SET state = ?, reason = ?, detail = ?, warnings = ?, open_files = 0,
              received_bytes = received_bytes + ?, updated_at = CURRENT_TIMESTAMP,
              finished_at = CASE WHEN CAST(? AS BOOLEAN) THEN NULL ELSE CURRENT_TIMESTAMP END
            WHERE id = ?""",
        state.name(),
        end.failure().map(why -> why.reason().name()).orElse(null),
        end.failure().map(Failure::detail).orElse(null),
        end.warnings().isEmpty() ? null : String.join("\n", end.warnings()),
        job.received(),
        splits,
        job.id());
    LockedJob ended = job.in(state).open(0).receives(-job.received());
    transfer.counted(ended);
    transfer.warn(end.newWarnings());
    // what is complete is released behind the manifest: until then it may be needed again
    if (end.failure().isPresent() && job.known()) {
      transfer
          .steps()
          .ofJob(job.id(), Stage.RELEASE, keepFailed(transfer, end.failure().get().reason()));
    }
    transfer.event(
        EventType.valueOf("EXPORT_" + state), "job %s: %s".formatted(job.id(), files.inWords()));
    if (splits) {
      transfer.steps().ofJob(job.id(), job.kind().splits().get(), Duration.ZERO);
    } else {
      jobEnded(transfer, ended, end.failure().orElse(null));
    }
  }

  private void jobEnded(LockedTransfer transfer, LockedJob job, Failure why) {
    if (transfer.isBatch() && why != null) {
      // those who are asked for again share another export
      openFiles.remove(job.id());
      members.jobFailed(transfer, job, why);
    }
    jobEnded(transfer);
  }

  /** One of the transfer's jobs has ended. */
  void jobEnded(LockedTransfer transfer) {
    transfer.jobEnds();
    Optional<TransferEnd> end =
        transfer.openJobs() == 0 ? TransferEnd.of(jobs(transfer)) : Optional.empty();
    if (end.isEmpty()) {
      transfer.wakeDeliveries();
      return;
    }
    if (transfer.isBatch()) {
      Failure failure = end.get().failure().orElse(null);
      transfer.endBatch(failure == null ? TransferState.COMPLETE : TransferState.FAILED, failure);
      return;
    }
    end.get()
        .failure()
        .ifPresentOrElse(
            failure -> {
              openFiles.endDeliveries(transfer, failure);
              transfer.end(TransferState.FAILED, failure);
            },
            transfer::seal);
  }

  /** All jobs; the counter is set by those that are open after all. */
  private List<TransferEnd.Job> jobs(LockedTransfer transfer) {
    List<TransferEnd.Job> jobs =
        database
            .jdbc()
            .sql(
                """
                SELECT state, reason, detail FROM export_job WHERE transfer_id = ? ORDER BY id""")
            .param(transfer.id())
            .query(
                (results, at) -> {
                  Row row = new Row(results);
                  return new TransferEnd.Job(
                      row.constant(JobState.class, "state"), Failure.of(row));
                })
            .list();
    jobs.stream().filter(job -> !job.state().terminal()).forEach(open -> transfer.openJobs(1));
    return jobs;
  }

  private Undelivered undelivered(LockedTransfer transfer) {
    if (!transfer.delivers()) {
      return new Undelivered(0, Optional.empty());
    }
    List<Delivery> deliveries =
        database
            .jdbc()
            .sql(
                """
                SELECT state, reason, detail FROM delivery
                WHERE transfer_id = ? AND state <> 'DONE' ORDER BY id""")
            .param(transfer.id())
            .query(
                (results, at) -> {
                  Row row = new Row(results);
                  return new Delivery(row.constant(DeliveryState.class, "state"), Failure.of(row));
                })
            .list();
    Map<DeliveryState, List<Failure>> by =
        deliveries.stream()
            .collect(
                Collectors.groupingBy(
                    Delivery::state, Collectors.mapping(Delivery::failure, Collectors.toList())));
    return new Undelivered(
        by.getOrDefault(DeliveryState.PENDING, List.of()).size(),
        by.getOrDefault(DeliveryState.FAILED, List.of()).stream().findFirst());
  }

  private record Delivery(DeliveryState state, Failure failure) {}

  private record Undelivered(int open, Optional<Failure> failure) {}
}
