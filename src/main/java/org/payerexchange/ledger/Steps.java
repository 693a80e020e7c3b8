package org.payerexchange.ledger;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.step.Stage;

/**
 * The table {@code step}, as far as it is changed by other things than claims: what begins, what is
 * due now, and what is not to be done any more, whoever has it in hand. The transfer is locked.
 */
final class Steps {
  /**
   * How many files of a job may wait for their download at once. The next is added for each that
   * ends or is put off.
   */
  static final int DOWNLOADS_OPEN = 64;

  private static final List<Stage> OF_JOB =
      List.of(Stage.EXPORT_KICKOFF, Stage.EXPORT_POLL, Stage.RELEASE);
  private static final List<Stage> OF_TRANSFER = List.of(Stage.MEMBER_MATCH, Stage.OUTCOME);

  private static final String OF_FILES =
      " AND EXISTS (SELECT 1 FROM output_file WHERE output_file.id = step.item AND job_id = ?)";

  private final LedgerDatabase database;

  Steps(LedgerDatabase database) {
    this.database = database;
  }

  /**
   * A table with what its rows wait for: {@code attempts} and {@code due_at}.
   *
   * @param kinds those that are about its rows
   */
  static String with(String table, Stage... kinds) {
    return """
    (SELECT %1$s.*, COALESCE(step.attempts, 0) AS attempts, step.due_at
      FROM %1$s LEFT JOIN step ON step.transfer_id = %1$s.transfer_id
        AND step.kind IN (%2$s) AND step.item = %1$s.id)"""
        .formatted(table, names(List.of(kinds)));
  }

  /** Whether a row called {@code transfer} has something to be done for itself. */
  static String isOpen() {
    return "EXISTS (SELECT 1 FROM step WHERE step.transfer_id = transfer.id AND step.kind IN (%s))"
        .formatted(names(OF_TRANSFER));
  }

  private static String names(Collection<Stage> kinds) {
    return kinds.stream().map(kind -> "'" + kind + "'").collect(Collectors.joining(", "));
  }

  /** The matches of new transfers, due at once; each is an id and a payer. */
  void addMatches(List<Object[]> transfers) {
    database.batch(
        """
        INSERT INTO step (transfer_id, lane, kind, item, due_at)
        VALUES (?, ?, 'MEMBER_MATCH', 0, CURRENT_TIMESTAMP)""",
        transfers);
  }

  /** The step of a transfer itself, which has none, due at once. */
  void ofTransfer(String transferId, String payer, Stage kind) {
    database
        .jdbc()
        .sql(
            """
            INSERT INTO step (transfer_id, lane, kind, item, due_at)
            VALUES (?, ?, ?, 0, CURRENT_TIMESTAMP)""")
        .params(transferId, payer, kind.name())
        .update();
  }

  /** The transfer's own step is not to be done any more. */
  void dropOfTransfer(String transferId) {
    drop(transferId, OF_TRANSFER, "");
  }

  /** The kick-offs of a transfer's new jobs, due at once. */
  void addKickoffs(String transferId) {
    add(
        Stage.EXPORT_KICKOFF,
        "export_job WHERE transfer_id = ?",
        "transfer_id",
        "id",
        Duration.ZERO,
        transferId);
  }

  /** The only step of a job itself; nothing of before goes on. */
  void ofJob(String transferId, long jobId, Stage kind, Duration in) {
    dropOfJob(transferId, jobId);
    add(kind, "export_job WHERE id = ?", "transfer_id", "id", in, jobId);
  }

  /**
   * A job is kicked off again, once the payer was told that the one before is not needed: payers
   * limit how many they keep.
   */
  void startOver(String transferId, long jobId) {
    database
        .jdbc()
        .sql(
            """
            UPDATE export_job SET kickoff_started_at = NULL,
              job_id = CASE WHEN released_at IS NULL THEN job_id END,
              status_url = CASE WHEN released_at IS NULL THEN status_url END
            WHERE id = ?""")
        .param(jobId)
        .update();
    boolean kept =
        database
            .jdbc()
            .sql("SELECT 1 FROM export_job WHERE id = ? AND status_url IS NOT NULL")
            .param(jobId)
            .query(Integer.class)
            .optional()
            .isPresent();
    ofJob(transferId, jobId, kept ? Stage.RELEASE : Stage.EXPORT_KICKOFF, Duration.ZERO);
  }

  /** A job's own step is not to be done any more. */
  void dropOfJob(String transferId, long jobId) {
    drop(transferId, OF_JOB, " AND item = ?", jobId);
  }

