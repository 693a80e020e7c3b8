package org.payerexchange.ledger;

import java.sql.SQLException;
import java.util.List;

/**
 * An export job that is locked, as its transfer is.
 *
 * @param openFiles how many of its files are PENDING
 * @param exports how often it was kicked off
 * @param restarts how often it was lost at the payer
 * @param known whether the payer may know it: it was given a status URL
 * @param announced resources that its manifest announced in all, or null
 * @param askedForAll why it was not limited though it could have been, or null
 */
record LockedJob(
    long id,
    JobState state,
    int openFiles,
    int exports,
    int restarts,
    boolean known,
    Long announced,
    List<String> warnings,
    String askedForAll) {
  /** Its columns, of a table called {@code job}. */
  static final String COLUMNS =
      """
      job.id AS job_id, job.state AS job_state, job.open_files, job.exports, job.restarts,
      job.status_url IS NOT NULL AS known, job.resource_count, job.warnings, job.asked_for_all""";

  static LockedJob of(Row row) throws SQLException {
    return new LockedJob(
        row.big("job_id"),
        row.constant(JobState.class, "job_state"),
        row.number("open_files"),
        row.number("exports"),
        row.number("restarts"),
        row.flagOrNull("known"),
        row.bigOrNull("resource_count"),
        row.warnings(),
        row.text("asked_for_all"));
  }

  /** The same job in another state, with so many open files. */
  LockedJob with(JobState next, int open) {
    return new LockedJob(
        id, next, open, exports, restarts, known, announced, warnings, askedForAll);
  }

  /** Its manifest was read. */
  LockedJob ready(int open, Long announcedNow, List<String> warningsNow) {
    return new LockedJob(
        id, JobState.READY, open, exports, restarts, known, announcedNow, warningsNow, askedForAll);
  }
}
