package org.payerexchange.ledger;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/**
 * A transfer within a transaction that has locked it. Whoever locks more goes on in the order job,
 * file, delivery, step.
 */
final class LockedTransfer {
  /** Finds jobs from which files of a transfer may still come. */
  static final String FILES_TO_COME =
      """
      SELECT 1 FROM export_job job WHERE job.transfer_id = %s
        AND (job.state IN ('REQUESTED', 'RUNNING') OR job.state = 'READY'
          AND EXISTS (SELECT 1 FROM output_file WHERE job_id = job.id AND state = 'PENDING'))""";

  /** Whether a {@code file} of a {@code job} is there, or is still to come. */
  static final String IS_OR_COMES =
      """
      (file.state = 'STORED'
        OR file.state = 'PENDING' AND job.state IN ('REQUESTED', 'RUNNING', 'READY'))""";

  private final LedgerDatabase database;
  private final String id;
  private final TransferState state;
  private final int files;
  private final int events;
  private final List<Event> newEvents = new ArrayList<>();
  private int newFiles;
  private int newWarnings;
  private long newBytes;
  private boolean jobEnded;
  private boolean delivers;
  private boolean nothingFollows;

  private LockedTransfer(LedgerDatabase database, Row row) throws SQLException {
    this.database = database;
    this.id = row.text("id");
    this.state = row.constant(TransferState.class, "state");
    this.files = row.number("files");
    this.events = row.number("events");
    this.delivers = row.flagOrNull("delivers");
  }

  static Optional<LockedTransfer> lock(LedgerDatabase database, String id) {
    return database
        .jdbc()
        .sql(
            "SELECT id, state, files, events, delivers FROM transfer WHERE id = ? "
                + database.forUpdate())
        .param(id)
        .query((row, at) -> new LockedTransfer(database, new Row(row)))
        .optional();
  }

  String id() {
    return id;
  }

  TransferState state() {
    return state;
  }

  /** How many files it has had. */
  int files() {
    return files + newFiles;
  }

  /** Whether anything of it is delivered beside the outbox. */
  boolean delivers() {
    return delivers;
  }

  /** From now on there is. */
  void deliver() {
    delivers = true;
  }

  /** The step that ends now has left nothing to be done at once. */
  void nothingFollows() {
    nothingFollows = true;
  }

  /** Whether there may be something that the step which ends can be followed by. */
  boolean mayGoOn() {
    return !nothingFollows;
  }

  /** Gives the next file its number. */
  int numberFile() {
    newFiles++;
    return files();
  }

  /** Counts warnings that came, or went, with a change of a job or file. */
  void warn(int more) {
    newWarnings += more;
  }

  /** Notes that one of its jobs has ended. */
  void jobEnds() {
    jobEnded = true;
  }

  /** Whether one of its jobs has ended in this transaction. */
  boolean hasEndedJob() {
    return jobEnded;
  }

  /** Counts what came for it. */
  void receive(long bytes) {
    newBytes += bytes;
  }

  void event(EventType type, String detail) {
    newEvents.add(new Event(type, detail));
  }

  /**
   * Has its deliveries that wait for files look again, where there is something to be done. Those
   * in hand look themselves before they wait, with the transfer locked as it is now.
   *
   * @return whether any is due now
   */
  boolean wakeDeliveries() {
    return delivers
        && database
                .jdbc()
                .sql(
                    """
            UPDATE step SET due_at = CURRENT_TIMESTAMP
            WHERE transfer_id = ? AND kind = 'DELIVER' AND due_at IS NULL AND (NOT EXISTS (%s)
              OR 'STORED' = (SELECT file.state FROM delivery
                JOIN output_file file ON file.transfer_id = delivery.transfer_id
                  AND file.turn >= delivery.place
                JOIN export_job job ON job.id = file.job_id
                WHERE delivery.id = step.item AND NOT whole
                AND %s ORDER BY file.turn LIMIT 1))"""
                        .formatted(FILES_TO_COME.formatted("step.transfer_id"), IS_OR_COMES))
                .param(id)
                .update()
            > 0;
  }

  /** All its jobs are complete: it is COMPLETE as well once its manifest stands, which is due. */
  void seal() {
    outcomeDue(TransferState.MATCHED, null, null);
  }

  /** Ends the transfer; its outcome is due at once. */
  void end(TransferState end, FailureReason reason, String detail) {
    outcomeDue(state.to(end), reason, detail);
    event(EventType.valueOf(end.name()), reason == null ? null : reason + ": " + detail);
  }

  private void outcomeDue(TransferState next, FailureReason reason, String detail) {
    database
        .jdbc()
        .sql(
            """
            UPDATE transfer SET state = ?, reason = ?, detail = ?, finished_at = CURRENT_TIMESTAMP
            WHERE id = ?""")
        .params(next.name(), reason == null ? null : reason.name(), detail, id)
        .update();
    new Steps(database).ofTransfer(id, Stage.OUTCOME);
  }

  void writeEvents(String actor) {
    database
        .jdbc()
        .sql(
            """
            UPDATE transfer SET events = ?, files = ?, warnings = warnings + ?,
              received_bytes = received_bytes + ?, delivers = ?, updated_at = CURRENT_TIMESTAMP
            WHERE id = ?""")
        .params(events + newEvents.size(), files(), newWarnings, newBytes, delivers, id)
        .update();
    List<Object[]> rows = new ArrayList<>();
    for (Event event : newEvents) {
      rows.add(
          new Object[] {
            id,
            events + rows.size() + 1,
            actor,
            event.type().name(),
            LedgerDatabase.shortened(event.detail())
          });
    }
    database.batch(
        """
        INSERT INTO transfer_event (transfer_id, number, at, actor, what, detail)
        VALUES (?, ?, CURRENT_TIMESTAMP, ?, ?, ?)""",
        rows);
  }

  private record Event(EventType type, String detail) {}
}
