package org.payerexchange.ledger.store;

import java.util.Collection;
import org.payerexchange.auth.TokenClient;

/** The rows of payers and of sinks by which claims look for work, and by which they are held. */
final class Gates {
  private Gates() {}

  /** The table of those of a kind; its key is called as the kind. */
  static String table(TokenClient.Kind kind) {
    return kind.key() + "_gate";
  }

  /** Adds a gate for each name that has none, within the caller's transaction. */
  static void open(LedgerDatabase database, TokenClient.Kind kind, Collection<String> names) {
    database.batch(
        "INSERT INTO %s (%s) VALUES (?) ON CONFLICT DO NOTHING".formatted(table(kind), kind.key()),
        // in one order, so that nodes do not wait for each other's locks
        names.stream().distinct().sorted().map(name -> new Object[] {name}).toList());
  }

  /**
   * Whether a step that calls this payer may do so again: it is not paused, has not asked for a
   * pause, and its hours are not over.
   */
  static boolean bearsCalls(LedgerDatabase database, String payer) {
    return !database.finds(
        "SELECT 1 FROM payer_gate gate WHERE payer = ? AND (%s OR %s OR held_until > CURRENT_TIMESTAMP)"
            .formatted(Pauses.PAUSED, CallGates.CLOSED),
        payer);
  }
}
