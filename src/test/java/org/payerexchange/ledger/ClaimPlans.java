package org.payerexchange.ledger;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.payerexchange.step.Stage;

/**
 * Fills a PostgreSQL with a million steps of ten lanes and prints how it plans and runs the queries
 * of a claim: the second run of each, with all pages in memory.
 */
public final class ClaimPlans {
  private static final int ROWS = 1_000_000;
  private static final int DUE = 1_000;
  private static final int CLAIMED = 16;
  private static final List<Stage> KINDS =
      List.of(Stage.MEMBER_MATCH, Stage.EXPORT_POLL, Stage.DOWNLOAD, Stage.DELIVER);

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
      plans.print(
          "which payers have something due",
          plans
              .leases
              .steps()
              .duePayers(List.of(Stage.MEMBER_MATCH, Stage.EXPORT_POLL, Stage.DOWNLOAD)));
      KINDS.forEach(plans::explain);
      plans.print("what runs at the payers", DueSteps.RUNNING);
    }
    System.exit(0);
  }

  private void fill() {
    run("INSERT INTO payer_gate (payer) SELECT 'payer-' || n FROM generate_series(0, 4) AS g(n)");
    run("INSERT INTO sink_gate (sink) SELECT 'sink-' || n FROM generate_series(0, 4) AS g(n)");
    run(
        """
        INSERT INTO transfer (id, source, record_number, request_sha256, received_at, payer, state,
          updated_at)
        SELECT 't' || n, 'plans', n, '', CURRENT_TIMESTAMP, 'payer-' || n % 5, 'MATCHED',
          CURRENT_TIMESTAMP"""
            + series());
    run(
        """
        INSERT INTO export_job (transfer_id, group_id, payer, state, updated_at)
        SELECT 't' || n, 'g', 'payer-' || n % 5, 'RUNNING', CURRENT_TIMESTAMP"""
            + series());
    run(
        """
        INSERT INTO output_file (job_id, transfer_id, kind, resource_type, place, number,
          export_number, url, payer, state, updated_at)
        SELECT n, 't' || n, 'OUTPUT', 'Patient', 1, 1, 1, '', 'payer-' || n % 5, 'PENDING',
          CURRENT_TIMESTAMP"""
            + series());
    run(
        """
        INSERT INTO delivery (transfer_id, sink, payer, state, updated_at)
        SELECT 't' || n, 'sink-' || n % 5, 'payer-' || n % 5, 'PENDING', CURRENT_TIMESTAMP"""
            + series());
    for (Stage stage : KINDS) {
      run(
          """
          INSERT INTO step (transfer_id, kind, lane, item, due_at)
          SELECT 't' || n, '%s', '%s-' || n %% 5, n, CASE WHEN n <= %d
            THEN CURRENT_TIMESTAMP - n * INTERVAL '1' SECOND
            ELSE CURRENT_TIMESTAMP + INTERVAL '1' HOUR END FROM generate_series(1, %d) AS g(n)"""
              .formatted(
                  stage, stage == Stage.DELIVER ? "sink" : "payer", DUE, ROWS / KINDS.size()));
    }
    run("VACUUM ANALYZE");
  }

  private static String series() {
    return " FROM generate_series(1, %d) AS g(n)".formatted(ROWS);
  }

  private void explain(Stage stage) {
    print(
        stage + ", the steps of one lane",
        leases.steps().dueRows(stage, ""),
        stage.name(),
        stage == Stage.DELIVER ? "sink-2" : "payer-2",
        0,
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
