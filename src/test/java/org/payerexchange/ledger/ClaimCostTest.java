package org.payerexchange.ledger;

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
    insertJobs(transfer, "waiting", WAITING, "CURRENT_TIMESTAMP + INTERVAL '1' HOUR");
    insertJobs(transfer, "done", WAITING / 10, "NULL");
    insertJobs(transfer, "due", DUE, "CURRENT_TIMESTAMP - INTERVAL '1' HOUR");
    insertTransfers();
    database.jdbc().sql("ANALYZE").update();
  }

  @Test
  void aClaimReadsTheDueIndexUpToItsLimit() {
    String plan =
        explain(
            node.leases.dueRows(
                Stage.EXPORT_POLL,
                new ClaimQuery<>(
                    ", transfer.consent_end",
                    "JOIN transfer ON transfer.id = claimed.transfer_id",
                    row -> null)),
            "EXPORT_POLL",
            "bison",
            16);

    assertThat(plan).contains("export_job_due").doesNotContain("Seq Scan on export_job");
    assertThat(rowsRead(plan)).isLessThanOrEqualTo(17);
  }

  @Test
  void aLookForWorkReadsOneRowForEachPayer() {
    String plan = explain(node.leases.dueGates(Stage.EXPORT_POLL), "EXPORT_POLL");

    assertThat(plan).contains("export_job_due").doesNotContain("Seq Scan on export_job");
    assertThat(rowsRead(plan)).isLessThanOrEqualTo(DUE);
  }

  @Test
  void countingWhatRunsReadsWhatRuns() {
    node.jobs.claimForPoll(5);

    String plan = explain(Leases.RUNNING_CALLS, "node");

    assertThat(plan)
        .contains("transfer_leased", "export_job_leased")
        .doesNotContain("Seq Scan on transfer", "Seq Scan on export_job", "transfer_due");
    assertThat(rowsRead(plan)).isLessThanOrEqualTo(10);
  }

  /** They wait for their match, all of them due. */
  private void insertTransfers() {
    database
        .jdbc()
        .sql(
            """
            INSERT INTO transfer (id, payer, state, source, record_number, request_sha256, stage,
              due_at, received_at, updated_at)
            SELECT CONCAT('waiting-', numbers.n), 'bison', 'RECEIVED', 'test', 1, '-',
              'MEMBER_MATCH', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM %s"""
                .formatted(numbers()))
        .param(WAITING)
        .update();
  }

  private void insertJobs(String transfer, String name, int count, String due) {
    database
        .jdbc()
        .sql(
            """
            INSERT INTO export_job (transfer_id, payer, group_id, state, stage, status_url, due_at,
              updated_at)
            SELECT ?, 'bison', CONCAT(CAST(? AS VARCHAR), numbers.n), 'RUNNING',
              CASE WHEN CAST(%s AS TIMESTAMP WITH TIME ZONE) IS NULL THEN NULL
                ELSE 'EXPORT_POLL' END,
              'http://localhost/job', %s, CURRENT_TIMESTAMP FROM %s"""
                .formatted(due, due, numbers()))
        .params(transfer, name, count)
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

  /** Of the job table's scan. */
  private int rowsRead(String plan) {
    Pattern rows =
        kind == TestDatabase.H2
            ? Pattern.compile("export_job_(?:due|leased)[^;]*?scanCount: (\\d+)", Pattern.DOTALL)
            : Pattern.compile("export_job_(?:due|leased).*?actual time=\\S+ rows=(\\d+)");
    Matcher matcher = rows.matcher(plan);
    assertThat(matcher.find()).as(plan).isTrue();
    return Integer.parseInt(matcher.group(1));
  }
}
