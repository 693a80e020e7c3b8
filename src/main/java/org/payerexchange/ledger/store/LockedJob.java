package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.util.List;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.LostUrl;
import org.payerexchange.ledger.Row;

/**
 * An export job that is locked, as its transfer is.
 *
 * @param kind whose it is
 * @param ofPatient whether it is of one of the payer's Patients, rather than of a group
 * @param kickoffStarted whether a kick-off was begun of which no answer is known
 * @param openFiles how many of its files are PENDING
 * @param received bytes that have come in this transaction
 * @param exports how often it was kicked off
 * @param restarts how often it was lost at the payer
 * @param known whether the payer may know it: it was given a status URL
 * @param announced resources that its manifest announced in all, or null
 * @param askedForAll why it was not limited though it could have been, or null
 */
record LockedJob(
    long id,
    JobKind kind,
    boolean ofPatient,
    JobState state,
    boolean kickoffStarted,
    int openFiles,
    long received,
    int exports,
    int restarts,
    boolean known,
    Long announced,
    List<String> warnings,
    String askedForAll) {
  /** Its columns, of a table called {@code job}. */
  static final String COLUMNS =
      """
      job.id AS job_id, job.kind AS job_kind,
      job.patient_sha256 IS NOT NULL AS of_patient, job.state AS job_state, job.kickoff_started_at IS NOT NULL AS kickoff_started,
      job.open_files, job.exports, job.restarts, job.status_url IS NOT NULL AS known, job.resource_count, job.warnings, job.asked_for_all""";

  static LockedJob of(Row row) throws SQLException {
    return new LockedJob(
        row.big("job_id"),
        row.constant(JobKind.class, "job_kind"),
        row.flagOrNull("of_patient"),
        row.constant(JobState.class, "job_state"),
        row.flagOrNull("kickoff_started"),
        row.number("open_files"),
        0,
        row.number("exports"),
        row.number("restarts"),
        row.flagOrNull("known"),
        row.bigOrNull("resource_count"),
        row.warnings(),
        row.text("asked_for_all"));
  }

  /** Whether it is a member's part of an export that others share. */
  boolean isMembers() {
    return kind == JobKind.MEMBER;
  }

  /**
   * Whether it is a group's that stands for one member alone, so that nobody else's Patients are to
   * be in it.
   */
  boolean isMembersOwn() {
    return kind.isExportOfOne() && !ofPatient;
  }

  /** The same job of another kind. */
  LockedJob as(JobKind other) {
    return new LockedJob(
        id,
        other,
        ofPatient,
        state,
        kickoffStarted,
        openFiles,
        received,
        exports,
        restarts,
        known,
        announced,
        warnings,
        askedForAll);
  }

  /** The same job in another state. */
  LockedJob in(JobState next) {
    return like(next, openFiles, received, announced, warnings);
  }

  /** The same job with so many open files. */
  LockedJob open(int files) {
    return like(state, files, received, announced, warnings);
  }

  /** So many bytes more have come. */
  LockedJob receives(long bytes) {
    return like(state, openFiles, received + bytes, announced, warnings);
  }

  /** Its manifest was read. */
  LockedJob ready(int open, Long announcedNow, List<String> warningsNow) {
    return like(JobState.READY, open, received, announcedNow, warningsNow);
  }

  private LockedJob like(
      JobState next, int open, long bytes, Long announcedNow, List<String> warningsNow) {
    return new LockedJob(
        id,
        kind,
        ofPatient,
        next,
        kickoffStarted,
        open,
        bytes,
        exports,
        restarts,
        known,
        announcedNow,
        warningsNow,
        askedForAll);
  }

  /** Writes how many of its files are open, and what has come of it. */
  void writeCounts(LedgerDatabase database) {
    database.update(
        """
            UPDATE export_job SET open_files = ?, received_bytes = received_bytes + ?,
              updated_at = CURRENT_TIMESTAMP
            WHERE id = ?""",
        openFiles,
        received,
        id);
  }

  /** What is done about a file of it whose URL the payer does not know any more. */
  LostUrl lostUrl(boolean isLatest, int lost) {
    return LostUrl.of(isLatest, lost, state, known, restarts < ExportJobLedger.MAX_RESTARTS);
  }
}
