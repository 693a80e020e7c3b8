package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.payerexchange.ledger.InHand;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Hands;

/**
 * Steps that stand in the ledger as this node's, or may, and that nobody goes on with: the commit
 * that took them ended in doubt, or what became of them could not be recorded. They are given back
 * once the ledger answers, and are no lost ends: the process did not end.
 */
final class LeftBehind {
  /** How long what was not recorded waits: 30 s of the usual lease. */
  private static final int PARTS_OF_A_LEASE = 10;

  private final LedgerDatabase database;
  private final Hands hands;
  private final String node;
  private final long lease;
  private final Map<InHand, Long> from = new ConcurrentHashMap<>();
  private final Set<InHand> notRecorded = ConcurrentHashMap.newKeySet();

  /**
   * None.
   *
   * @param lease how long a commit in doubt may come to light: then its leases are over
   */
  LeftBehind(LedgerDatabase database, Hands hands, String node, Duration lease) {
    this.database = database;
    this.hands = hands;
    this.node = node;
    this.lease = lease.toNanos();
  }

  /** These may have been taken, by a commit that nobody knows the end of. */
  void add(Collection<Claim> claims) {
    claims.forEach(claim -> from.put(InHand.of(claim), System.nanoTime()));
  }

  /** What becomes of a step in hand could not be recorded, for whatever reason. */
  void notRecorded(Claim claim) {
    notRecorded.add(InHand.of(claim));
  }

  /**
   * A step does not go on. It is given back after a while: what was done of it is done again, and
   * the ledger may take claims though it cannot record what becomes of them.
   */
  void done(Claim claim) {
    if (notRecorded.remove(InHand.of(claim))) {
      hands.drop(InHand.of(claim));
      from.put(InHand.of(claim), System.nanoTime() + lease / PARTS_OF_A_LEASE);
    }
  }

  /** Gives back what it finds of them. */
  void giveBack() {
    long now = System.nanoTime();
    if (from.values().stream().noneMatch(when -> when - now <= 0)) {
      return;
    }
    List<InHand> found =
        database
            .jdbc()
            .sql(
                "SELECT id, lease_token FROM step WHERE lease_owner = ? AND "
                    + LedgerDatabase.LEASED)
            .param(node)
            .query((row, at) -> new InHand(row.getLong("id"), row.getLong("lease_token")))
            .list();
    found.stream().filter(step -> isLeft(step, now)).forEach(this::giveBack);
    from.values().removeIf(when -> now - when > lease);
  }

  /** After a failover a token may be given twice: what is in hand by it again is not left. */
  private boolean isLeft(InHand step, long now) {
    Long when = from.get(step);
    return when != null && when - now <= 0 && !hands.isFresh(step);
  }

  private void giveBack(InHand step) {
    database.change(() -> database.giveBack(node, step.step(), step.token()));
    from.remove(step);
  }
}
