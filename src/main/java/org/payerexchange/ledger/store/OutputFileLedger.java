package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.LinkLoss;
import org.payerexchange.ledger.LostUrl;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.StorePlan;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/** Output files from the manifest to the outbox. */
public final class OutputFileLedger {
  private final Leases leases;
  private final PatientBound patients;
  private final LedgerDatabase database;

  /**
   * Works on the claims of one node.
   *
   * @param patients how many there may be of one member
   */
  public OutputFileLedger(Leases leases, PatientBound patients) {
    this.leases = leases;
    this.patients = patients;
    this.database = leases.database();
  }

  /**
   * Records that the file is in the outbox, from where sinks are to have it. One that already took
   * the same content keeps it. Where the Patients of a member's export are too many with those of
   * the file, the export fails instead.
   *
   * @param sinks those that take files while others still come
   */
  public boolean stored(OutputFileClaim claim, FetchedFile file, List<String> sinks) {
    return stored(claim, file, sinks, List.of(), null);
  }

  /** Records that the file is in the outbox, and no sink is to have it as it is. */
  public boolean storedForNobody(OutputFileClaim claim, FetchedFile file) {
    return stored(claim, file, false, List.of(), List.of(), null);
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
    return stored(claim, file, true, sinks, whole, wholeTurn);
  }

  private boolean stored(
      OutputFileClaim claim,
      FetchedFile file,
      boolean delivered,
      List<String> sinks,
      List<String> whole,
      Long wholeTurn) {
    return leases.endsWithOthers(
        claim,
        transfer -> {
          PlannedDeliveries deliveries = new PlannedDeliveries(database);
          LockedJob job = transfer.job(claim.jobId());
          Optional<Failure> tooMany = tooManyPatients(claim, job, file);
          if (tooMany.isPresent()) {
            return leases
                .fanIn()
                .fileFailed(transfer, claim, tooMany.get().reason(), tooMany.get().detail());
          }
          AddedAttachments attachments =
              AddedAttachments.of(file.attachments(), transfer, job, database);
          List<String> warnings = attachments.warnings(file);
          StorePlan plan =
              StorePlan.of(
                  claim.before(),
                  delivered,
                  claim.number(),
                  turn -> deliveries.isLast(transfer, turn),
                  file,
                  sinks,
                  whole,
                  wholeTurn,
                  deliveries.known(transfer));
          if (!leases
              .update(claim)
              .move(FileState.PENDING, FileState.STORED)
              .atRestWithOthers()
              .set("resource_type", claim.resourceType())
              .set("resources", file.resources())
              .set("bytes", file.bytes())
              .set("sha256", file.sha256())
              .set("stamp", file.stamp())
              .set("content", plan.content())
              .set("turn", plan.turn())
              .set("whole_turn", wholeTurn)
              .set("lost", 0)
              .set("warnings", warnings.isEmpty() ? null : String.join("\n", warnings))
              .setTo("stored_at = CURRENT_TIMESTAMP")
              .well()
              .run(transfer)) {
            return false;
          }
          transfer.warn(warnings.size() - claim.before().warnings());
          if (claim.before().sha256() != null || !warnings.isEmpty()) {
            transfer.event(EventType.FILE_STORED, inWords(claim, file, warnings.size()));
          }
          deliveries.write(transfer, plan);
          transfer.hasFile();
          attachments.write(transfer, job, claim.requiresAccessToken(), database);
          leases.fanIn().filesChanged(transfer, job, attachments.toCome(), 1, file.bytes());
          return true;
        });
  }

  private Optional<Failure> tooManyPatients(
      OutputFileClaim claim, LockedJob job, FetchedFile file) {
    if (!claim.holdsPatients() || !job.isMembersOwn()) {
      return Optional.empty();
    }
    long others =
        database
            .jdbc()
            .sql(
                """
                SELECT COALESCE(SUM(resources), 0) FROM output_file
                WHERE job_id = ? AND state = 'STORED' AND %s"""
                    .formatted(LockedTransfer.HOLDS_PATIENTS))
            .param(job.id())
            .query(Long.class)
            .single();
    return patients.exceededBy(others + file.resources());
  }

  /** A file that came as it should, and once, is counted at the end of its job. */
  private static String inWords(OutputFileClaim claim, FetchedFile file, int warnings) {
    String before = claim.before().sha256();
    String again =
        before == null
            ? ""
            : before.equals(file.sha256()) ? ", again" : ", again with another content";
    return "%s: %s resources, %s bytes%s, %s warnings"
        .formatted(claim.name(), file.resources(), file.bytes(), again, warnings);
  }

