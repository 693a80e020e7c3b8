package org.payerexchange.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.payerexchange.ledger.TestDatabase;
import org.payerexchange.support.Folders;

/**
 * Many members with a few small files each: the bundle beside the same requests made bare. The
 * PostgreSQL is the tests' own, which does not force its commits to the disk.
 */
final class SmallTransfers {
  private static final int FILES = 6;
  private static final int BYTES = 4096;

  private final Path folder;
  private final BenchSettings settings;

  SmallTransfers(Path folder, BenchSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  void run() throws IOException, InterruptedException {
    int members = settings.members();
    Figures.print(
        "%n%d transfers of %d files of %d bytes, %d requests at once%n",
        members, FILES, BYTES, settings.parallel());
    Figures figures = new Figures();
    try (BenchedGateway gateway = BenchedGateway.start(folder.resolve("gateway"), FILES, BYTES, 0);
        Bundle bundle = Bundle.start(folder.resolve("bundle"), gateway, settings, List.of());
        Bundle unforced =
            Bundle.start(
                folder.resolve("unforced"), gateway, settings, List.of("p2p.outbox.fsync=false"));
        Bundle postgresql =
            Bundle.start(
                folder.resolve("postgresql"),
                gateway,
                settings,
                List.of(
                    "p2p.database.url=" + TestDatabase.POSTGRESQL.newUrl(folder),
                    "p2p.database.user=postgres"))) {
      BareClient client = new BareClient(gateway);
      for (int round = 1 - settings.warmUps(); round <= settings.runs(); round++) {
        Figures kept = round < 1 ? new Figures() : figures;
        int first = (round + settings.warmUps()) * members;
        bare(client, first, kept);
        bundle(unforced, first, "bundle, p2p.outbox.fsync=false", kept);
        bundle(bundle, first, "bundle", kept);
        bundle(postgresql, first, "bundle, PostgreSQL", kept);
      }
    } finally {
      Folders.delete(folder);
    }
    figures.print();
    double bare = figures.median("bare (transfers/s)");
    Figures.print(
        "  bundle : bare = %.2f, with p2p.outbox.fsync=false %.2f%n",
        figures.median("bundle (transfers/s)") / bare,
        figures.median("bundle, p2p.outbox.fsync=false (transfers/s)") / bare);
  }

  private void bare(BareClient client, int first, Figures figures)
      throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(settings.parallel());
    long start = System.nanoTime();
    try {
      List<Future<?>> transfers = new ArrayList<>();
      for (int member = first; member < first + settings.members(); member++) {
        int number = member;
        transfers.add(
            threads.submit(
                () -> {
                  client.transfer(number);
                  return null;
                }));
      }
      for (Future<?> transfer : transfers) {
        transfer.get();
      }
    } catch (ExecutionException failed) {
      throw new IOException("a bare transfer failed", failed);
    } finally {
      threads.shutdownNow();
    }
    figures.add("bare (transfers/s)", settings.members() * 1e9 / (System.nanoTime() - start));
  }

  private void bundle(Bundle bundle, int first, String name, Figures figures) throws IOException {
    int members = settings.members();
    Bundle.Took took = bundle.take(BareClient.Members.records(first, members), members);
    figures.add(name + " (transfers/s)", members / took.seconds());
    figures.add(name + ", CPU time per transfer (ms)", took.cpu().toMillis() / (double) members);
    took.addLedger(name, figures);
    figures.add(
        name + ", transfers not complete", members - (double) bundle.complete(took.manifests()));
  }
}
