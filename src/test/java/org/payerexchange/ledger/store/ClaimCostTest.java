package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.step.Stage;

/** What a claim reads depends on what is due, not on what waits. */
class ClaimCostTest extends LedgerTest {
  private static final int WAITING = 20_000;
  private static final int DUE = 100;

  @BeforeEach
  void fillTheLedger() {
    String transfer = node.matched("bison", "due");
    insertPolls(transfer, WAITING, "CURRENT_TIMESTAMP + INTERVAL '1' HOUR");
    insertPolls(transfer, WAITING / 10, "CAST(NULL AS TIMESTAMP WITH TIME ZONE)");
    insertPolls(transfer, DUE, "CURRENT_TIMESTAMP - INTERVAL '1' HOUR");
    insertMatches(transfer);
    database.jdbc().sql("ANALYZE").update();
  }

  @Test
  void aClaimReadsTheDueIndexUpToItsLimit() {
    String plan =
        explain(node.leases.steps().dueRows(Stage.EXPORT_POLL, ""), "EXPORT_POLL", "bison", 0, 16);

    assertThat(plan).contains("step_due").doesNotContain("Seq Scan on step");
    assertThat(rowsRead(plan)).isLessThanOrEqualTo(17);
  }

  @Test
  void aLookForWorkReadsOneStepForEachLane() {
    String plan = explain(node.leases.steps().duePayers(List.of(Stage.EXPORT_POLL)));

    assertThat(plan).contains("step_due").doesNotContain("Seq Scan on step");
    assertThat(rowsRead(plan)).isLessThanOrEqualTo(DUE);
  }

  @Test
  void countingWhatRunsReadsWhatRuns() {
    node.register("bison", 5);
    assertThat(node.claims.claimForMatch(5)).hasSize(5);

    String plan = explain(DueSteps.RUNNING);

    assertThat(plan).contains("step_leased").doesNotContain("Seq Scan on step", "step_due");
    assertThat(rowsRead(plan)).isLessThanOrEqualTo(10);
  }

  @Test
  void aLookForPayersAtTheirLimitReadsOneStepAKindAtMost() {
    database
        .jdbc()
        .sql("UPDATE payer_gate SET calls_from = CURRENT_TIMESTAMP + INTERVAL '1' HOUR")
        .update();

    String plan = explain(Holds.AT_LIMIT);

    assertThat(plan).contains("step_due").doesNotContain("Seq Scan on step");
    assertThat(rowsRead(plan)).as(plan).isLessThanOrEqualTo(Stage.values().length);
  }

  /** All of them due. */
  private void insertMatches(String transfer) {
    insert("MEMBER_MATCH", transfer, WAITING, "CURRENT_TIMESTAMP");
  }

  private void insertPolls(String transfer, int count, String due) {
    insert("EXPORT_POLL", transfer, count, due);
  }

  private void insert(String stage, String transfer, int count, String due) {
    database
        .jdbc()
        .sql(
            """
            INSERT INTO step (kind, lane, transfer_id, item, due_at)
            SELECT ?, 'bison', ?, numbers.n + (SELECT MAX(id) FROM step), %s FROM %s"""
                .formatted(due, numbers()))
        .params(stage, transfer, count)
        .update();
  }

  /** From 1 to a parameter. */
  private String numbers() {
    return kind == TestDatabase.H2
        ? "(SELECT \"X\" AS n FROM system_range(1, ?)) numbers"
        : "generate_series(1, ?) AS numbers(n)";
  }

  private String explain(String sql, Object... parameters) {
    return String.join(
        "\n",
        database
            .jdbc()
            .sql("EXPLAIN ANALYZE " + sql)
            .params(List.of(parameters))
            .query(String.class)
            .list());
  }

  /** Of the scan of steps. */
  private int rowsRead(String plan) {
    Pattern rows =
        kind == TestDatabase.H2
            ? Pattern.compile("step_(?:due|leased)[^;]*?scanCount: (\\d+)", Pattern.DOTALL)
            : Pattern.compile("step_(?:due|leased).*?actual time=\\S+ rows=(\\d+)");
    Matcher matcher = rows.matcher(plan);
    assertThat(matcher.find()).as(plan).isTrue();
    return Integer.parseInt(matcher.group(1));
  }
}
