package org.payerexchange.ledger.store;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.payerexchange.ledger.BrokenOff;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.RetryPlan;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.OperatorAction.NotDone;
import org.payerexchange.step.FailureReason;

/** What people do to transfers. Each names its actor in the audit trail. */
public final class OperatorLedger {
  private static final int PAGE = 500;

  private final LedgerDatabase database;
  private final Transitions transitions;
  private final Retries retries;

  /** Works on this database. */
  public OperatorLedger(LedgerDatabase database) {
    this.database = database;
    this.transitions = new Transitions(database);
    this.retries = new Retries(database);
  }

  /**
   * Sends a FAILED or NO_MATCH transfer on from the step that failed; what was done is kept.
   *
   * @return whether it was there, and had failed
   */
  public boolean retry(String transferId, String actor) {
    return act(OperatorAction.RETRY, transferId, actor).isEmpty();
  }

  /**
   * Gives an open transfer up; its jobs are released at the payer.
   *
   * @return whether it was there, and open
   */
  public boolean cancel(String transferId, String actor) {
    return act(OperatorAction.CANCEL, transferId, actor).isEmpty();
  }

  /**
   * Does something to one transfer; with {@link OperatorAction#NOW} to a batch as well.
   *
   * @param actor who asked for it
   * @return why it was not done; empty if it was
   */
  public Optional<NotDone> act(OperatorAction action, String transferId, String actor) {
    return act(action, transferId, actor, false);
  }

  private Optional<NotDone> act(
      OperatorAction action, String transferId, String actor, boolean dryRun) {
    AtomicReference<NotDone> why = new AtomicReference<>(NotDone.GONE);
    transitions.on(
        transferId,
        actor,
        transfer -> {
          Attempt attempt = attempt(action, transfer, actor);
          why.set(attempt.why());
          boolean does = attempt.why() == null && !dryRun;
          if (does) {
            attempt.work().run();
          }
          return does;
        });
    return Optional.ofNullable(why.get());
  }

  /**
   * Does something to all transfers that a filter lets through and that are there by now, one after
   * the other: each in a transaction of its own, so that what was done stays if the rest fails.
   *
   * @param actor who asked for it
   * @param dryRun whether it is only told what would be done
   * @throws BrokenOff if the rest fails once something was done
   */
  public ActionReport act(
      OperatorAction action, TransferFilter filter, String actor, boolean dryRun) {
    return act(action, filter, actor, dryRun, Long.MAX_VALUE);
  }

  /**
   * The same.
   *
   * @param most to how many it is done; the others are left
   */
  public ActionReport act(
      OperatorAction action, TransferFilter filter, String actor, boolean dryRun, long most) {
    Map<NotDone, Long> refused = new EnumMap<>(NotDone.class);
    long others = others(action, filter);
    if (others > 0) {
      refused.put(action.otherwise(), others);
    }
    long looked = 0;
    long done = 0;
    Place end = new Place(database.time(), "");
    Optional<Place> last = Optional.empty();
    List<Place> page;
    try {
      do {
        page = page(action, filter, last, end);
        for (Place place : page) {
          Optional<NotDone> why =
              done < most ? act(action, place.id(), actor, dryRun) : Optional.of(NotDone.LEFT);
          why.ifPresent(reason -> refused.merge(reason, 1L, Long::sum));
          done += why.isEmpty() ? 1 : 0;
        }
        looked += page.size();
        last = page.isEmpty() ? last : Optional.of(page.get(page.size() - 1));
      } while (page.size() == PAGE);
    } catch (RuntimeException failed) {
      throw dryRun || done == 0 ? failed : new BrokenOff(done, failed);
    }
    return new ActionReport(others + looked, done, refused);
  }

  /** Where a transfer stands among all, the oldest first. */
  private record Place(Instant receivedAt, String id) {}

  /** Those to which it cannot be done, which are not looked at one by one. */
  private long others(OperatorAction action, TransferFilter filter) {
    TransferFilter.Condition condition = filter.condition(database.embedded());
    return database
        .jdbc()
        .sql(
            "SELECT COUNT(*) FROM transfer %s AND NOT %s"
                .formatted(condition.where(), action.maybe()))
        .params(condition.values())
        .query(Long.class)
        .single();
  }

