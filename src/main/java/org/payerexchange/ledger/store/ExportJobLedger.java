package org.payerexchange.ledger.store;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.LastExport;
import org.payerexchange.ledger.ManifestFacts;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.Progress;
import org.payerexchange.ledger.Row;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/** Export jobs: kick-off, polls, manifest, release (FHIR Bulk Data Access 2). */
public final class ExportJobLedger {
  /** How often a job that the payer lost is kicked off again. */
  static final int MAX_RESTARTS = 2;

  /**
   * Of an export_job: its transfer lacks nothing, all of it was delivered, and the member had
   * consented to as much as in the transfer whose id is asked for. (Of transfers before step 17 of
   * the schema that is not known.) What is said of an attachment that is there tells of nothing
   * that is missing: another export would bring the same.
   */
  static final String DELIVERED_WHOLE =
      """
      EXISTS (SELECT 1 FROM transfer
        LEFT JOIN transfer_consent consent ON consent.transfer_id = transfer.id
        LEFT JOIN transfer_consent own ON own.transfer_id = ?
        WHERE transfer.id = export_job.transfer_id
        AND COALESCE(consent.policy = own.policy, TRUE)
        AND transfer.state <> 'MATCHED' AND transfer.warnings =
          (SELECT SUM(remarks) FROM export_job job WHERE job.transfer_id = transfer.id)
          + (SELECT COALESCE(SUM(remarks), 0) FROM delivery_remarks
            JOIN delivery ON delivery.id = delivery_id AND delivery.updated_at = ended_at
            WHERE delivery.transfer_id = transfer.id)
          + (SELECT COALESCE(SUM(LENGTH(warnings) - LENGTH(REPLACE(warnings, '\n', '')) + 1), 0)
            FROM output_file WHERE output_file.transfer_id = transfer.id
            AND output_file.kind = 'ATTACHMENT' AND output_file.state = 'STORED'))
      AND EXISTS (SELECT 1 FROM output_file WHERE output_file.job_id = export_job.id
        AND output_file.kind = 'OUTPUT' AND output_file.resources > 0)""";

  private static final int PROGRESS_LENGTH = 500;
  private static final Duration UNTIL_RELEASED = Duration.ofSeconds(30);

  private final Leases leases;
  private final Manifests manifests;

  /**
   * Works on the claims of one node.
   *
   * @param patients how many there may be of one member
   */
  public ExportJobLedger(Leases leases, PatientBound patients) {
    this.leases = leases;
    this.manifests = new Manifests(leases, patients);
  }

  /**
   * The latest export of the same group that was delivered whole, in another transfer. One with a
   * warning lacks something that the payer did not have, or a sink did not take; remarks are no
   * such warnings. One that brought nothing says nothing: the payer may not have had the data yet.
   * Nor does one under another consent policy: the payer may have kept back what it may give now.
   *
   * @return empty if there is none
   */
  public Optional<LastExport> lastDelivered(ExportJobClaim claim) {
    return leases
        .database()
        .jdbc()
        .sql(
            """
            SELECT transaction_time, kickoff_started_at, asked_for FROM export_job
            WHERE payer = ? AND group_id = ? AND transfer_id <> ? AND state = 'COMPLETE'
              AND %s
            ORDER BY finished_at DESC LIMIT 1"""
                .formatted(DELIVERED_WHOLE))
        .params(claim.payer(), claim.groupId(), claim.transferId(), claim.transferId())
        .query((row, at) -> LastExport.of(new Row(row)))
        .optional();
  }

  /**
   * What an export that members share asks for.
   *
   * @param patients the payer's Patients whom it still serves; PHI
   * @param since from when on it asks; null for all
   * @param named whether it asks for these Patients alone, rather than for the whole Group
   */
  public record SharedScope(List<String> patients, Instant since, boolean named) {
    /** Not the Patients. */
    @Override
    public String toString() {
      return "SharedScope[%s patients]".formatted(patients.size());
    }
  }

