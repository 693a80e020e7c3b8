package org.payerexchange.ledger.store;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many requests at once each payer is given, by all nodes together: its configured limit, half
 * as many after each call that it did not bear, down to one, and one more after each that it did.
 * So a payer that hangs soon holds one slot, and one that recovers has all of them back within a
 * few calls.
 */
final class PayerPace {
  private final LedgerDatabase database;
  private final Map<String, Integer> limits;
  private final Set<String> lowered = ConcurrentHashMap.newKeySet();

  /**
   * Paces on this database.
   *
   * @param limits the configured ones, by payer; 1 for any other
   */
  PayerPace(LedgerDatabase database, Map<String, Integer> limits) {
    this.database = database;
    this.limits = limits;
  }

  /** The pace in force, by what stands at the payer's gate. */
  int of(String payer, Integer atGate) {
    if (atGate == null) {
      lowered.remove(payer);
      return limit(payer);
    }
    lowered.add(payer);
    return Math.min(atGate, limit(payer));
  }

  /** Whether the payer got less than its limit when its gate was last passed. */
  boolean isLowered(String payer) {
    return lowered.contains(payer);
  }

  /** How many of a payer's requests may be downloads: some are left to what is over soon. */
  static int downloads(int limit) {
    return limit > 1 ? limit - Math.max(1, limit / 4) : limit;
  }

  /** The payer did not bear a call: it gave no answer in time, or asked for a pause. */
  void lower(String payer) {
    lowered.add(payer);
    database.update(
        """
            UPDATE payer_gate SET pace = GREATEST(1, COALESCE(pace, CAST(? AS INTEGER)) / 2)
            WHERE payer = ?""",
        limit(payer),
        payer);
  }

  /** The payer bore a call. It costs nothing where the pace was not lowered when it was claimed. */
  void raise(String payer) {
    if (lowered.contains(payer)) {
      database.update(
          """
              UPDATE payer_gate SET pace = CASE WHEN pace + 1 < ? THEN pace + 1 END,
                held_since = CASE WHEN held_until > CURRENT_TIMESTAMP THEN held_since END
              WHERE payer = ? AND pace IS NOT NULL""",
          limit(payer),
          payer);
    }
  }

  private int limit(String payer) {
    return limits.getOrDefault(payer, 1);
  }
}