  /**
   * How many bytes have come for a transfer, in files that are whole; of a batch, for each of its
   * members on an average.
   */
  public long receivedFor(String transferId) {
    return database
        .jdbc()
        .sql(
            """
            SELECT CAST(COALESCE(SUM(received_bytes), 0) / COALESCE(
              (SELECT members FROM member_batch WHERE id = ? AND members > 0), 1) AS BIGINT)
            FROM export_job WHERE transfer_id = ?""")
        .params(transferId, transferId)
        .query(Long.class)
        .single();
  }

  /** How many bytes have come for all transfers of a payer that still go on. */
  public long unfinishedOf(String payer) {
    return database
        .jdbc()
        .sql(
            """
            SELECT COALESCE(SUM(received_bytes), 0)
            FROM export_job job JOIN transfer ON transfer.id = job.transfer_id
            WHERE transfer.payer = ? AND transfer.state = 'MATCHED'
              AND transfer.finished_at IS NULL""")
        .param(payer)
        .query(Long.class)
        .single();
  }

  /**
   * Whether the payer may be asked for what is behind a piece: it is not paused, has not asked for
   * a pause, and its hours are not over.
   */
  public boolean mayAskOn(OutputFileClaim claim) {
    return Gates.bearsCalls(database, claim.payer());
  }

  /**
   * Has the rest of a file, of which a piece has come, asked for once its payer may be. Failures
   * before it still count.
   */
  public boolean restLater(OutputFileClaim claim) {
    return leases.ends(
        claim, transfer -> leases.update(claim).due(Duration.ZERO).keepFailures().run(transfer));
  }

  /**
   * Has the manifest fetched again, because the payer does not know the file's URL any more. The
   * job's pending files wait for it. A file that stays unknown, and of which no more comes, has the
   * job kicked off again, and fails in the end.
   */
  public boolean manifestNeeded(OutputFileClaim claim, LinkLoss loss) {
    return leases.ends(
        claim,
        transfer -> {
          Link link = link(claim);
          LostUrl lost =
              transfer.job(claim.jobId()).lostUrl(link.isLatest(), loss.before(link.lost()));
          ClaimedUpdate update = leases.update(claim).set("lost", lost.counted(loss, link.lost()));
          if (lost == LostUrl.TRY_AGAIN) {
            return update.due(Duration.ZERO).run(transfer);
          }
          if (lost == LostUrl.GIVE_UP) {
            return leases
                .fanIn()
                .fileFailed(
                    transfer, claim, FailureReason.FILE_GONE, "the payer does not have the file");
          }
          if (!update.atRest().run(transfer)) {
            return false;
          }
          transfer.event(EventType.MANIFEST_NEEDED, claim.name());
          if (lost == LostUrl.KICK_OFF) {
            startAgain(transfer, claim);
            transfer.event(
                EventType.EXPORT_RESTARTED,
                "job %s: %s".formatted(claim.jobId(), FailureReason.FILE_GONE));
          } else if (lost == LostUrl.FETCH_MANIFEST) {
            fetchManifest(transfer, claim);
          }
          return true;
        });
  }

  /**
   * Whether nobody has stored a file that came too late, or is going to: it was given up, or is
   * none of the transfer's any more.
   */
  public boolean isNobodys(OutputFileClaim claim) {
    return !database.finds(
        "SELECT 1 FROM output_file WHERE id = ? AND state <> 'FAILED'", claim.id());
  }

  /** The job's other URLs are as old. Downloads that run may still succeed. */
  private void fetchManifest(LockedTransfer transfer, OutputFileClaim claim) {
    database.update(
        """
            UPDATE export_job SET state = ?, started_at = CURRENT_TIMESTAMP, polling_since = %s,
              polls = 0, updated_at = CURRENT_TIMESTAMP
            WHERE id = ?"""
            .formatted(GateClock.now(Stage.EXPORT_POLL, "export_job.payer")),
        JobState.READY.to(JobState.RUNNING).name(),
        claim.jobId());
    transfer.steps().ofJob(claim.jobId(), Stage.EXPORT_POLL, Duration.ZERO);
    transfer.steps().dropWaitingDownloads(claim.jobId());
  }

  private void startAgain(LockedTransfer transfer, OutputFileClaim claim) {
    database.update(
        """
            UPDATE export_job SET state = ?, restarts = restarts + 1, updated_at = CURRENT_TIMESTAMP
            WHERE id = ?""",
        JobState.READY.to(JobState.REQUESTED).name(),
        claim.jobId());
    transfer.steps().startOver(claim.jobId());
    transfer.steps().dropWaitingDownloads(claim.jobId());
  }

  /** What the ledger has of a file's URL. */
  private record Link(boolean isLatest, int lost) {}

  private Link link(OutputFileClaim claim) {
    return database
        .jdbc()
        .sql("SELECT url, lost FROM output_file WHERE id = ?")
        .param(claim.id())
        .query((row, at) -> new Link(row.getString("url").equals(claim.url()), row.getInt("lost")))
        .optional()
        // its step went with it
        .orElse(new Link(false, 0));
  }
}
