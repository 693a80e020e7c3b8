package org.payerexchange.ledger.store;

import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.payerexchange.step.Claim;

/**
 * Makes transitions: each in one transaction that first locks its transfer, so that children which
 * end at the same time are counted one after the other, and events are numbered without a gap.
 */
final class Transitions {
  /** A server says so of a change that it has undone, for others' sake: a deadlock at most. */
  private static final Set<String> UNDONE = Set.of("40001", "40P01");

  private static final int MOST_TRIES = 3;

  private final LedgerDatabase database;

  Transitions(LedgerDatabase database) {
    this.database = database;
  }

  /**
   * Does the work on the locked transfer. Where it answers {@code false}, nothing has happened.
   *
   * @param actor the node or the operator
   */
  boolean on(String transferId, String actor, Predicate<LockedTransfer> work) {
    return database.transition(
        () -> done(LockedTransfer.lock(database, transferId), actor, work, transfer -> {}));
  }

  /**
   * The same for the transfer of a claim, with the job that the claim is about. What the database
   * has undone for the sake of another change is made once more: what came of the call would be
   * lost with it.
   *
   * @param work begins anew each time
   * @param then what else is done once all is written
   */
  boolean on(
      Claim claim, String actor, Predicate<LockedTransfer> work, Consumer<LockedTransfer> then) {
    for (int tries = 1; ; tries++) {
      try {
        return database.transition(
            () -> done(LockedTransfer.lock(database, claim), actor, work, then));
      } catch (RuntimeException failed) {
        if (tries == MOST_TRIES || !SqlStates.isAny(failed, UNDONE)) {
          throw failed;
        }
      }
    }
  }

  private static boolean done(
      Optional<LockedTransfer> locked,
      String actor,
      Predicate<LockedTransfer> work,
      Consumer<LockedTransfer> then) {
    Optional<LockedTransfer> done = locked.filter(work).filter(transfer -> transfer.write(actor));
    done.ifPresent(then);
    return done.isPresent();
  }
}
