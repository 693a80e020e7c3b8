package org.payerexchange.ledger.store;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.Recurrence;
import org.payerexchange.ledger.Recurrence.State;
import org.payerexchange.ledger.Repeat;
import org.payerexchange.ledger.RepeatPlan;
import org.payerexchange.ledger.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests that are asked again and again, as people see, change and stop them. */
public final class RecurrenceLedger {
  private static final Logger LOG = LoggerFactory.getLogger(RecurrenceLedger.class);

  private final LedgerDatabase database;
  private final Transitions transitions;
  private final Recurrences recurrences;
  private final Clock clock;

  /** Works on this database. */
  public RecurrenceLedger(LedgerDatabase database, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.transitions = new Transitions(database);
    this.recurrences = new Recurrences(database);
  }

  /**
   * Which are meant: those that all of it lets through.
   *
   * @param payer only this one's, or null
   * @param requestId only those that the sender called so, or null
   * @param state only these, or null
   */
  public record Filter(String payer, String requestId, State state) {
    private TransferFilter.Condition condition() {
      TransferFilter.Condition condition = new TransferFilter.Condition("TRUE");
      condition.add("payer = ?", payer);
      condition.add("state = ?", state == null ? null : state.name());
      condition.add("request_id = ?", requestId);
      return condition;
    }

    /** What changes no order, but has H2 go by its index instead of sorting. */
    private String sameOrder() {
      return payer == null || requestId != null ? "" : "payer,";
    }
  }

  /**
   * A page of them, those that are due first in front, those that ended behind.
   *
   * @param total how many the filter lets through
   */
  public record Page(List<Recurrence> recurrences, int page, long total) {}

  /**
   * A page.
   *
   * @param page from 0
   * @param size how many are on it, 1 to 1000
   * @throws IllegalArgumentException if page or size is out of bounds
   */
  public Page page(Filter filter, int page, int size) {
    TransferPage.check(page, size);
    TransferFilter.Condition condition = filter.condition();
    long total =
        database
            .jdbc()
            .sql("SELECT COUNT(*) FROM recurrence " + condition.where())
            .params(condition.values())
            .query(Long.class)
            .single();
    List<Recurrence> found =
        database
            .jdbc()
            .sql(
                "SELECT * FROM recurrence %s ORDER BY %s next_at NULLS LAST, id LIMIT ? OFFSET ?"
                    .formatted(condition.where(), filter.sameOrder()))
            .params(condition.values())
            .params(size, (long) page * size)
            .query((results, at) -> Recurrence.of(new Row(results)))
            .list();
    return new Page(found, page, total);
  }

  /** One of them. */
  public Optional<Recurrence> find(String id) {
    return database
        .jdbc()
        .sql("SELECT * FROM recurrence WHERE id = ?")
        .param(id)
        .query((results, at) -> Recurrence.of(new Row(results)))
        .optional();
  }

  /** Why something was not done. */
  public enum NotDone {
    /** It is not in the ledger. */
    GONE,
    /** It is not asked any more. */
    ENDED,
    /** The consent ends before. */
    CONSENT_ENDS,
    /** There would be no time left for it: it is to be stopped instead. */
    NO_TIME
  }

  /**
   * Has it not asked any more; its request is removed. What goes on of its last transfer goes on.
   *
   * @return why not; empty if it was done
   */
  public Optional<NotDone> stop(String id, String actor) {
    return change(
        id,
        actor,
        EventType.REPEATS_STOPPED,
        recurrence -> {
          recurrences.end(Map.of(id, actor), State.STOPPED, clock.instant());
          return null;
        });
  }

  /**
   * Has it asked more or less often from now on, or for longer or shorter.
   *
   * @param every null: as until now
   * @param until null: as until now
   * @return why not; empty if it was done
   */
  public Optional<NotDone> change(String id, Period every, LocalDate until, String actor) {
    return change(
        id,
        actor,
        EventType.REPEATS_CHANGED,
        found -> {
          if (until != null && consentEndsBefore(id, until)) {
            return NotDone.CONSENT_ENDS;
          }
          Repeat repeat =
              new Repeat(
                  every == null ? Period.parse(found.repeatEvery()) : every,
                  until == null ? found.repeatUntil() : until);
          Optional<Instant> next = RepeatPlan.changed(found, repeat, clock.instant());
          if (next.isEmpty()) {
            return NotDone.NO_TIME;
          }
          database.update(
              """
                  UPDATE recurrence SET repeat_every = ?, repeat_until = ?, next_at = ?
                  WHERE id = ?""",
              repeat.every().toString(),
              repeat.until(),
              LedgerDatabase.time(next.get()),
              id);
          return null;
        });
  }

  private boolean consentEndsBefore(String id, LocalDate until) {
    return database.finds("SELECT 1 FROM recurrence WHERE id = ? AND consent_end < ?", id, until);
  }

  private interface Change {
    /** Why it is not done, or null. */
    NotDone on(Recurrence recurrence);
  }

  /** The last transfer's audit trail says who did it, as long as there is one. */
  private Optional<NotDone> change(String id, String actor, EventType event, Change change) {
    Optional<Recurrence> known = find(id);
    if (known.isEmpty()) {
      return Optional.of(NotDone.GONE);
    }
    AtomicReference<NotDone> why = new AtomicReference<>(NotDone.ENDED);
    boolean done =
        transitions.on(
            known.get().lastTransfer(),
            actor,
            transfer -> {
              why.set(locked(id, change));
              transfer.event(event, find(id).map(RecurrenceLedger::inWords).orElse(null));
              return why.get() == null;
            });
    if (!done && why.get() == NotDone.ENDED) {
      database.change(
          () -> {
            why.set(locked(id, change));
            return null;
          });
    }
    if (why.get() == null) {
      LOG.info("{} by {}: {}", event, actor, find(id).map(RecurrenceLedger::inWords).orElse(id));
    }
    return Optional.ofNullable(why.get());
  }

  private static String inWords(Recurrence now) {
    return now.nextAt() == null
        ? now.id()
        : "%s: %s until %s".formatted(now.id(), now.repeatEvery(), now.repeatUntil());
  }

  private NotDone locked(String id, Change change) {
    return database
        .jdbc()
        .sql("SELECT * FROM recurrence WHERE id = ? AND state = 'ACTIVE' " + database.forUpdate())
        .param(id)
        .query((results, at) -> Recurrence.of(new Row(results)))
        .optional()
        .map(recurrence -> Optional.ofNullable(change.on(recurrence)))
        .orElse(Optional.of(NotDone.ENDED))
        .orElse(null);
  }
}
