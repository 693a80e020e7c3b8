package org.payerexchange.ledger.store;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.Recurrence.State;
import org.payerexchange.ledger.Row;

/**
 * Removes what the ledger holds of a member, by a request or a transfer; that it was asked, when,
 * and what became of it stays in the audit trail.
 */
public final class ForgetLedger {
  private final LedgerDatabase database;
  private final Transitions transitions;
  private final Recurrences recurrences;
  private final Clock clock;

  /** Works on this database. */
  public ForgetLedger(LedgerDatabase database, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.transitions = new Transitions(database);
    this.recurrences = new Recurrences(database);
  }

  /**
   * A transfer of a request.
   *
   * @param isOpen whether anything is still done of it
   * @param isForgotten whether that was done before
   * @param source where it came from
   * @param sinks those that have had something of it
   */
  public record Known(
      String id, boolean isOpen, boolean isForgotten, String source, List<String> sinks) {}

  /**
   * Whose member is to be forgotten.
   *
   * @param id what {@code by} is by
   */
  public record Subject(String payer, By by, String id) {
    /** What the sender called so. */
    public static Subject ofRequest(String payer, String requestId) {
      return new Subject(payer, By.REQUEST, requestId);
    }
  }

  /** How a subject is found: its transfers, and what repeats. */
  public enum By {
    /** All that the sender called so. */
    REQUEST("request_id", "request_id"),
    /** All times of a repeated request that its sender called nothing. */
    RECURRENCE("recurrence_id", "id"),
    /** One transfer that its sender called nothing. */
    TRANSFER("id", "last_transfer");

    private final String ofTransfer;
    private final String ofRecurrence;

    By(String ofTransfer, String ofRecurrence) {
      this.ofTransfer = ofTransfer;
      this.ofRecurrence = ofRecurrence;
    }
  }

  /**
   * Whose a transfer is: its request's, else its recurrence's, else its own. Empty where there is
   * none, or it is a batch or a rejected record, which are nobody's.
   */
  public Optional<Subject> subject(String transferId) {
    return database
        .jdbc()
        .sql(
            """
            SELECT payer, request_id, recurrence_id FROM transfer
            WHERE id = ? AND NOT is_batch AND state <> 'REJECTED'""")
        .param(transferId)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              String payer = row.text("payer");
              String request = row.text("request_id");
              String recurrence = row.text("recurrence_id");
              if (request != null) {
                return Subject.ofRequest(payer, request);
              }
              return recurrence == null
                  ? new Subject(payer, By.TRANSFER, transferId)
                  : new Subject(payer, By.RECURRENCE, recurrence);
            })
        .optional();
  }

  /** A subject's transfers, all repetitions too; the oldest first. */
  public List<Known> known(Subject subject) {
    return database
        .jdbc()
        .sql(
            """
            SELECT id, source, state IN ('RECEIVED', 'MATCHED')
              OR EXISTS (SELECT 1 FROM step WHERE step.transfer_id = transfer.id) AS is_open,
              EXISTS (SELECT 1 FROM transfer_event
                WHERE transfer_id = transfer.id AND what = 'FORGOTTEN') AS is_forgotten
            FROM transfer WHERE payer = ? AND %s = ? ORDER BY id"""
                .formatted(subject.by().ofTransfer))
        .params(subject.payer(), subject.id())
        .query(
            (results, at) -> {
              Row row = new Row(results);
              String id = row.text("id");
              return new Known(
                  id,
                  row.flagOrNull("is_open"),
                  row.flagOrNull("is_forgotten"),
                  row.text("source"),
                  sinks(id));
            })
        .list();
  }

  private List<String> sinks(String id) {
    return database
        .jdbc()
        .sql(
            """
            SELECT DISTINCT sink FROM delivery
            WHERE transfer_id = ? AND (state = 'DONE' OR place > 0 OR position > 0) ORDER BY sink""")
        .param(id)
        .query(String.class)
        .list();
  }

  /**
   * Has the subject not asked for again.
   *
   * @return of each of its recurrences whether anything was held of it
   */
  public List<Boolean> stop(Subject subject, String actor) {
    String column = subject.by().ofRecurrence;
    return database.change(
        () -> {
          Map<String, Boolean> held = new HashMap<>();
          database
              .jdbc()
              .sql(
                  """
                  SELECT id, state = 'ACTIVE' OR member_ids <> '' AS is_held FROM recurrence
                  WHERE payer = ? AND %s = ?"""
                      .formatted(column))
              .params(subject.payer(), subject.id())
              .query(
                  row -> {
                    held.put(row.getString("id"), row.getBoolean("is_held"));
                  });
          recurrences.end(
              held.keySet().stream().collect(Collectors.toMap(id -> id, id -> actor)),
              State.STOPPED,
              clock.instant());
          database.update(
              "UPDATE recurrence SET member_ids = '' WHERE payer = ? AND %s = ?".formatted(column),
              subject.payer(),
              subject.id());
          return List.copyOf(held.values());
        });
  }

  /**
   * Removes request, jobs, files' rows and deliveries of a transfer.
   *
   * @return whether it was there, and nothing is done of it any more
   */
  public boolean forget(String transferId, String actor) {
    return transitions.on(
        transferId,
        actor,
        transfer -> {
          if (!transfer.state().terminal() || isBusy(transferId)) {
            return false;
          }
          BatchMembers.leaves(database, "transfer_id", transferId);
          for (String table : List.of("transfer_request", "delivery", "export_job")) {
            database.update("DELETE FROM %s WHERE transfer_id = ?".formatted(table), transferId);
          }
          database.update("UPDATE transfer SET member_ids = NULL WHERE id = ?", transferId);
          database.update(
              "UPDATE transfer_consent SET policy = NULL WHERE transfer_id = ?", transferId);
          transfer.event(EventType.FORGOTTEN, null);
          return true;
        });
  }

  private boolean isBusy(String transferId) {
    return database.finds("SELECT 1 FROM step WHERE transfer_id = ? LIMIT 1", transferId);
  }
}