  /**
   * What a shared export asks for; members whose consent has ended are left out.
   *
   * @param today the day in UTC
   * @return empty for the export of one transfer
   */
  public Optional<SharedScope> sharedScope(ExportJobClaim claim, LocalDate today) {
    return leases
        .database()
        .jdbc()
        .sql(
            """
            SELECT since, named,
              (SELECT COUNT(*) FROM export_job part WHERE part.shared_job = export_job.id) AS parts
            FROM export_job WHERE id = ? AND kind = 'SHARED'""")
        .param(claim.id())
        .query(
            (results, at) -> {
              Row row = new Row(results);
              List<String> patients = patients(claim.id(), today);
              // of a whole Group those who have left since would come as well
              boolean named = row.flagOrNull("named") || patients.size() < row.number("parts");
              return new SharedScope(patients, row.instant("since"), named);
            })
        .optional();
  }

  private List<String> patients(long sharedJob, LocalDate today) {
    return leases
        .database()
        .jdbc()
        .sql(
            """
            SELECT request.patient_id FROM export_job part
            JOIN transfer ON transfer.id = part.transfer_id
            JOIN transfer_request request ON request.transfer_id = part.transfer_id
            WHERE part.shared_job = ? AND part.state = 'REQUESTED'
              AND (transfer.consent_end IS NULL OR transfer.consent_end >= ?)
            ORDER BY part.transfer_id""")
        .params(sharedJob, today)
        .query(String.class)
        .list();
  }

  /**
   * Records that the kick-off request is about to be sent: it is not idempotent at the payer. Where
   * an earlier kick-off's answer was lost, the event is KICKOFF_REPEATED.
   *
   * @param asked what the request is limited to
   */
  public boolean kickoffStarted(ExportJobClaim claim, AskedFor asked) {
    return started(
        leases,
        claim,
        "job " + claim.id(),
        update ->
            update
                .set("asked_for", asked.scope())
                .set("since", LedgerDatabase.time(asked.since()))
                .set("asked_for_all", asked.allBecause()));
  }

  /**
   * Records that the payer refused the kick-off: nothing was started there, so that another is no
   * repetition of this one.
   */
  public boolean kickoffRefused(ExportJobClaim claim) {
    return nothingStarted(leases.update(claim).keepHeld(leases.duration()), claim).runAlone();
  }

  /** This kick-off started nothing; one before it may have. */
  static ClaimedUpdate nothingStarted(ClaimedUpdate update, ExportJobClaim claim) {
    return claim.mayBeStarted() ? update : update.set("kickoff_started_at", null);
  }

  /** As {@link #kickoffStarted}, of any job. */
  static boolean started(
      Leases leases, ExportJobClaim claim, String job, UnaryOperator<ClaimedUpdate> more) {
    return leases.transition(
        claim,
        transfer -> {
          transfer.event(
              transfer.job(claim.id()).kickoffStarted()
                  ? EventType.KICKOFF_REPEATED
                  : EventType.KICKOFF_STARTED,
              job);
          return more.apply(
                  leases
                      .update(claim)
                      .keepHeld(leases.duration())
                      .setTo("kickoff_started_at = CURRENT_TIMESTAMP"))
              .run(transfer);
        });
  }

  /**
   * Records that the payer took the job. One that was cancelled while the payer was asked is
   * released there.
   *
   * @param jobId the payer's id of the job, or null where it names none
   * @param statusUrl the URL to poll and, in the end, to delete
   */
  public boolean running(
      ExportJobClaim claim, String jobId, String statusUrl, Duration firstPollIn) {
    return leases.ends(
        claim,
        transfer -> {
          boolean running =
              leases
                  .update(claim)
                  .move(JobState.REQUESTED, JobState.RUNNING)
                  .next(claim.stage().poll(), firstPollIn)
                  .set("job_id", jobId)
                  .set("status_url", statusUrl)
                  .set("polls", 0)
                  .set("refused_polls", 0)
                  .set("released_at", null)
                  .setTo("exports = exports + 1")
                  .setTo("started_at = CURRENT_TIMESTAMP")
                  .setTo("polling_since = " + GateClock.now(Stage.EXPORT_POLL, "export_job.payer"))
                  .well()
                  .run(transfer);
          if (running) {
            transfer.event(EventType.EXPORT_RUNNING, "job " + claim.id());
            return true;
          }
          if (releaseCancelled(claim, jobId, statusUrl)) {
            transfer.steps().ofJob(claim.id(), Stage.RELEASE, Duration.ZERO);
            transfer.event(
                EventType.EXPORT_CANCELLED,
                "job %s: the payer took it after the cancel".formatted(claim.id()));
            return true;
          }
          return false;
        });
  }

