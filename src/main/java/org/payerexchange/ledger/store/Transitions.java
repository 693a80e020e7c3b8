package org.payerexchange.ledger.store;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.payerexchange.step.Claim;

/**
 * Makes transitions: each in one transaction that first locks its transfer, so that children which
 * end at the same time are counted one after the other, and events are numbered without a gap.
 */
final class Transitions {
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
   * The same for the transfer of a claim, with the job that the claim is about.
   *
   * @param then what else is done once all is written
   */
  boolean on(
      Claim claim, String actor, Predicate<LockedTransfer> work, Consumer<LockedTransfer> then) {
    return database.transition(() -> done(LockedTransfer.lock(database, claim), actor, work, then));
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
