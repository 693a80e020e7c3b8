package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.LedgerListener;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/**
 * A transfer within a transaction that has locked it. Whoever locks more goes on in the order job,
 * file, delivery, step, gate. What changes of the transfer itself is written once, at the end.
 */
final class LockedTransfer {
  /** Finds jobs from which files of a transfer may still come. */
  static final String FILES_TO_COME =
      """
      SELECT 1 FROM export_job job WHERE job.transfer_id = %s
        AND (job.state IN ('REQUESTED', 'RUNNING', 'SPLITTING') OR job.state = 'READY' AND job.open_files > 0)""";

  /** Of an output_file, as {@link OutputFileClaim#holdsPatients}. */
  static final String HOLDS_PATIENTS =
      "output_file.kind = 'OUTPUT' AND resource_type = 'Patient' AND NOT shared";

  /**
   * Finds exports of one member of which Patients may still come: until all have, nobody knows
   * whether they are others' as well.
   */
  static final String PATIENTS_TO_COME =
      """
      %s AND job.kind = 'EXPORT' AND job.patient_sha256 IS NULL
        AND EXISTS (SELECT 1 FROM output_file
          WHERE output_file.job_id = job.id AND output_file.state = 'PENDING' AND %s)"""
          .formatted(FILES_TO_COME, HOLDS_PATIENTS);

  /** Whether a {@code file} of a {@code job} is there, or is still to come. */
  static final String IS_OR_COMES =
      """
      (file.state = 'STORED'
        OR file.state = 'PENDING' AND job.state IN ('REQUESTED', 'RUNNING', 'READY', 'SPLITTING'))""";

  private static final String COLUMNS =
      """
      transfer.id, transfer.payer, transfer.state, transfer.files, transfer.events,
      transfer.delivers, transfer.open_jobs, transfer.open_deliveries, transfer.is_batch,
      transfer.batch_id, transfer.received_at, transfer.first_file_at IS NULL AS no_file,
      transfer.withdrawn_at IS NOT NULL AS is_withdrawn""";

  /** What tells of a step that failed. */
  private static final Set<EventType> OF_REQUESTS =
      EnumSet.of(
          EventType.RETRY_LATER,
          EventType.EXPORT_FAILED,
          EventType.FILE_FAILED,
          EventType.FAILED,
          EventType.RELEASE_GIVEN_UP);

  private final LedgerDatabase database;
  private final String id;
  private final String payer;
  private final TransferState state;
  private final boolean isBatch;
  private final String batchId;
  private final Instant now;
  private final Duration age;
  private final boolean noFile;
  private final boolean isWithdrawn;
  private final Steps steps;
  private final Map<Long, LockedJob> jobs = new TreeMap<>();
  private final Set<Long> countedJobs = new TreeSet<>();
  private final List<Event> newEvents = new ArrayList<>();
  private final List<Consumer<LedgerListener>> told = new ArrayList<>();
  private final List<Runnable> atLast = new ArrayList<>();
  private int events;
  private int files;
  private int newWarnings;
  private int openJobs;
  private int openDeliveries;
  private boolean delivers;
  private boolean changed;
  private TransferState next;
  private Failure failure;
  private Stamp finished = Stamp.KEEP;
  private Stamp manifest = Stamp.KEEP;
  private boolean firstFile;
  private Instant asked;
  private boolean withdraws;
  private boolean jobEnded;
  private boolean wakes;
  private String request;

  private LockedTransfer(LedgerDatabase database, Row row) throws SQLException {
    this.database = database;
    this.id = row.text("id");
    this.payer = row.text("payer");
    this.state = row.constant(TransferState.class, "state");
    this.isBatch = row.flagOrNull("is_batch");
    this.batchId = row.text("batch_id");
    this.now = row.instant("now");
    this.age = Duration.between(row.instant("received_at"), now);
    this.noFile = row.flagOrNull("no_file");
    this.isWithdrawn = row.flagOrNull("is_withdrawn");
    this.files = row.number("files");
    this.events = row.number("events");
    this.delivers = row.flagOrNull("delivers");
    this.openJobs = row.number("open_jobs");
    this.openDeliveries = row.number("open_deliveries");
    this.steps = new Steps(database, id, payer);
  }

