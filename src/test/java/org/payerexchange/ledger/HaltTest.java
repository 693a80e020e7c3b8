package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HaltTest {
  @TempDir Path directory;

  @Test
  void whatWasCommittedIsThereAfterTheProcessWasHalted() throws Exception {
    // a user's own WRITE_DELAY does not count
    String url =
        "jdbc:h2:file:" + directory.resolve("ledger").toAbsolutePath() + ";WRITE_DELAY=9000";
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                CommitAndHalt.class.getName(),
                url)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("child.log").toFile())
            .start();

    assertThat(child.waitFor()).isEqualTo(CommitAndHalt.EXIT_CODE);

    try (LedgerDatabase database = LedgerDatabase.open(url, "postgres", "", 2)) {
      assertThat(
              new TransferQueries(database)
                  .page(new TransferFilter(Set.of(), null, null, 0, 100))
                  .transfers())
          .extracting(TransferSummary::state)
          .containsExactlyInAnyOrder(TransferState.MATCHED, TransferState.RECEIVED);
    }
  }

  /** The child process: ends without any clean-up right after a commit. */
  static final class CommitAndHalt {
    static final int EXIT_CODE = 42;

    private CommitAndHalt() {}

    public static void main(String[] arguments) {
      Node node =
          new Node(
              LedgerDatabase.open(arguments[0], "postgres", "", 2), "dying", Duration.ofMinutes(5));
      node.register("bison", 2);
      TransferClaim claim = node.transfers.claimForMatch(1).get(0);
      node.transfers.matched(claim, List.of("g"));
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }
}
