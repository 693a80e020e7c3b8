package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.JavaProcess;

class HaltTest {
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
      assertThat(
              new TransferQueries(database)
                  .page(new TransferFilter(Set.of(), null, null, 0, 100))
                  .transfers())
          .extracting(TransferSummary::state)
          .containsExactlyInAnyOrder(TransferState.MATCHED, TransferState.RECEIVED);
    }
  }

  @Test
  void aLeaseThatWasGivenRightBeforeTheHaltIsNeverTakenForALaterOne() throws Exception {
    int lastToken = exitCode(ClaimAndHalt.class);

    try (LedgerDatabase database = open(url)) {
      TransferClaim claim = Node.only(node(database).transfers.claimForMatch(10));
      assertThat(claim.leaseToken()).isGreaterThan(lastToken);
    }
  }

  private int exitCode(Class<?> main) throws Exception {
    try (JavaProcess child = JavaProcess.start(directory, List.of(), main, List.of(url))) {
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
      TransferClaim claim = node.transfers.claimForMatch(1).get(0);
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
      TransferClaim claim = Node.only(node.transfers.claimForMatch(1));
      Runtime.getRuntime().halt((int) claim.leaseToken());
    }
  }
}
