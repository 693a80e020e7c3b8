package org.payerexchange.ledger;

import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Lease;
import org.payerexchange.step.Stage;

/**
 * An export job, claimed for kick-off, retrieval, poll or release.
 *
 * @param kind what it exports, or matches
 * @param groupId the payer's group of this member, as {@code $member-match} gave it
 * @param jobId the payer's job id, or null before kick-off or where the payer names none
 * @param statusUrl the URL that is polled and deleted, or null before kick-off
 * @param consentEnd the last day of the consent (UTC), or null where it has no end; read for a
 *     kick-off and a retrieval only, null otherwise
 * @param patientId the payer's Patient whose data is asked for, where it is not a group's; PHI;
 *     read as {@code consentEnd} is, and null of a group
 * @param checkpoint how far a retrieval is, in its own words; null before its first page
 * @param mayBeStarted whether a kick-off before had no answer, so that the payer may have its job
 * @param startedAt when the running job was accepted, as much later as the payer was held since; or
 *     null before kick-off
 * @param polls how often the running job was found not ready
 * @param restarts how often the job was lost at the payer and started again
 * @param refusedPolls how many polls in a row were answered with a failure that the payer stands by
 * @param unanswered how many polls in a row failed, {@code refusedPolls} apart; 0 where the latest
 *     got an answer
 * @param needed whether a release is too early: members still wait for attachments of the export;
 *     read for a release only, false otherwise
 */
public record ExportJobClaim(
    long id,
    String transferId,
    String payer,
    Lease lease,
    Stage stage,
    JobKind kind,
    String groupId,
    String jobId,
    String statusUrl,
    LocalDate consentEnd,
    String patientId,
    String checkpoint,
    boolean mayBeStarted,
    Instant startedAt,
    int polls,
    int restarts,
    int refusedPolls,
    int unanswered,
    boolean needed)
    implements Claim {
  /** Of a row of the claim, whatever its kind. */
  public static ExportJobClaim of(Row row, Stage stage) throws SQLException {
    return of(row, stage, null, null, false);
  }

  /** With what is read for a release only. */
  public static ExportJobClaim over(Row row) throws SQLException {
    return of(row, Stage.RELEASE, null, null, row.flagOrNull("needed"));
  }

  /** With what is read for a kick-off and a retrieval only. */
  public static ExportJobClaim begun(Row row, Stage stage) throws SQLException {
    return of(row, stage, row.date("consent_end"), row.text("patient_id"), false);
  }

  private static ExportJobClaim of(
      Row row, Stage stage, LocalDate consentEnd, String patientId, boolean needed)
      throws SQLException {
    Lease lease = row.lease();
    int refusedPolls = row.number("refused_polls");
    return new ExportJobClaim(
        row.big("id"),
        row.text("transfer_id"),
        row.text("payer"),
        lease,
        stage,
        row.constant(JobKind.class, "kind"),
        row.text("group_id"),
        row.text("job_id"),
        row.text("status_url"),
        consentEnd,
        patientId,
        row.text("checkpoint"),
        row.instant("kickoff_started_at") != null,
        // a node of a version before this clock left it out
        Optional.ofNullable(row.ofGate("polling_since")).orElse(row.instant("started_at")),
        row.number("polls"),
        row.number("restarts"),
        refusedPolls,
        // who is busy, or refuses, has answered
        row.reason() == FailureReason.PAYER_UNAVAILABLE ? lease.attempts() - refusedPolls : 0,
        needed);
  }

  @Override
  public String subject() {
    return kind.subject();
  }

  /** The state that a job is in while it is kicked off or polled. */
  public JobState state() {
    return stage.isPoll() ? JobState.RUNNING : JobState.REQUESTED;
  }

  /** The same row for a release that it does not wait for: nothing that comes of it is kept. */
  public ExportJobClaim forRelease() {
    return new ExportJobClaim(
        id,
        transferId,
        payer,
        lease,
        Stage.RELEASE,
        kind,
        groupId,
        jobId,
        statusUrl,
        consentEnd,
        patientId,
        checkpoint,
        mayBeStarted,
        startedAt,
        polls,
        restarts,
        refusedPolls,
        unanswered,
        false);
  }

  @Override
  public Object rowId() {
    return id;
  }

  /** Leaves out what the payer gave: a group id stands for one member, as a Patient does. */
  @Override
  public String toString() {
    return "ExportJobClaim[%s of %s, %s, %s, lease %s]"
        .formatted(id, transferId, payer, stage, leaseToken());
  }
}
