package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.support.JavaProcess;

class HaltTest {
  private static final int COMMITS = 40;

  @TempDir Path directory;
  private String url;

  @BeforeEach
  void nameLedger() {
    // a user's own WRITE_DELAY does not count
    url = "jdbc:h2:file:" + directory.resolve("ledger").toAbsolutePath() + ";WRITE_DELAY=9000";
  }

  @Test
  void whatWasCommittedIsThereAfterTheProcessWasHalted() throws Exception {
    assertThat(exitCode(CommitAndHalt.class)).isEqualTo(CommitAndHalt.EXIT_CODE);

    try (LedgerDatabase database = open(url)) {
      assertThat(new TransferQueries(database).page(TransferFilter.ALL, 0, 100).transfers())
          .extracting(TransferSummary::state)
          .containsExactlyInAnyOrder(TransferState.MATCHED, TransferState.RECEIVED);
    }
  }

  /** H2 2.5.252 had some in the file only a moment later. */
  @Test
  void eachCommitIsInTheFileBeforeAnybodyIsTold() throws Exception {
    try (LedgerDatabase database = open(url)) {
      Node node = node(database);
      for (int committed = 1; committed <= COMMITS; committed++) {
        node.register("bison", 1);
        assertThat(transfersIn(copy(committed))).isEqualTo(committed);
      }
    }
  }

  private Path copy(int number) throws IOException {
    Path copy = directory.resolve("copy-%d.mv.db".formatted(number));
    return Files.copy(directory.resolve("ledger.mv.db"), copy);
  }

  private static int transfersIn(Path file) throws SQLException {
    String url = "jdbc:h2:file:%s;DATABASE_TO_LOWER=TRUE".formatted(file).replace(".mv.db", "");
    try (Connection connection = DriverManager.getConnection(url, "postgres", "");
        ResultSet count =
            connection.createStatement().executeQuery("SELECT COUNT(*) FROM transfer")) {
      count.next();
      return count.getInt(1);
    }
  }

  @Test
  void aLeaseThatWasGivenRightBeforeTheHaltIsNeverTakenForALaterOne() throws Exception {
    int lastToken = exitCode(ClaimAndHalt.class);

    try (LedgerDatabase database = open(url)) {
      TransferClaim claim = Node.only(node(database).claims.claimForMatch(10));
      assertThat(claim.leaseToken()).isGreaterThan(lastToken);
    }
  }

  private int exitCode(Class<?> main) throws Exception {
    try (JavaProcess child =
        JavaProcess.start(directory, JavaProcess.brief(), main, List.of(url))) {
      return child.exitCode();
    }
  }

  private static LedgerDatabase open(String url) {
    return LedgerDatabase.open(url, "postgres", "", 2);
  }

  private static Node node(LedgerDatabase database) {
    return new Node(database, "node", Duration.ofMinutes(5));
  }

  /** A process that ends without any clean-up right after a commit. */
  static final class CommitAndHalt {
    static final int EXIT_CODE = 42;

    private CommitAndHalt() {}

    public static void main(String[] url) {
      Node node = node(open(url[0]));
      node.register("bison", 2);
      TransferClaim claim = node.claims.claimForMatch(1).get(0);
      node.transfers.matched(claim, List.of("g"));
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }

  /** A process that ends as soon as it has a lease; its exit code is the lease's token. */
  static final class ClaimAndHalt {
    private ClaimAndHalt() {}

    public static void main(String[] url) {
      Node node = node(open(url[0]));
      node.register("bison", 1);
      TransferClaim claim = Node.only(node.claims.claimForMatch(1));
      Runtime.getRuntime().halt((int) claim.leaseToken());
    }
  }
}
