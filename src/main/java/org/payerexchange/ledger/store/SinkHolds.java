package org.payerexchange.ledger.store;

import java.time.Duration;

/** Sinks that asked to be left alone for a while. */
public final class SinkHolds {
  private final LedgerDatabase database;

  /** Holds for all nodes on this database. */
  public SinkHolds(LedgerDatabase database) {
    this.database = database;
  }

  /** Has no delivery to this sink claimed, on any node, until the time is over. */
  public void hold(String sink, Duration time) {
    double seconds = LedgerDatabase.seconds(time);
    database.change(
        () -> {
          int held =
              database.update(
                  """
                      UPDATE sink_gate gate SET %s, %s,
                        held_until = GREATEST(COALESCE(held_until, CURRENT_TIMESTAMP), %s)
                      WHERE sink = ?"""
                      .formatted(GateClock.COUNT, Holds.SINCE, LedgerDatabase.FROM_NOW),
                  seconds,
                  sink);
          return held > 0 ? held : insert(sink, seconds);
        });
  }

  /**
   * The sink took something: its next pause, if there is one, is another. Within the caller's
   * transaction.
   */
  void over(String sink) {
    database.update(
        """
            UPDATE sink_gate SET held_since = NULL
            WHERE sink = ? AND held_until <= CURRENT_TIMESTAMP""",
        sink);
  }

  private int insert(String sink, double seconds) {
    return database.update(
        """
            INSERT INTO sink_gate (sink, held_until, held_since)
            VALUES (?, %s, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING"""
            .formatted(LedgerDatabase.FROM_NOW),
        sink,
        seconds);
  }
}
