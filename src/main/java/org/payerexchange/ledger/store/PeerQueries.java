package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Stage;

/** What is to be done at each payer and sink. */
public final class PeerQueries {
  private static final String WORK =
      """
      COUNT(*) AS open, COUNT(failing_since) AS failing,
      COUNT(CASE WHEN lease_until > CURRENT_TIMESTAMP THEN 1 END) AS running,
      COUNT(CASE WHEN due_at <= CURRENT_TIMESTAMP THEN 1 END) AS due,
      MIN(CASE WHEN due_at <= CURRENT_TIMESTAMP THEN due_at END) AS oldest""";

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

  /** How many requests at once each payer is given that does not bear as many as it might. */
  public Map<String, Integer> paces() {
    Map<String, Integer> paces = new TreeMap<>();
    database
        .jdbc()
        .sql("SELECT payer, pace FROM payer_gate WHERE pace IS NOT NULL")
        .query(
            results -> {
              Row row = new Row(results);
              paces.put(row.text("payer"), row.number("pace"));
            });
    return paces;
  }

  /**
   * The steps at each payer and sink, by its kind and name; those without any are absent. What has
   * failed at the outbox, or the outcome queue, is there.
   */
  public Map<TokenClient.Kind, Map<String, Work>> work() {
    Map<TokenClient.Kind, Map<String, Work>> all = new EnumMap<>(TokenClient.Kind.class);
    for (TokenClient.Kind kind : TokenClient.Kind.values()) {
      all.put(kind, new TreeMap<>());
    }
    database
        .jdbc()
        .sql(
            """
            SELECT sink, COALESCE(sink, lane) AS name, %s
            FROM (SELECT step.*, %s AS sink FROM step) step GROUP BY sink, COALESCE(sink, lane)"""
                .formatted(WORK, Waiting.SINK))
        .query(
            results -> {
              Row row = new Row(results);
              boolean atPayer = row.text("sink") == null;
              all.get(atPayer ? TokenClient.Kind.PAYER : TokenClient.Kind.SINK)
                  .put(row.text("name"), work(row));
            });
    return all;
  }

  /** The steps of each kind, over all payers and sinks; kinds without any are absent. */
  public Map<Stage, Work> workByStage() {
    Map<Stage, Work> all = new EnumMap<>(Stage.class);
    database
        .jdbc()
        .sql("SELECT kind, %s FROM step GROUP BY kind".formatted(WORK))
        .query(
            results -> {
              Row row = new Row(results);
              all.put(row.constant(Stage.class, "kind"), work(row));
            });
    return all;
  }

  /**
   * What has failed for the longest time at each payer and sink where something fails; a release,
   * which nothing depends on, only where nothing else does.
   */
  public Map<TokenClient.Kind, Map<String, Waiting>> failing() {
    List<Long> longest =
        database
            .jdbc()
            .sql(
                """
                SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY sink, COALESCE(sink, lane)
                  ORDER BY CASE WHEN kind = 'RELEASE' THEN 1 ELSE 0 END, failing_since) AS place
                  FROM (SELECT step.*, %s AS sink FROM step WHERE failing_since IS NOT NULL) step
                  ) failing
                WHERE place = 1"""
                    .formatted(Waiting.SINK))
            .query(Long.class)
            .list();
    Map<TokenClient.Kind, Map<String, Waiting>> all = new EnumMap<>(TokenClient.Kind.class);
    for (Waiting waiting : Waiting.ofSteps(database, longest)) {
      all.computeIfAbsent(waiting.side(), side -> new TreeMap<>()).put(waiting.name(), waiting);
    }
    return all;
  }

  private static Work work(Row row) throws SQLException {
    return new Work(
        row.big("open"),
        row.big("running"),
        row.big("failing"),
        row.big("due"),
        row.instant("oldest"));
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
