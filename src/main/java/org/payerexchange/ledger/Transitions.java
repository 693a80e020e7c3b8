package org.payerexchange.ledger;

import java.util.function.Predicate;

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
    return database.transition(() -> lockAndDo(transferId, actor, work));
  }

  private boolean lockAndDo(String transferId, String actor, Predicate<LockedTransfer> work) {
    return LockedTransfer.lock(database, transferId)
        .filter(
            transfer -> {
              boolean done = work.test(transfer);
              if (done) {
                transfer.writeEvents(actor);
              }
              return done;
            })
        .isPresent();
  }
}
