package org.payerexchange.ledger.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.store.ExplainedStatements.Explained;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;
import org.payerexchange.support.Folders;

/**
 * Fills ledgers with few and with many steps of ten lanes, half of them due, and prints what a
 * claim, commits that hand on, and an end have H2 and PostgreSQL read, and how. What they read may
 * not grow with what waits.
 */
public final class ClaimPlans {
  private static final String FEW = "10000";
  private static final String MANY = "1000000";
  private static final List<Stage> KINDS =
      List.of(Stage.MEMBER_MATCH, Stage.EXPORT_POLL, Stage.DOWNLOAD, Stage.DELIVER);
  private static final List<String> PAYERS = List.of("bison", "elk", "moose", "narrow", "other");
  private static final Set<String> SINKS =
      new TreeSet<>(Set.of("sink-0", "sink-1", "sink-2", "sink-3", "sink-4"));

  /** Of the steps, and how often claims are timed. */
  private static final int FILES_A_JOB = 4;

  private static final int TIMES = 21;
  private static final double MUCH_MORE = 1.5;

  private final LedgerDatabase database;
  private final int each;

  private ClaimPlans(LedgerDatabase database, int steps) {
    this.database = database;
    this.each = steps / KINDS.size();
  }

  /**
   * Runs, and ends with the databases; its exit code is 1 if more is read where more waits. {@code
   * PLANS_FEW} and {@code PLANS_MANY} are the numbers of steps.
   */
  public static void main(String[] none) throws Exception {
    int few = Integer.parseInt(System.getenv().getOrDefault("PLANS_FEW", FEW));
    int many = Integer.parseInt(System.getenv().getOrDefault("PLANS_MANY", MANY));
    boolean well = true;
    for (TestDatabase kind : TestDatabase.values()) {
      well &= print(kind, run(kind, few), run(kind, many));
    }
    System.exit(well ? 0 : 1);
  }

  private static Map<String, Map<String, Explained>> run(TestDatabase kind, int steps)
      throws IOException, ReflectiveOperationException, SQLException {
    Path folder = Files.createTempDirectory("plans");
    try (LedgerDatabase database =
        LedgerDatabase.open(kind.newUrl(folder), "postgres", "", 4, false)) {
      ClaimPlans plans = new ClaimPlans(database, steps);
      plans.fill();
      System.out.printf(
          Locale.ROOT,
          "%s, %,d steps: a claim of %d takes %.2f ms in the median of %d%n",
          kind,
          steps,
          plans.claim(plans.node()).size(),
          plans.median(),
          TIMES);
      return plans.explain();
    } finally {
      Folders.delete(folder);
    }
  }

  private Node node() {
    return new Node(
        database,
        "plans",
        new Leases.Limits(Duration.ofMinutes(5), Duration.ofHours(24), Duration.ofHours(24)),
        new Capacity(kind -> true, Map.of(Stage.DOWNLOAD, 16), 64, 4, SINKS));
  }

  private double median() {
    return Stream.generate(this::time).limit(TIMES).sorted().skip(TIMES / 2).findFirst().get();
  }

  private double time() {
    Node node = node();
    long start = System.nanoTime();
    node.leases.claim();
    double took = (System.nanoTime() - start) / 1e6;
    database.giveBack("plans");
    return took;
  }

  private List<Claim> claim(Node node) {
    List<Claim> claims = node.leases.claim();
    database.giveBack("plans");
    return claims;
  }

  private Map<String, Map<String, Explained>> explain()
      throws ReflectiveOperationException, SQLException {
    ExplainedStatements explained = new ExplainedStatements(database);
    Map<String, Map<String, Explained>> all = new LinkedHashMap<>();
    Node node = node();
    List<Claim> claims = new ArrayList<>();
    all.put("a claim", explained.of(() -> claims.addAll(node.leases.claim())));
    TransferClaim match = first(claims, TransferClaim.class);
    all.put(
        "a match that hands on",
        explained.of(() -> handsOn(node.transfers.matched(match, List.of("a", "b")))));
    OutputFileClaim file = first(claims, OutputFileClaim.class);
    all.put(
        "a download that hands on",
        explained.of(() -> handsOn(node.files.stored(file, Node.content("h"), List.of()))));
    all.put("an end that gives back", explained.of(() -> database.giveBack("plans")));
    return all;
  }

  private static void handsOn(boolean done) {
    if (!done) {
      throw new IllegalStateException("the step was not in hand");
    }
  }

  private static <C extends Claim> C first(List<Claim> claims, Class<C> type) {
    return claims.stream().filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
  }