  static Optional<LockedTransfer> lock(LedgerDatabase database, String id) {
    return database
        .jdbc()
        .sql(
            "SELECT %s, %s AS now FROM transfer WHERE id = ? %s"
                .formatted(COLUMNS, database.now(), database.forUpdate()))
        .param(id)
        .query((row, at) -> new LockedTransfer(database, new Row(row)))
        .optional();
  }

  /** The same, with the job that a claim is about: of both, what stands there once it is locked. */
  static Optional<LockedTransfer> lock(LedgerDatabase database, Claim claim) {
    Long jobId =
        claim instanceof OutputFileClaim file
            ? Long.valueOf(file.jobId())
            : claim instanceof ExportJobClaim job
                ? Long.valueOf(job.id())
                : claim instanceof SplitClaim split ? Long.valueOf(split.id()) : null;
    if (jobId == null) {
      return lock(database, claim.transferId());
    }
    return database
        .jdbc()
        .sql(
            """
            SELECT %s, %s AS now, %s FROM transfer
            JOIN export_job job ON job.transfer_id = transfer.id
            WHERE transfer.id = ? AND job.id = ? %s"""
                .formatted(COLUMNS, database.now(), LockedJob.COLUMNS, database.forUpdate()))
        .params(claim.transferId(), jobId)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              LockedTransfer transfer = new LockedTransfer(database, row);
              transfer.keep(LockedJob.of(row));
              return transfer;
            })
        .optional();
  }

  String id() {
    return id;
  }

  String payer() {
    return payer;
  }

  TransferState state() {
    return state;
  }

  /** Whether it is a batch of members, rather than one member's transfer. */
  boolean isBatch() {
    return isBatch;
  }

  /** The batch that the member is, or was, asked for with; null for none. */
  String batchId() {
    return batchId;
  }

  /** When it was locked, by the database's clock. */
  Instant now() {
    return now;
  }

  /** What is to be done of it. */
  Steps steps() {
    return steps;
  }

  /** One of its jobs, locked. */
  LockedJob job(long jobId) {
    LockedJob known = jobs.get(jobId);
    return known == null ? reread(jobId) : known;
  }

  /** One of its jobs, as its row is by now. */
  LockedJob reread(long jobId) {
    return jobs("job.id = ?", jobId).get(0);
  }

  /** Its jobs that a condition finds, locked. */
  List<LockedJob> jobs(String which, Object... values) {
    List<Object> all = new ArrayList<>(List.of(id));
    all.addAll(List.of(values));
    List<LockedJob> found =
        database
            .jdbc()
            .sql(
                "SELECT %s FROM export_job job WHERE job.transfer_id = ? AND %s ORDER BY job.id %s"
                    .formatted(LockedJob.COLUMNS, which, database.forUpdate()))
            .params(all)
            .query((row, at) -> LockedJob.of(new Row(row)))
            .list();
    found.stream().filter(job -> !countedJobs.contains(job.id())).forEach(this::keep);
    return found;
  }

  /** A job is like this from now on. */
  void keep(LockedJob job) {
    jobs.put(job.id(), job);
  }

  /** The same; how many files it has open, and what has come of it, is written at the end. */
  void count(LockedJob job) {
    keep(job);
    countedJobs.add(job.id());
  }

  /** The same, and that is written already. */
  void counted(LockedJob job) {
    keep(job);
    countedJobs.remove(job.id());
  }

  /** Whether anything of it is delivered beside the outbox. */
  boolean delivers() {
    return delivers;
  }

  /** How many of its deliveries have not ended. */
  int openDeliveries() {
    return openDeliveries;
  }

  /** So many deliveries more are open. */
  void openDeliveries(int more) {
    openDeliveries += more;
    delivers |= more > 0;
    changed |= more != 0;
  }

  /** How many of its jobs have not ended. */
  int openJobs() {
    return openJobs;
  }

  /** So many jobs more are open. */
  void openJobs(int more) {
    openJobs += more;
    changed |= more != 0;
  }

  /** How many files have been given a number. */
  int files() {
    return files;
  }

  /** So many more have. */
  void numberFiles(int more) {
    files += more;
    changed |= more > 0;
  }

  /** Counts warnings that came, or went, with a change of a job or file. */
  void warn(int more) {
    newWarnings += more;
    changed |= more != 0;
  }

  /** Notes that one of its jobs has ended. */
  void jobEnds() {
    openJobs(-1);
    jobEnded = true;
  }

  /** Whether one of its jobs has ended in this transaction. */
  boolean hasEndedJob() {
    return jobEnded;
  }

  void event(EventType type, String detail) {
    changed = true;
    boolean names = request != null && OF_REQUESTS.contains(type);
    newEvents.add(new Event(type, names ? detail + " (request " + request + ")" : detail));
  }

  /** The trail of failures names the request to the payer that was the latest, if there is one. */
  void failedAt(String xRequestId) {
    request = xRequestId;
  }

  /** Has its deliveries that wait for files look again, once all of this is written. */
  void wakeDeliveries() {
    wakes = true;
  }

  /** A file of it is in the outbox. */
  void hasFile() {
    firstFile = noFile && !isBatch;
    changed |= firstFile;
  }

  /**
   * Its payer has been asked for the member; the first time counts.
   *
   * @param at by a node's clock, which may be ahead of the database's; null where it has not
   */
  void asked(Instant at) {
    asked = at;
    changed |= at != null;
  }

  /** Whether its member withdrew the consent after it had ended. */
  boolean isWithdrawn() {
    return isWithdrawn;
  }

  /** Its member withdraws the consent now that it has ended. */
  void withdraw(String by) {
    withdraws = true;
    event(EventType.WITHDRAWN, by);
  }

  /** Tells somebody of this once it is committed. */
  void tell(Consumer<LedgerListener> what) {
    told.add(what);
  }

  /** Does something more once all of this is written, to gates: claims of all nodes wait there. */
  void atLast(Runnable work) {
    atLast.add(work);
  }

  /** It was matched with one of the payer's Patients, whose id is PHI. */
  void isPatient(String patientId) {
    database.update(
        "UPDATE transfer_request SET patient_id = ? WHERE transfer_id = ?", patientId, id);
  }

  /** It goes on, in another state. */
  void goOn(TransferState nextState) {
    become(state.to(nextState), null, Stamp.NONE);
  }

  /** Something is to be done again before its manifest is written. */
  void unseal() {
    become(state, null, Stamp.NONE);
  }

  /** All its jobs are complete: it is COMPLETE as well once its manifest stands, which is due. */
  void seal() {
    become(TransferState.MATCHED, null, Stamp.NOW);
    addOutcome();
  }

  /** Ends the transfer; its outcome is due at once. */
  void end(TransferState end, Failure why) {
    become(state.to(end), why, Stamp.NOW);
    event(EventType.valueOf(end.name()), inWords(end, why));
    addOutcome();
  }

  /**
   * Ends a batch: nothing is told of it, and all that is left is to release its jobs.
   *
   * @param why null where it is complete
   */
  void endBatch(TransferState end, Failure why) {
    become((next == null ? state : next).to(end), why, Stamp.NOW);
    manifest = Stamp.NOW;
    event(EventType.valueOf(end.name()), why == null ? null : inWords(end, why));
    steps.addReleases();
    steps.addMatchRelease();
  }

  /** An end that has the name of its reason needs it once. */
  private static String inWords(TransferState end, Failure why) {
    return why.reason().name().equals(end.name()) ? why.detail() : why.toString();
  }

  private void become(TransferState nextState, Failure why, Stamp end) {
    changed = true;
    next = nextState;
    failure = why;
    finished = end;
    manifest = Stamp.NONE;
  }

  /** The manifest of its end stands: what was to be COMPLETE is. */
  void manifestStands() {
    if (state == TransferState.MATCHED) {
      become(state.to(TransferState.COMPLETE), null, Stamp.KEEP);
      event(EventType.COMPLETE, null);
    }
    changed = true;
    manifest = Stamp.NOW;
  }

  private void addOutcome() {
    steps.ofTransfer(Stage.OUTCOME);
  }

  /**
   * Writes what has changed since it was locked.
   *
   * @return false if another has one of the steps that ended by now: nothing may be committed
   */
  boolean write(String actor) {
    if (!steps.end()) {
      return false;
    }
    tell();
    countedJobs.forEach(job -> jobs.get(job).writeCounts(database));
    if (wakes && openDeliveries > 0) {
      steps.wakeDeliveries();
    }
    if (changed) {
      writeRow(actor);
    }
    atLast.forEach(Runnable::run);
    return true;
  }

  private void writeRow(String actor) {
    Assignments row = new Assignments();
    row.add("events = ?", events + newEvents.size());
    row.add("files = ?", files);
    row.add("warnings = warnings + ?", newWarnings);
    row.add("open_jobs = ?", openJobs);
    row.add("open_deliveries = ?", openDeliveries);
    row.add("delivers = ?", delivers);
    row.add("updated_at = CURRENT_TIMESTAMP");
    if (firstFile) {
      row.add("first_file_at = CURRENT_TIMESTAMP");
    }
    if (asked != null) {
      row.add(
          "asked_at = COALESCE(asked_at, LEAST(CAST(? AS TIMESTAMP WITH TIME ZONE), CURRENT_TIMESTAMP))",
          LedgerDatabase.time(asked));
    }
    if (state == TransferState.RECEIVED
        && (next == TransferState.MATCHED || next == TransferState.NO_MATCH)) {
      row.add("answered_at = COALESCE(answered_at, CURRENT_TIMESTAMP)");
    }
    if (withdraws) {
      row.add("withdrawn_at = CURRENT_TIMESTAMP");
    }
    if (next != null) {
      row.set("state", next.name());
      row.set("reason", failure == null ? null : failure.reason().name());
      row.set("detail", failure == null ? null : LedgerDatabase.shortened(failure.detail()));
    }
    finished.set(row, "finished_at = CURRENT_TIMESTAMP", "finished_at = NULL");
    manifest.set(
        row, "manifest_at = COALESCE(manifest_at, CURRENT_TIMESTAMP)", "manifest_at = NULL");
    row.update(database, "transfer", "id = ?", List.of(id));
    List<Object[]> rows = new ArrayList<>();
    for (Event event : newEvents) {
      rows.add(
          new Object[] {
            id, ++events, actor, event.type().name(), LedgerDatabase.shortened(event.detail())
          });
    }
    database.insert(
        "transfer_event (transfer_id, number, at, actor, what, detail)",
        "(?, ?, CURRENT_TIMESTAMP, ?, ?, ?)",
        rows);
  }

  /** Of a batch nothing is told: its members' transfers end by themselves. */
  private void tell() {
    if (!isBatch) {
      if (next == TransferState.MATCHED && state == TransferState.RECEIVED) {
        tell(listener -> listener.matched(payer, age));
      }
      if (firstFile) {
        tell(listener -> listener.firstFile(payer, age));
      }
      if (next != null && next.terminal()) {
        FailureReason why = failure == null ? null : failure.reason();
        tell(listener -> listener.ended(id, payer, next, why, age));
      }
    }
    told.forEach(database::tellOf);
  }

  private record Event(EventType type, String detail) {}

  /** What becomes of a point in time. */
  private enum Stamp {
    KEEP,
    NOW,
    NONE;

    void set(Assignments row, String now, String none) {
      if (this != KEEP) {
        row.add(this == NOW ? now : none);
      }
    }
  }
}
