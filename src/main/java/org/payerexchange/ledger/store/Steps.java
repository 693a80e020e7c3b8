package org.payerexchange.ledger.store;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.store.DueSteps.Waiting;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;

/**
 * The steps of a locked transfer, as far as they are changed by other things than claims: what
 * begins, what is due now, and what is not to be done any more, whoever has it in hand.
 */
final class Steps {
  /**
   * How many files of a job may wait for their download at once. The next is added for each that
   * ends or is put off.
   */
  static final int DOWNLOADS_OPEN = 64;

  private static final List<Stage> OF_JOB = about("export_job");
  private static final List<Stage> OF_TRANSFER = about("transfer");

  /** How many there are is not known: more than one may be due. */
  private static final int ANY = 64;

  private static final String OF_FILES =
      " AND EXISTS (SELECT 1 FROM output_file WHERE output_file.id = step.item AND job_id = ?)";

  private static final String PATIENTS_FIRST =
      "CASE WHEN %s THEN 0 ELSE 1 END, number".formatted(LockedTransfer.HOLDS_PATIENTS);

  private final LedgerDatabase database;
  private final String transferId;
  private final String payer;
  private final List<Waiting> due = new ArrayList<>();
  private final List<Ended> ended = new ArrayList<>();
  private boolean anotherHasOne;
  private Optional<Taker> taker = Optional.empty();
  private boolean morePlaces;

  Steps(LedgerDatabase database, String transferId, String payer) {
    this.database = database;
    this.transferId = transferId;
    this.payer = payer;
  }

  private record Ended(long step, long token, String node) {}

  /** Who may have new steps as soon as they are there. */
  interface Taker {
    /** How many it takes of at most so many that are due at once. */
    int room(Stage kind, String lane, int most);

    /** Who leases them. */
    String node();

    /** How long. */
    OffsetDateTime until();

    /** It has this one. */
    void took(Waiting step);
  }

  /** Steps that are added from now on and due at once may be leased to somebody. */
  void leasedBy(Taker whom) {
    taker = Optional.of(whom);
  }

  /** One of the steps that end here may take more places at the payer than its own. */
  void takesMorePlaces() {
    morePlaces = true;
  }

  /** Whether one did, so that others may find theirs taken. */
  boolean tookMorePlaces() {
    return morePlaces;
  }

  /** What has become due in this transaction, and was not handed on. */
  List<Waiting> due() {
    return due;
  }

  /**
   * A claimed step has ended; it goes with others, before anything else is done with steps.
   *
   * @param node that has it, and has the others as well
   */
  boolean ends(Claim claim, String node) {
    return ended.add(new Ended(claim.lease().step(), claim.leaseToken(), node));
  }

  /**
   * Takes those away that have ended.
   *
   * @return whether all of them were held; else nothing of the transaction is to be committed
   */
  boolean end() {
    if (!ended.isEmpty()) {
      List<Object> values = new ArrayList<>();
      ended.forEach(one -> values.add(one.step()));
      ended.forEach(one -> values.addAll(List.of(one.step(), one.token())));
      values.add(ended.get(0).node());
      int gone =
          database
              .jdbc()
              .sql(
                  "DELETE FROM step WHERE id IN (%s) AND lease_until IS NOT NULL AND lease_token = CASE id%s END AND lease_owner = ?"
                      .formatted(
                          LedgerDatabase.values(ended.size()),
                          " WHEN ? THEN CAST(? AS BIGINT)".repeat(ended.size())))
              .params(values)
              .update();
      anotherHasOne |= gone < ended.size();
      ended.clear();
    }
    return !anotherHasOne;
  }

  private static List<Stage> about(String table) {
    return Arrays.stream(Stage.values()).filter(kind -> kind.table().equals(table)).toList();
  }