  private static boolean print(
      TestDatabase kind,
      Map<String, Map<String, Explained>> few,
      Map<String, Map<String, Explained>> many) {
    boolean well = true;
    for (Map.Entry<String, Map<String, Explained>> work : many.entrySet()) {
      Map<String, Explained> before = few.get(work.getKey());
      long rowsOfFew = rows(before);
      long rowsOfMany = rows(work.getValue());
      boolean bounded =
          rowsOfMany <= rowsOfFew * MUCH_MORE
              && work.getValue().values().stream().noneMatch(Explained::readsAllSteps);
      well &= bounded;
      System.out.printf(
          Locale.ROOT,
          "%n%s, %s: %,d rows read where few wait, %,d where many do%s%n",
          kind,
          work.getKey(),
          rowsOfFew,
          rowsOfMany,
          bounded ? "" : "   WRONG");
      work.getValue()
          .forEach(
              (sql, how) ->
                  System.out.printf(
                      Locale.ROOT,
                      "%n  %d times, %,d rows (%s)%n    %s%n",
                      how.times(),
                      how.rows(),
                      before.containsKey(sql) ? "%,d".formatted(before.get(sql).rows()) : "-",
                      how.plan().replace("\n", "\n    ")));
    }
    return well;
  }

  private static long rows(Map<String, Explained> statements) {
    return statements.values().stream().mapToLong(Explained::rows).sum();
  }

  /** Each payer and sink has its part of each kind; a job has a few files. */
  private void fill() {
    PAYERS.forEach(payer -> run("INSERT INTO payer_gate (payer) VALUES ('%s')".formatted(payer)));
    SINKS.forEach(sink -> run("INSERT INTO sink_gate (sink) VALUES ('%s')".formatted(sink)));
    for (String state : List.of("RECEIVED", "MATCHED")) {
      run(
          """
          INSERT INTO transfer (id, source, record_number, request_sha256, received_at, payer,
            state, open_jobs, open_deliveries, updated_at)
          SELECT '%1$s-' || n, 'plans', n, '', CURRENT_TIMESTAMP, %2$s, '%1$s', 1, 1,
            CURRENT_TIMESTAMP
          FROM %3$s"""
              .formatted(state, payer(), numbers()));
    }
    run(
        """
        INSERT INTO export_job (id, transfer_id, group_id, payer, state, open_files, updated_at)
        SELECT n, 'MATCHED-' || n, 'g', %s, 'READY', %d, CURRENT_TIMESTAMP FROM %s"""
            .formatted(payer(), FILES_A_JOB, numbers()));
    run(
        """
        INSERT INTO output_file (id, job_id, transfer_id, kind, resource_type, place, number,
          export_number, url, payer, state, updated_at)
        SELECT n, (n - 1) / %1$d + 1, 'MATCHED-' || ((n - 1) / %1$d + 1), 'OUTPUT', 'Patient', n, n, 1,
          '', %2$s, 'PENDING', CURRENT_TIMESTAMP FROM %3$s"""
            .formatted(FILES_A_JOB, payer("((n - 1) / %d + 1)".formatted(FILES_A_JOB)), numbers()));
    run(
        """
        INSERT INTO delivery (id, transfer_id, sink, payer, state, updated_at)
        SELECT n, 'MATCHED-' || n, 'sink-' || MOD(n, 5), %s, 'PENDING', CURRENT_TIMESTAMP FROM %s"""
            .formatted(payer(), numbers()));
    steps(Stage.MEMBER_MATCH, "'RECEIVED-' || n", "0", payer());
    steps(Stage.EXPORT_POLL, "'MATCHED-' || n", "n", payer());
    steps(Stage.DELIVER, "'MATCHED-' || n", "n", "'sink-' || MOD(n, 5)");
    String job = "((n - 1) / %d + 1)".formatted(FILES_A_JOB);
    steps(Stage.DOWNLOAD, "'MATCHED-' || " + job, "n", payer(job));
    // ids that H2 gives itself cost it a commit each few rows
    for (String table : List.of("export_job", "output_file", "delivery", "step")) {
      run(
          "ALTER TABLE %s ALTER COLUMN id RESTART WITH %d"
              .formatted(table, each * KINDS.size() + 1));
    }
    run(database.embedded() ? "ANALYZE" : "VACUUM ANALYZE");
  }

  private void steps(Stage kind, String transfer, String item, String lane) {
    run(
        """
        INSERT INTO step (id, kind, transfer_id, item, lane, due_at)
        SELECT n + %d, '%s', %s, %s, %s, CURRENT_TIMESTAMP
          + CASE WHEN MOD(n, 2) = 0 THEN 1 ELSE -1 END * INTERVAL '1' HOUR FROM %s"""
            .formatted(each * KINDS.indexOf(kind), kind, transfer, item, lane, numbers()));
  }

  private static String payer() {
    return payer("n");
  }

  private static String payer(String number) {
    StringBuilder name = new StringBuilder("CASE MOD(%s, %d)".formatted(number, PAYERS.size()));
    for (int payer = 0; payer < PAYERS.size(); payer++) {
      name.append(" WHEN %d THEN '%s'".formatted(payer, PAYERS.get(payer)));
    }
    return name.append(" END").toString();
  }

  private String numbers() {
    return (database.embedded()
            ? "(SELECT \"X\" AS n FROM system_range(1, %d)) numbers"
            : "generate_series(1, %d) AS numbers(n)")
        .formatted(each);
  }

  private void run(String sql) {
    database.jdbc().sql(sql).update();
  }
}
