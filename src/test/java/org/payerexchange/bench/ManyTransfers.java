package org.payerexchange.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.payerexchange.support.Folders;

/**
 * Very many members in one file, each with one small file, through one H2 ledger that keeps them
 * all: what each tenth of them takes, and what grows.
 */
final class ManyTransfers {
  private static final int BYTES = 200;
  private static final int PARTS = 10;
  private static final double MIB = 1024 * 1024;
  private static final Duration LONGEST = Duration.ofHours(2);
  private static final String COMPLETE =
      "SELECT COUNT(*) AS complete FROM transfer WHERE payer = 'bison' AND state = 'COMPLETE'";

  /** For each count of the whole index. */
  private static final Duration POLL = Duration.ofMillis(500);

  private static final List<String> TABLES =
      List.of(
          "transfer",
          "transfer_request",
          "export_job",
          "output_file",
          "delivery",
          "step",
          "transfer_event",
          "lost_end");

  private final Path folder;
  private final BenchSettings settings;
  private long complete;

  ManyTransfers(Path folder, BenchSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  void run() throws IOException {
    int members = settings.many();
    Figures.print(
        "%n%,d transfers of one file of %d bytes through one H2 ledger, all at once, %d requests at once%n",
        members, BYTES, settings.parallel());
    try (BenchedGateway gateway = BenchedGateway.start(folder.resolve("gateway"), 1, BYTES, 0);
        Bundle bundle = Bundle.start(folder.resolve("bundle"), gateway, settings, List.of())) {
      Path draft = bundle.draft(BareClient.Members.records(0, members));
      bundle.begin();
      long start = System.nanoTime();
      bundle.drop("bison", draft);
      for (int part = 1; part <= PARTS; part++) {
        long before = complete;
        awaitComplete(bundle, (long) members * part / PARTS);
        Duration wall = Duration.ofNanos(System.nanoTime() - start);
        print(bundle.end(wall, List.of()), complete - before, bundle);
        start = System.nanoTime();
      }
      for (String table : TABLES) {
        long rows = bundle.ask("SELECT COUNT(*) AS all_of_them FROM " + table).get(0)[0];
        Figures.print(
            "  %-18s %,11d rows, %5.2f a transfer%n", table, rows, rows / (double) members);
      }
    } finally {
      Folders.delete(folder);
    }
  }

  private void awaitComplete(Bundle bundle, long transfers) {
    Awaitility.await()
        .atMost(LONGEST)
        .pollDelay(Duration.ofMillis(1))
        .pollInterval(POLL)
        .until(
            () -> {
              complete = bundle.ask(COMPLETE).get(0)[0];
              return complete >= transfers;
            });
  }

  private void print(Bundle.Took took, long transfers, Bundle bundle) throws IOException {
    Figures.print(
        "  %,9d complete: %6.1f transfers/s, %5.2f ms of CPU, %5.1f statements and %4.2f commits each; ledger %,8.1f MiB, heap %5.1f MiB%n",
        complete,
        transfers / took.seconds(),
        took.cpu().toMillis() / (double) transfers,
        took.statements() / (double) transfers,
        took.commits() / (double) transfers,
        bundle.ledgerBytes() / MIB,
        bundle.collect() / MIB);
  }
}
