package org.payerexchange.ledger;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.payerexchange.step.FailureReason;

/**
 * A transfer within a transaction that has locked it. Whoever locks more goes on in the order job,
 * file, delivery.
 */
final class LockedTransfer {
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

  private LockedTransfer(LedgerDatabase database, Row row) throws SQLException {
    this.database = database;
    this.id = row.text("id");
    this.state = row.constant(TransferState.class, "state");
    this.files = row.number("files");
    this.events = row.number("events");
  }

  static Optional<LockedTransfer> lock(LedgerDatabase database, String id) {
    return database
        .jdbc()
        .sql("SELECT id, state, files, events FROM transfer WHERE id = ? " + database.forUpdate())
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

  /** Gives the next file its number. */
  int numberFile() {
    newFiles++;
    return files + newFiles;
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
            UPDATE transfer SET state = ?, reason = ?, detail = ?, finished_at = CURRENT_TIMESTAMP,
              stage = 'OUTCOME', due_at = CURRENT_TIMESTAMP, %s,
              lease_token = lease_token + 1, lease_owner = NULL, lease_until = NULL
            WHERE id = ?"""
                .formatted(ClaimedUpdate.NO_FAILURES))
        .params(next.name(), reason == null ? null : reason.name(), detail, id)
        .update();
  }

  void writeEvents(String actor) {
    database
        .jdbc()
        .sql(
            """
            UPDATE transfer SET events = ?, files = ?, warnings = warnings + ?,
              received_bytes = received_bytes + ?, updated_at = CURRENT_TIMESTAMP WHERE id = ?""")
        .params(events + newEvents.size(), files + newFiles, newWarnings, newBytes, id)
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