  private boolean releaseCancelled(ExportJobClaim claim, String jobId, String statusUrl) {
    return leases
            .database()
            .update(
                """
                UPDATE export_job SET job_id = ?, status_url = ?, updated_at = CURRENT_TIMESTAMP
                WHERE id = ? AND state = 'CANCELLED' AND status_url IS NULL""",
                jobId,
                statusUrl,
                claim.id())
        == 1;
  }

  /**
   * Whether a job that a lost lease brought is nobody's: the payer may have given the same one to
   * the next who asked.
   */
  public boolean isSurplus(ExportJobClaim claim, String statusUrl) {
    return !leases
        .database()
        .finds("SELECT 1 FROM export_job WHERE id = ? AND status_url = ?", claim.id(), statusUrl);
  }

  /** Records that such a job was given up at the payer. */
  public boolean surplusReleased(ExportJobClaim claim) {
    return leases.transition(
        claim,
        transfer -> {
          transfer.event(
              EventType.EXPORT_RELEASED,
              "job %s: one that was started twice".formatted(claim.id()));
          return true;
        });
  }

  /**
   * Records a poll that found the job still running. No state changes, so that no event is written.
   */
  public boolean stillRunning(ExportJobClaim claim, Progress progress, Duration nextPollIn) {
    String text = progress.text();
    return leases
        .update(claim)
        .due(nextPollIn)
        .set(
            "progress",
            text == null || text.length() <= PROGRESS_LENGTH
                ? text
                : text.substring(0, PROGRESS_LENGTH))
        .setTo("polls = polls + 1")
        .set("refused_polls", 0)
        .well()
        .runAlone();
  }

  /**
   * Records the manifest: the job is READY and all its files are rows, in one commit. A manifest
   * without files completes the job. One that is fetched again is matched by URL, else by kind,
   * type and the order among those: a file keeps its number, and what is not fetched gets its new
   * URL. One that announces more Patients than a member's export may hold fails the job.
   */
  public boolean ready(ExportJobClaim claim, ManifestFacts facts, List<NewFile> files) {
    return manifests.ready(claim, facts, files);
  }

  /** As {@link #startAgain(ExportJobClaim, FailureReason, Duration)}, at once. */
  public boolean startAgain(ExportJobClaim claim, FailureReason why) {
    return startAgain(claim, why, Duration.ZERO);
  }

  /**
   * Has a lost job kicked off again after {@code wait}, at most twice; after that the job fails for
   * {@code why}.
   */
  public boolean startAgain(ExportJobClaim claim, FailureReason why, Duration wait) {
    return leases.ends(
        claim,
        transfer -> {
          if (claim.restarts() >= MAX_RESTARTS) {
            return leases
                .fanIn()
                .jobFailed(transfer, claim, JobState.FAILED, why, "lost again and again");
          }
          transfer.event(EventType.EXPORT_RESTARTED, "job %s: %s".formatted(claim.id(), why));
          return leases
              .update(claim)
              .move(JobState.RUNNING, JobState.REQUESTED)
              .next(claim.stage().kickoff(), wait)
              .set("job_id", null)
              .set("status_url", null)
              .set("kickoff_started_at", null)
              .setTo("restarts = restarts + 1")
              .run(transfer);
        });
  }

  /** Ends a job that is still at work after the poll deadline, and cancels it at the payer. */
  public boolean expired(ExportJobClaim claim, String detail) {
    return leases.ends(
        claim,
        transfer ->
            leases
                .fanIn()
                .jobFailed(transfer, claim, JobState.EXPIRED, FailureReason.JOB_EXPIRED, detail));
  }

  /** Has the release wait, since links of the export are still needed. */
  public boolean releasedLater(ExportJobClaim claim) {
    return leases.update(claim).due(UNTIL_RELEASED).keepFailures().runAlone();
  }

  /** Records that the payer deleted the job, or does not know it any more. */
  public boolean released(ExportJobClaim claim) {
    return leases.ends(
        claim,
        transfer -> {
          transfer.event(EventType.EXPORT_RELEASED, "job " + claim.id());
          return leases
              .fanIn()
              .afterRelease(
                  transfer, claim, leases.update(claim).setTo("released_at = CURRENT_TIMESTAMP"));
        });
  }
}