  /** The release of all jobs of a transfer that their payer may still keep. */
  void addReleases(String transferId) {
    add(
        Stage.RELEASE,
        """
        export_job WHERE transfer_id = ? AND status_url IS NOT NULL AND released_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM step WHERE step.transfer_id = export_job.transfer_id
            AND step.kind = 'RELEASE' AND step.item = export_job.id)""",
        "transfer_id",
        "id",
        Duration.ZERO,
        transferId);
  }

  /**
   * The downloads of a READY job's pending files, due at once; those that have begun go on. No more
   * than {@link #DOWNLOADS_OPEN}, so that transfers with many files and those with few have their
   * turns.
   */
  void addDownloads(String transferId, long jobId) {
    addDownloads(transferId, jobId, DOWNLOADS_OPEN);
  }

  /**
   * The next download of a job for one that has ended or was put off.
   *
   * @return whether there was one
   */
  boolean addDownload(LockedTransfer transfer, LockedJob job) {
    return job.state() == JobState.READY
        && job.openFiles() >= DOWNLOADS_OPEN
        && addDownloads(transfer.id(), job.id(), 1) > 0;
  }

  private int addDownloads(String transferId, long jobId, int most) {
    return add(
        Stage.DOWNLOAD,
        """
        output_file WHERE job_id = ? AND state = 'PENDING'
          AND NOT EXISTS (SELECT 1 FROM step WHERE step.transfer_id = ?
            AND step.kind = 'DOWNLOAD' AND step.item = output_file.id)
        ORDER BY job_id, state, number LIMIT ?""",
        "transfer_id",
        "id",
        Duration.ZERO,
        jobId,
        transferId,
        most);
  }

  /** The downloads of some files are not to be done any more. */
  void dropDownloads(String transferId, Collection<Long> files) {
    database.batch(
        "DELETE FROM step WHERE transfer_id = ? AND kind = 'DOWNLOAD' AND item = ?",
        files.stream().map(file -> new Object[] {transferId, file}).toList());
  }

  /** The downloads of a job's files wait until they are added again; who runs may still succeed. */
  void dropWaitingDownloads(String transferId, long jobId) {
    drop(transferId, List.of(Stage.DOWNLOAD), " AND lease_until IS NULL" + OF_FILES, jobId);
  }

  /** The downloads of a job's files are not to be done any more. */
  void dropDownloadsOfJob(String transferId, long jobId) {
    drop(transferId, List.of(Stage.DOWNLOAD), OF_FILES, jobId);
  }

  /**
   * The pending deliveries of a transfer that have no step: they wait until they are woken. Nobody
   * else may come to the transfer's deliveries meanwhile.
   */
  void addDeliveries(String transferId) {
    database
        .jdbc()
        .sql(
            """
            INSERT INTO step (kind, lane, transfer_id, item)
            SELECT 'DELIVER', sink, transfer_id, id FROM delivery
            WHERE transfer_id = ? AND state = 'PENDING' AND NOT EXISTS (SELECT 1 FROM step
              WHERE step.transfer_id = delivery.transfer_id AND step.kind = 'DELIVER'
              AND step.item = delivery.id)""")
        .param(transferId)
        .update();
  }

  /** No delivery of the transfer goes on. */
  void dropDeliveries(String transferId) {
    drop(transferId, List.of(Stage.DELIVER), "");
  }

  /** Some deliveries of the transfer do not go on. */
  void dropDeliveries(String transferId, Collection<Long> deliveries) {
    database.batch(
        "DELETE FROM step WHERE transfer_id = ? AND kind = 'DELIVER' AND item = ?",
        deliveries.stream().map(delivery -> new Object[] {transferId, delivery}).toList());
  }

  /** Nothing of the transfer is to be done any more. */
  void dropAll(String transferId) {
    drop(transferId, List.of(Stage.values()), "");
  }

  private void drop(String transferId, Collection<Stage> kinds, String which, Object... values) {
    database
        .jdbc()
        .sql(
            "DELETE FROM step WHERE transfer_id = ? AND kind IN (%s)".formatted(names(kinds))
                + which)
        .params(Stream.concat(Stream.of(transferId), Stream.of(values)).toList())
        .update();
  }

  /**
   * One for each row.
   *
   * @param rows a table and a condition
   * @param transfer the column with the transfer's id
   * @param item the column with what it is about
   */
  private int add(
      Stage kind, String rows, String transfer, String item, Duration in, Object... values) {
    return database
        .jdbc()
        .sql(
            "INSERT INTO step (kind, lane, transfer_id, item, due_at) SELECT '%s', payer, %s, %s, %s FROM %s"
                .formatted(kind, transfer, item, LedgerDatabase.FROM_NOW, rows))
        .params(Stream.concat(Stream.of(LedgerDatabase.seconds(in)), Stream.of(values)).toList())
        .update();
  }
}
