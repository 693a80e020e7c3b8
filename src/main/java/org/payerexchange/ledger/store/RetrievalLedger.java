package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.List;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FileNumbers;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.step.Stage;

/** Data that is read page by page, until its files stand in the transfer's folder. */
public final class RetrievalLedger {
  private final Leases leases;

  /** Works on the claims of one node. */
  public RetrievalLedger(Leases leases) {
    this.leases = leases;
  }

  /**
   * Whether the next page may be asked for: the payer is not paused, has not asked for a pause, and
   * its hours are not over.
   */
  public boolean bearsCalls(String payer) {
    return leases.bearsCalls(payer);
  }

  /**
   * Records how far a retrieval is. The step goes on.
   *
   * @param checkpoint in the retrieval's own words; PHI
   * @param bytes how much of it is on the disk: it counts among what the payer has sent
   * @param gotOn whether anything was had, so that what failed before is over
   * @return false if the step is another node's by now
   */
  public boolean reached(ExportJobClaim claim, String checkpoint, long bytes, boolean gotOn) {
    ClaimedUpdate update =
        leases
            .update(claim)
            .keepLeased(leases.duration())
            .set("checkpoint", checkpoint)
            .set("received_bytes", bytes);
    return (gotOn ? update.forgetFailures().well() : update).runAlone();
  }

  /**
   * Records that the payer refuses the way in which its data was to be had, and that another is
   * tried. The step goes on.
   *
   * @param checkpoint the beginning of the other way, in the retrieval's own words
   * @param why in words without PHI
   * @return false if the step is another node's by now
   */
  public boolean otherwise(ExportJobClaim claim, String checkpoint, String why) {
    return leases.transition(
        claim,
        transfer -> {
          transfer.event(EventType.ASKED_OTHERWISE, "job %s: %s".formatted(claim.id(), why));
          return leases
              .update(claim)
              .keepLeased(leases.duration())
              .set("checkpoint", checkpoint)
              .forgetFailures()
              .well()
              .run(transfer);
        });
  }

  /** Has the retrieval go on behind its checkpoint, once others had their turn. */
  public boolean goesOnLater(ExportJobClaim claim) {
    return leases.update(claim).due(Duration.ZERO).keepFailures().runAlone();
  }

  /** The payer is asked for an export instead. */
  public boolean exportInstead(ExportJobClaim claim) {
    return leases.ends(
        claim,
        transfer ->
            leases
                .update(claim)
                .next(Stage.EXPORT_KICKOFF, Duration.ZERO)
                .set("kind", JobKind.EXPORT.name())
                .set("checkpoint", null)
                .run(transfer));
  }

  /** Whether nobody is going to record files of the retrieval: it was given up. */
  public boolean isOver(ExportJobClaim claim) {
    return leases
        .database()
        .finds(
            "SELECT 1 FROM export_job WHERE id = ? AND state IN ('FAILED', 'CANCELLED')",
            claim.id());
  }

  /** How the transfer's files are numbered. */
  public FileNumbers numbers(ExportJobClaim claim) {
    return new OwnFiles(leases.database()).numbers(claim.transferId(), claim.id());
  }

  /**
   * Records that all pages were read, and that the files of them stand in the transfer's folder,
   * from where sinks are to have them.
   *
   * @param transactionTime the instant that they reflect, as the payer wrote it, or null
   * @param files none if the payer has nothing of the member
   * @param warnings what is missing, in words without PHI
   * @param sinks that take files while others still come
   * @param whole sinks that begin once all files are there
   * @return false if the step is another node's by now
   */
  public boolean retrieved(
      ExportJobClaim claim,
      String transactionTime,
      List<SplitFile> files,
      List<String> warnings,
      List<String> sinks,
      List<String> whole) {
    return leases.ends(
        claim,
        transfer -> {
          LockedJob job = transfer.job(claim.id());
          if (!leases
              .update(claim)
              .move(JobState.REQUESTED, JobState.READY)
              .atRest()
              .set("open_files", 0)
              .set("transaction_time", transactionTime)
              .set("checkpoint", null)
              // the files hold what the pages did
              .set("received_bytes", 0)
              .set("warnings", warnings.isEmpty() ? null : String.join("\n", warnings))
              .setTo("exports = exports + 1")
              .well()
              .run(transfer)) {
            return false;
          }
          LockedJob ready = transfer.reread(claim.id());
          transfer.warn(warnings.size() - job.warnings().size());
          transfer.event(
              EventType.EXPORT_READY, "job %s: %s files".formatted(claim.id(), files.size()));
          int attachments =
              new OwnFiles(leases.database()).store(transfer, ready, files, null, sinks, whole);
          leases
              .fanIn()
              .filesChanged(
                  transfer,
                  transfer.job(claim.id()),
                  attachments,
                  0,
                  files.stream().mapToLong(file -> file.file().bytes()).sum());
          return true;
        });
  }
}
