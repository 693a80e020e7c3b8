package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;

/** What the most frequent changes cost in statements, as H2 counts them. */
class StatementsTest {
  private static final Duration LONG = Duration.ofHours(1);

  @TempDir Path directory;
  private LedgerDatabase database;
  private Node node;

  @BeforeEach
  void openLedger() {
    database = LedgerDatabase.open(TestDatabase.H2.newUrl(directory), "postgres", "", 2);
    node = new Node(database, "node-1", Duration.ofMinutes(5));
  }

  @AfterEach
  void closeLedger() {
    database.close();
  }

  @Test
  void aStoredFileCostsFourWhileItsJobGoesOnAndTheFirstOneMore() {
    node.ready("bison", 3);
    List<OutputFileClaim> files = node.claims.claimForDownload(3);

    assertThat(statementsOf(() -> store(files.get(0))))
        .containsExactlyInAnyOrder(
            "SELECT transfer",
            "UPDATE output_file",
            "DELETE step",
            "UPDATE export_job",
            "UPDATE transfer");
    assertThat(statementsOf(() -> store(files.get(1))))
        .containsExactlyInAnyOrder(
            "SELECT transfer", "UPDATE output_file", "DELETE step", "UPDATE export_job");
  }

  @Test
  void theLastFileEndsItsJobAndItsTransferWithNine() {
    node.ready("bison", 1);
    OutputFileClaim file = Node.only(node.claims.claimForDownload(1));

    assertThat(statementsOf(() -> store(file)))
        .filteredOn(statement -> !statement.equals("SELECT step"))
        .containsExactlyInAnyOrder(
            "SELECT transfer",
            "UPDATE output_file",
            "DELETE step",
            "SELECT output_file",
            "UPDATE export_job",
            "SELECT export_job",
            "INSERT step",
            "UPDATE transfer",
            "INSERT transfer_event");
  }

  /** With one that asks for its state; files that end together, not one by one, take fewer. */
  @Test
  void aWholeTransferOfSixFilesTakesEightyStatements() {
    Node worker =
        new Node(
            database,
            "worker",
            new Leases.Limits(LONG, LONG, LONG),
            new Capacity(kind -> true, Map.of(Stage.DOWNLOAD, 24), 64, 4, Set.of()));
    // a node looks once for what a window that is configured no more has closed
    worker.leases.claim();
    worker.register("bison", 1);

    database.jdbc().sql("SET QUERY_STATISTICS TRUE").update();
    carry(worker);

    assertThat(database.jdbc().sql("SELECT state FROM transfer").query(String.class).single())
        .isEqualTo("COMPLETE");
    assertThat(
            database
                .jdbc()
                .sql(
                    """
                    SELECT SUM(execution_count) FROM information_schema.query_statistics
                    WHERE REGEXP_LIKE(sql_statement, '^\\s*(SELECT|UPDATE|INSERT|DELETE)')""")
                .query(Integer.class)
                .single())
        .isLessThanOrEqualTo(81);
  }

  private static void carry(Node worker) {
    Queue<Claim> claims = new ArrayDeque<>(worker.leases.claim());
    while (!claims.isEmpty()) {
      Claim claim = claims.remove();
      switch (claim.stage()) {
        case MEMBER_MATCH -> worker.transfers.matched((TransferClaim) claim, List.of("g1"));
        case EXPORT_KICKOFF -> worker.kickOff((ExportJobClaim) claim);
        case EXPORT_POLL ->
            worker.jobs.ready((ExportJobClaim) claim, Node.facts(), Node.manifest(6));
        case DOWNLOAD -> worker.files.stored((OutputFileClaim) claim, Node.content("h"), List.of());
        case OUTCOME -> {
          worker.outcomes.report(claim.transferId());
          worker.outcomes.sent((OutcomeClaim) claim);
        }
        default -> worker.jobs.released((ExportJobClaim) claim);
      }
      claims.addAll(worker.leases.handedOn(claim));
      worker.leases.done(claim);
    }
  }

  private void store(OutputFileClaim file) {
    node.files.stored(file, Node.content("h"), List.of());
  }

  /** Their verbs and tables. */
  private List<String> statementsOf(Runnable change) {
    database.jdbc().sql("SET QUERY_STATISTICS TRUE").update();
    change.run();
    List<String> statements =
        database
            .jdbc()
            .sql(
                """
                SELECT sql_statement, execution_count FROM information_schema.query_statistics""")
            .query(
                (row, at) -> {
                  String sql = row.getString(1).strip().replaceAll("\\s+", " ");
                  String table =
                      sql.replaceAll(
                          "^(?i)(?:UPDATE|DELETE FROM|INSERT INTO|SELECT .*? FROM) (\\w+).*", "$1");
                  return Collections.nCopies(
                      row.getInt(2), sql.substring(0, sql.indexOf(' ') + 1) + table);
                })
            .list()
            .stream()
            .flatMap(List::stream)
            .filter(statement -> statement.matches("(SELECT|UPDATE|INSERT|DELETE) [a-z_]+"))
            .toList();
    database.jdbc().sql("SET QUERY_STATISTICS FALSE").update();
    return statements;
  }
}
