package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the most frequent changes cost in statements, as H2 counts them. */
class StatementsTest {
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
