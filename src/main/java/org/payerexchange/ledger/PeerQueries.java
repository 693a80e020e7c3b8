package org.payerexchange.ledger;

import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.auth.TokenClient;

/** What is to be done at each payer and sink. */
public final class PeerQueries {
  private static final String SIDE = "CASE WHEN kind = 'DELIVER' THEN 'SINK' ELSE 'PAYER' END";

  private final LedgerDatabase database;

  /** Reads this database. */
  public PeerQueries(LedgerDatabase database) {
    this.database = database;
  }

  /** How many open transfers each payer has, by state; payers without any are absent. */
  public Map<String, Map<TransferState, Long>> openTransfers() {
    Map<String, Map<TransferState, Long>> open = new TreeMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT payer, state, COUNT(*) AS transfers FROM transfer
            WHERE state IN ('RECEIVED', 'MATCHED') AND NOT is_batch GROUP BY payer, state""")
        .query(
            results -> {
              Row row = new Row(results);
              open.computeIfAbsent(row.text("payer"), payer -> new EnumMap<>(TransferState.class))
                  .put(row.constant(TransferState.class, "state"), row.big("transfers"));
            });
    return open;
  }

  /** The steps at each payer and sink, by its kind and name; those without any are absent. */
  public Map<TokenClient.Kind, Map<String, Work>> work() {
    Map<TokenClient.Kind, Map<String, Work>> all = new EnumMap<>(TokenClient.Kind.class);
    for (TokenClient.Kind kind : TokenClient.Kind.values()) {
      all.put(kind, new TreeMap<>());
    }
    database
        .jdbc()
        .sql(
            """
            SELECT lane, %1$s AS side, COUNT(*) AS open, COUNT(failing_since) AS failing,
              COUNT(CASE WHEN lease_until > CURRENT_TIMESTAMP THEN 1 END) AS running,
              COUNT(CASE WHEN due_at <= CURRENT_TIMESTAMP THEN 1 END) AS due,
              MIN(CASE WHEN due_at <= CURRENT_TIMESTAMP THEN due_at END) AS oldest
            FROM step GROUP BY lane, %1$s"""
                .formatted(SIDE))
        .query(
            results -> {
              Row row = new Row(results);
              all.get(row.constant(TokenClient.Kind.class, "side"))
                  .put(
                      row.text("lane"),
                      new Work(
                          row.big("open"),
                          row.big("running"),
                          row.big("failing"),
                          row.big("due"),
                          row.instant("oldest")));
            });
    return all;
  }

  /**
   * What is to be done at a payer or sink.
   *
   * @param open all of it; at a sink one for each transfer
   * @param running what a node has in hand
   * @param failing what has failed, and is tried again
   * @param due what might be done now, if it were not held and there were room
   * @param dueSince since when the oldest of it has been due, or null
   */
  public record Work(long open, long running, long failing, long due, Instant dueSince) {
    /** Nothing at all. */
    public static final Work NONE = new Work(0, 0, 0, 0, null);
  }
}
