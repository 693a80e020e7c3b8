package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.List;
import org.payerexchange.auth.TokenClient;

/** Payers that asked to be left alone for a while. */
public final class PayerHolds {
  private final LedgerDatabase database;

  /** Holds for all nodes on this database. */
  public PayerHolds(LedgerDatabase database) {
    this.database = database;
  }

  /**
   * Has no step claimed that calls this payer, on any node, until the time is over. A longer hold
   * stays.
   *
   * @param why the payer's answer in words
   */
  public void hold(String payer, Duration time, String why) {
    double seconds = LedgerDatabase.seconds(time);
    database.change(
        () -> {
          Gates.open(database, TokenClient.Kind.PAYER, List.of(payer));
          return database.update(
              """
                  UPDATE payer_gate gate SET %s, %s, held_until = %s, hold_why = ?
                  WHERE payer = ? AND COALESCE(held_until, CURRENT_TIMESTAMP) < %s"""
                  .formatted(
                      GateClock.COUNT,
                      Holds.SINCE,
                      LedgerDatabase.FROM_NOW,
                      LedgerDatabase.FROM_NOW),
              seconds,
              LedgerDatabase.shortened(why),
              payer,
              seconds);
        });
  }

  /** The payers that asked to be left alone, or did not bear their latest calls. */
  public List<String> troubled() {
    return database
        .jdbc()
        .sql(
            """
            SELECT payer FROM payer_gate
            WHERE pace IS NOT NULL OR held_until > CURRENT_TIMESTAMP ORDER BY payer""")
        .query(String.class)
        .list();
  }
}