  /** A table with what its rows wait for: {@code attempts} and {@code due_at}. */
  static String with(String table) {
    return """
    (SELECT %1$s.*, COALESCE(step.attempts, 0) AS attempts, step.due_at
      FROM %1$s LEFT JOIN step ON step.transfer_id = %1$s.transfer_id
        AND step.kind IN (%2$s) AND step.item = %1$s.id)"""
        .formatted(table, names(about(table)));
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
  static void addMatches(LedgerDatabase database, List<Object[]> transfers) {
    database.insert(
        "step (transfer_id, lane, kind, item, due_at)",
        "(?, ?, 'MEMBER_MATCH', 0, CURRENT_TIMESTAMP)",
        transfers);
  }

  /** The step of the transfer itself, which has none, due at once. */
  void ofTransfer(Stage kind) {
    ofTransfer(kind, Duration.ZERO);
  }

  /** The same, due later. */
  void ofTransfer(Stage kind, Duration in) {
    add(
        kind,
        in,
        1,
        "(SELECT id AS transfer_id, payer, 0 AS id FROM transfer WHERE id = ?) own",
        transferId);
  }

  /** The transfer's own step is not to be done any more. */
  void dropOfTransfer() {
    drop(OF_TRANSFER, "");
  }

  /** How many wait for their next try. */
  long waiting() {
    return database
        .jdbc()
        .sql("SELECT COUNT(*) FROM step WHERE transfer_id = ? AND " + OperatorAction.WAITS)
        .param(transferId)
        .query(Long.class)
        .single();
  }

  /** These are due at once; while their payer or sink is held they wait for that all the same. */
  void tryNow() {
    database.update(
        "UPDATE step SET due_at = CURRENT_TIMESTAMP WHERE transfer_id = ? AND "
            + OperatorAction.WAITS,
        transferId);
  }

  /** The kick-offs of so many new jobs of the transfer, due at once. */
  void addKickoffs(int jobs) {
    add(
        Stage.EXPORT_KICKOFF,
        Duration.ZERO,
        jobs,
        "export_job WHERE transfer_id = ? AND kind <> 'MATCH'",
        transferId);
  }

  /** The retrieval of the transfer's new job, due at once. */
  void addRetrieval() {
    add(
        Stage.RETRIEVE,
        Duration.ZERO,
        1,
        "export_job WHERE transfer_id = ? AND kind = 'PAGES'",
        transferId);
  }

  /** The match of a new batch. */
  void addMatch(Duration in) {
    add(
        Stage.MATCH_BATCH,
        in,
        1,
        "export_job WHERE transfer_id = ? AND kind = 'MATCH'",
        transferId);
  }

  /** The only step of a job itself; nothing of before goes on. */
  void ofJob(long jobId, Stage kind, Duration in) {
    dropOfJob(jobId);
    add(kind, in, 1, "export_job WHERE id = ?", jobId);
  }

  /**
   * A job is kicked off again, once the payer was told that the one before is not needed: payers
   * limit how many they keep. Of one that was not told there is nothing to tell: it may be there.
   */
  void startOver(long jobId) {
    database.update(
        """
            UPDATE export_job SET
              kickoff_started_at = CASE WHEN status_url IS NULL THEN kickoff_started_at END,
              job_id = CASE WHEN released_at IS NULL THEN job_id END,
              status_url = CASE WHEN released_at IS NULL THEN status_url END
            WHERE id = ?""",
        jobId);
    Stage first =
        database
            .jdbc()
            .sql("SELECT kind, status_url FROM export_job WHERE id = ?")
            .param(jobId)
            .query(
                (row, at) ->
                    row.getString("status_url") == null
                        ? JobKind.valueOf(row.getString("kind")).begins()
                        : Stage.RELEASE)
            .single();
    ofJob(jobId, first, Duration.ZERO);
  }

  /** A job's own step is not to be done any more. */
  void dropOfJob(long jobId) {
    drop(OF_JOB, " AND item = ?", jobId);
  }

  /**
   * The release of all jobs of the transfer that their payer may still keep. That of a match job
   * comes behind all others: some payers delete its Groups with it.
   */
  void addReleases() {
    add(
        Stage.RELEASE,
        Duration.ZERO,
        ANY,
        """
        export_job WHERE transfer_id = ? AND status_url IS NOT NULL AND released_at IS NULL
          AND kind <> 'MATCH'
          AND NOT EXISTS (SELECT 1 FROM step WHERE step.transfer_id = export_job.transfer_id
            AND step.kind = 'RELEASE' AND step.item = export_job.id)""",
        transferId);
  }

  /** The release of the match job of a batch that is over, once no other release is to be made. */
  void addMatchRelease() {
    add(
        Stage.RELEASE,
        Duration.ZERO,
        1,
        """
        export_job WHERE transfer_id = ? AND kind = 'MATCH' AND status_url IS NOT NULL
          AND released_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM step WHERE step.transfer_id = export_job.transfer_id)""",
        transferId);
  }

  /**
   * The downloads of a READY job's pending files, due at once, those of Patients first; those that
   * have begun go on. No more than {@link #DOWNLOADS_OPEN}, so that transfers with many files and
   * those with few have their turns.
   */
  void addDownloads(long jobId) {
    addDownloads(jobId, DOWNLOADS_OPEN);
  }

  /**
   * The same.
   *
   * @param open how many there are at most
   */
  void addDownloads(long jobId, int open) {
    addDownloads(jobId, Math.min(open, DOWNLOADS_OPEN), PATIENTS_FIRST);
  }

  /** The next download of a job, if there is one, for one that has ended or was put off. */
  void addDownload(LockedJob job) {
    if (job.state() == JobState.READY && job.openFiles() >= DOWNLOADS_OPEN) {
      addDownloads(job.id(), 1, "job_id, state, number");
    }
  }

  private void addDownloads(long jobId, int most, String order) {
    add(
        Stage.DOWNLOAD,
        Duration.ZERO,
        most,
        """
        output_file WHERE job_id = ? AND state = 'PENDING'
          AND NOT EXISTS (SELECT 1 FROM step WHERE step.transfer_id = ?
            AND step.kind = 'DOWNLOAD' AND step.item = output_file.id)
        ORDER BY %s LIMIT ?"""
            .formatted(order),
        jobId,
        transferId,
        most);
  }

  /** The downloads of some files are not to be done any more. */
  void dropDownloads(Collection<Long> files) {
    end();
    database.batch(
        "DELETE FROM step WHERE transfer_id = ? AND kind = 'DOWNLOAD' AND item = ?",
        files.stream().map(file -> new Object[] {transferId, file}).toList());
  }

  /** The downloads of a job's files wait until they are added again; who runs may still succeed. */
  void dropWaitingDownloads(long jobId) {
    drop(List.of(Stage.DOWNLOAD), " AND lease_until IS NULL" + OF_FILES, jobId);
  }

  /** The downloads of a job's files are not to be done any more. */
  void dropDownloadsOfJob(long jobId) {
    drop(List.of(Stage.DOWNLOAD), OF_FILES, jobId);
  }

  /**
   * The pending deliveries of the transfer that have no step: they wait until they are woken.
   * Nobody else may come to the transfer's deliveries meanwhile.
   */
  void addDeliveries() {
    end();
    database.update(
        """
            INSERT INTO step (kind, lane, transfer_id, item)
            SELECT 'DELIVER', sink, transfer_id, id FROM delivery
            WHERE transfer_id = ? AND state = 'PENDING' AND NOT EXISTS (SELECT 1 FROM step
              WHERE step.transfer_id = delivery.transfer_id AND step.kind = 'DELIVER'
              AND step.item = delivery.id)""",
        transferId);
  }

  /**
   * Who brings a sink files of the transfer is too late from now on, and lists them anew: what is
   * in hand is not to be had any more, or waits for others again.
   */
  void listDeliveriesAnew() {
    dropDeliveries();
    addDeliveries();
  }

  /** No delivery of the transfer goes on. */
  void dropDeliveries() {
    drop(List.of(Stage.DELIVER), "");
  }

  /** Some deliveries of the transfer do not go on. */
  void dropDeliveries(Collection<Long> deliveries) {
    database.batch(
        "DELETE FROM step WHERE transfer_id = ? AND kind = 'DELIVER' AND item = ?",
        deliveries.stream().map(delivery -> new Object[] {transferId, delivery}).toList());
  }

  /** Nothing of the transfer is to be done any more. */
  void dropAll() {
    drop(List.of(Stage.values()), "");
  }

  private void drop(Collection<Stage> kinds, String which, Object... values) {
    end();
    database
        .jdbc()
        .sql(
            "DELETE FROM step WHERE transfer_id = ? AND kind IN (%s)".formatted(names(kinds))
                + which)
        .params(Stream.concat(Stream.of(transferId), Stream.of(values)).toList())
        .update();
  }

  /**
   * Has deliveries that wait for files look again, where there is something to be done. Those in
   * hand look themselves before they wait, with the transfer locked as it is now.
   */
  void wakeDeliveries() {
    end();
    add(
        Stage.DELIVER,
        """
        UPDATE step SET due_at = CURRENT_TIMESTAMP
        WHERE transfer_id = ? AND kind = 'DELIVER' AND due_at IS NULL AND (NOT EXISTS (%s)
          OR 'STORED' = (SELECT file.state FROM delivery
            JOIN output_file file ON file.transfer_id = delivery.transfer_id
              AND file.turn >= delivery.place
            JOIN export_job job ON job.id = file.job_id
            WHERE delivery.id = step.item AND NOT whole
            AND %s ORDER BY file.turn LIMIT 1)
          AND NOT EXISTS (%s))"""
            .formatted(
                LockedTransfer.FILES_TO_COME.formatted("step.transfer_id"),
                LockedTransfer.IS_OR_COMES,
                LockedTransfer.PATIENTS_TO_COME.formatted("step.transfer_id")),
        true,
        List.of(transferId));
  }

  /**
   * One for each row.
   *
   * @param most how many there may be
   * @param rows a table and a condition
   */
  private void add(Stage kind, Duration in, int most, String rows, Object... values) {
    end();
    int room = in.isZero() ? taker.map(whom -> whom.room(kind, payer, most)).orElse(0) : 0;
    if (room > 0) {
      addLeased(
          kind,
          taker.get(),
          room < most ? "CASE WHEN turn <= %s THEN %%s END".formatted(room) : "%s",
          rows,
          values);
      return;
    }
    List<Object> all = new ArrayList<>(List.of(values));
    if (!in.isZero()) {
      all.add(0, LedgerDatabase.seconds(in));
    }
    add(
        kind,
        "INSERT INTO step (kind, lane, transfer_id, item, due_at) SELECT '%s', payer, transfer_id, id, %s FROM %s"
            .formatted(kind, in.isZero() ? "CURRENT_TIMESTAMP" : LedgerDatabase.FROM_NOW, rows),
        in.isZero(),
        all);
  }

  /**
   * Some of them are somebody's from the beginning.
   *
   * @param some a value for these alone
   */
  private void addLeased(Stage kind, Taker whom, String some, String rows, Object... values) {
    String until = "CAST(? AS TIMESTAMP WITH TIME ZONE)";
    List<Object> of = new ArrayList<>(List.of(whom.until(), whom.node(), whom.until()));
    of.addAll(List.of(values));
    add(
        kind,
        """
        INSERT INTO step
          (kind, lane, transfer_id, item, due_at, lease_owner, lease_until, lease_token)
        SELECT '%s', payer, transfer_id, id, COALESCE(%s, CURRENT_TIMESTAMP), %s, %s, %s FROM %s"""
            .formatted(
                kind,
                some.formatted(until),
                some.formatted("CAST(? AS VARCHAR)"),
                some.formatted(until),
                DueSteps.NEXT_TOKEN,
                some.equals("%s")
                    ? rows
                    : """
                    (SELECT payer, transfer_id, id, ROW_NUMBER() OVER () AS turn
                      FROM (SELECT payer, transfer_id, id FROM %s) fresh) numbered"""
                        .formatted(rows)),
        true,
        of);
  }

  private void add(Stage kind, String sql, boolean dueNow, List<Object> values) {
    KeyHolder steps = new GeneratedKeyHolder();
    database.jdbc().sql(sql).params(values).update(steps, "id", "lane", "lease_until");
    if (dueNow) {
      for (Map<String, Object> step : steps.getKeyList()) {
        Waiting one = new Waiting((Long) step.get("id"), kind, (String) step.get("lane"));
        if (step.get("lease_until") == null) {
          due.add(one);
        } else {
          taker.get().took(one);
        }
      }
    }
  }
}
