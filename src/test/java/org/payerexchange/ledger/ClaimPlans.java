package org.payerexchange.ledger;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.payerexchange.step.Stage;

/**
 * Fills a PostgreSQL with a million rows in each of the tables that are claimed from and prints how
 * it plans and runs the queries of a claim: the second run of each, with all pages in memory.
 */
public final class ClaimPlans {
  private static final int ROWS = 1_000_000;
  private static final int DUE = 1_000;
  private static final int CLAIMED = 16;

  private final LedgerDatabase database;
  private final Leases leases;

  private ClaimPlans(LedgerDatabase database) {
    this.database = database;
    this.leases = new Node(database, "plans", Duration.ofMinutes(5)).leases;
  }

  /** Runs, and ends with the database. */
  public static void main(String[] none) {
    try (LedgerDatabase database =
        LedgerDatabase.open(TestDatabase.POSTGRESQL.newUrl(Path.of("")), "postgres", "", 4)) {
      ClaimPlans plans = new ClaimPlans(database);
      plans.fill();
      plans.explain(Stage.MEMBER_MATCH);
      plans.explain(Stage.EXPORT_POLL);
      plans.explain(Stage.DOWNLOAD);
      plans.explain(Stage.DELIVER);
      plans.print("what runs at the payers", Leases.RUNNING_CALLS, "plans");
    }
    System.exit(0);
  }

  private void fill() {
    run("INSERT INTO payer_gate (payer) SELECT 'payer-' || n FROM generate_series(0, 49) AS g(n)");
    String payerAndState = "'payer-' || n %% 50, '%s', CASE WHEN n <= %d THEN '%s' END, ";
    String due =
        "CASE WHEN n <= %d THEN CURRENT_TIMESTAMP - n * INTERVAL '1' SECOND END, CURRENT_TIMESTAMP"
            .formatted(DUE);
    run(
        """
        INSERT INTO transfer (id, source, record_number, request_sha256, received_at, payer, state,
          stage, due_at, updated_at)
        SELECT 't' || n, 'plans', n, '', CURRENT_TIMESTAMP,"""
            + payerAndState.formatted("COMPLETE", DUE, "MEMBER_MATCH")
            + due
            + series());
    run(
        """
        INSERT INTO export_job (transfer_id, group_id, payer, state, stage, due_at, updated_at)
        SELECT 't' || n, 'g',"""
            + payerAndState.formatted("RUNNING", ROWS, "EXPORT_POLL")
            + due.replace("SECOND END", "SECOND ELSE CURRENT_TIMESTAMP + INTERVAL '1' HOUR END")
            + series());
    run(
        """
        INSERT INTO output_file (job_id, transfer_id, kind, resource_type, place, number,
          export_number, url, payer, state, stage, due_at, updated_at)
        SELECT n, 't' || n, 'OUTPUT', 'Patient', 1, 1, 1, '',"""
            + payerAndState.formatted("STORED", DUE, "DOWNLOAD")
            + due
            + series());
    run(
        """
        INSERT INTO delivery (transfer_id, sink, payer, state, stage, due_at, updated_at)
        SELECT 't' || n, 'file-uri-1',"""
            + payerAndState.formatted("DONE", DUE, "DELIVER")
            + due
            + series());
    run("VACUUM ANALYZE");
  }

  private static String series() {
    return " FROM generate_series(1, %d) AS g(n)".formatted(ROWS);
  }

  private void explain(Stage stage) {
    print(stage + ", which payers have something due", leases.dueGates(stage), stage.name());
    print(
        stage + ", the rows of one payer",
        leases.dueRows(stage, new ClaimQuery<>(row -> null)),
        stage.name(),
        "payer-7",
        CLAIMED);
  }

  private void print(String name, String sql, Object... values) {
    List<String> plan = List.of();
    for (int run = 0; run < 2; run++) {
      plan =
          database
              .jdbc()
              .sql("EXPLAIN (ANALYZE, COSTS OFF) " + sql)
              .params(List.of(values))
              .query(String.class)
              .list();
    }
    System.out.printf(
        Locale.ROOT,
        "%n%s%n%s%n",
        name,
        plan.stream().collect(Collectors.joining("\n  ", "  ", "")));
  }

  private void run(String sql) {
    database.jdbc().sql(sql).update();
  }
}