  private List<Place> page(
      OperatorAction action, TransferFilter filter, Optional<Place> last, Place end) {
    TransferFilter.Condition condition = filter.condition(database.embedded());
    last.ifPresent(place -> condition.behind(place.receivedAt(), place.id()));
    condition.add("received_at <= ?", LedgerDatabase.time(end.receivedAt()));
    return database
        .jdbc()
        .sql(
            "SELECT id, received_at FROM transfer %s AND %s ORDER BY received_at, id LIMIT ?"
                .formatted(condition.where(), action.maybe()))
        .params(condition.values())
        .params(PAGE)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new Place(row.instant("received_at"), row.text("id"));
            })
        .list();
  }

  /** What would be done, or why it is not. */
  private record Attempt(Runnable work, NotDone why) {
    static Attempt not(NotDone why) {
      return new Attempt(null, why);
    }
  }

  private Attempt attempt(OperatorAction action, LockedTransfer transfer, String actor) {
    if (transfer.isBatch() && action != OperatorAction.NOW) {
      return Attempt.not(NotDone.BATCH);
    }
    return switch (action) {
      case RETRY -> retry(transfer);
      case CANCEL ->
          CancelPlan.of(transfer.state(), transfer.jobs("TRUE"))
              .map(plan -> new Attempt(() -> cancel(transfer, plan, cancelledBy(actor)), null))
              .orElseGet(() -> Attempt.not(NotDone.ENDED));
      case NOW -> {
        long waiting = transfer.steps().waiting();
        yield waiting == 0
            ? Attempt.not(NotDone.NOTHING_WAITS)
            : new Attempt(() -> tryNow(transfer, waiting), null);
      }
    };
  }

  private Attempt retry(LockedTransfer transfer) {
    if (transfer.isWithdrawn() && RetryPlan.isFor(transfer.state())) {
      return Attempt.not(NotDone.WITHDRAWN);
    }
    return retries
        .plan(transfer)
        .map(plan -> new Attempt(() -> retries.retry(transfer, plan), null))
        .orElseGet(
            () ->
                Attempt.not(
                    RetryPlan.isFor(transfer.state())
                        ? NotDone.REQUEST_REMOVED
                        : NotDone.NOT_FAILED));
  }

  private static Failure cancelledBy(String actor) {
    return new Failure(FailureReason.CANCELLED, "by " + actor);
  }

  /**
   * The member withdraws the consent: an open transfer ends, one that failed is not retried.
   *
   * @return whether it was either
   */
  boolean withdraw(String transferId, String by) {
    return transitions.on(
        transferId,
        by,
        transfer -> {
          Optional<CancelPlan> plan = CancelPlan.of(transfer.state(), transfer.jobs("TRUE"));
          plan.ifPresent(
              open -> cancel(transfer, open, new Failure(FailureReason.WITHDRAWN, "by " + by)));
          boolean failed = RetryPlan.isFor(transfer.state()) && !transfer.isWithdrawn();
          if (failed) {
            transfer.withdraw("by " + by);
          }
          return plan.isPresent() || failed;
        });
  }

  private static void tryNow(LockedTransfer transfer, long waiting) {
    transfer.steps().tryNow();
    transfer.event(EventType.TRIED_NOW, "steps that waited: " + waiting);
  }

  /**
   * The request of a transfer as it is sent to the payer's member match, PHI; the audit trail says
   * who was shown it.
   *
   * @param actor who asked for it
   * @return a FHIR Parameters resource as JSON; empty once it was removed
   */
  public Optional<String> showRequest(String transferId, String actor) {
    AtomicReference<String> request = new AtomicReference<>();
    transitions.on(
        transferId,
        actor,
        transfer -> {
          database
              .jdbc()
              .sql("SELECT request_json FROM transfer_request WHERE transfer_id = ?")
              .param(transferId)
              .query(String.class)
              .optional()
              .ifPresent(request::set);
          transfer.event(EventType.REQUEST_SHOWN, null);
          return request.get() != null;
        });
    return Optional.ofNullable(request.get());
  }

  private void cancel(LockedTransfer transfer, CancelPlan plan, Failure why) {
    OpenFiles files = new OpenFiles(database);
    plan.jobs().forEach(job -> transfer.event(EventType.EXPORT_CANCELLED, files.inWords(job)));
    database.batch(
        """
        UPDATE export_job SET state = 'CANCELLED', reason = 'CANCELLED', detail = NULL,
          open_files = 0, finished_at = CURRENT_TIMESTAMP, updated_at = CURRENT_TIMESTAMP
        WHERE id = ?""",
        plan.jobs().stream().map(job -> new Object[] {job.id()}).toList());
    transfer.openJobs(-plan.jobs().size());
    files.endWithTransfer(transfer, CancelPlan.WHY);
    transfer.steps().addReleases();
    transfer.end(TransferState.CANCELLED, why);
  }
}
