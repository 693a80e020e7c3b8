package org.payerexchange.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.support.Folders;
import org.payerexchange.support.JavaProcess;

/**
 * Many members with a few small files each: the bundle beside the same requests made bare, by the
 * JDK's client and by Camel routes. The PostgreSQL is the tests' own, which does not force its
 * commits to the disk.
 */
final class SmallTransfers {
  private static final int FILES = 6;
  private static final int BYTES = 4096;
  private static final String BUNDLE = "bundle";
  private static final String BARE = "bare";
  private static final String CAMEL = "bare Camel";
  private static final String OUTBOX_UNFORCED = "p2p.outbox.fsync=false";
  private static final String LEDGER_UNFORCED = "p2p.database.fsync=false";
  private static final String RATE = " (transfers/s)";
  private static final String CPU = ", CPU time per transfer (ms)";

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
        Bundle bundle = start("bundle", gateway);
        Bundle files = start("files", gateway, OUTBOX_UNFORCED);
        Bundle ledger = start("ledger", gateway, LEDGER_UNFORCED);
        Bundle postgresql =
            start(
                "postgresql",
                gateway,
                "p2p.database.url=" + TestDatabase.POSTGRESQL.newUrl(folder),
                "p2p.database.user=postgres");
        JavaProcess camel = camel(gateway)) {
      for (int round = 1 - settings.warmUps(); round <= settings.runs(); round++) {
        Figures kept = round < 1 ? new Figures() : figures;
        int first = (round + settings.warmUps()) * members;
        // a token does not outlive all rounds
        BareClient client = new BareClient(gateway);
        bare(client, first, kept);
        camel(camel, client.token(), first, kept);
        bundle(files, first, BUNDLE + ", " + OUTBOX_UNFORCED, kept);
        bundle(ledger, first, BUNDLE + ", " + LEDGER_UNFORCED, kept);
        bundle(bundle, first, BUNDLE, kept);
        bundle(postgresql, first, BUNDLE + ", PostgreSQL", kept);
      }
    } finally {
      Folders.delete(folder);
    }
    figures.print();
    for (String beside : List.of(BARE, CAMEL)) {
      Figures.print(
          "  %s : %s = %.2f of the transfers a second%n",
          BUNDLE, beside, figures.median(BUNDLE + RATE) / figures.median(beside + RATE));
    }
    Figures.print(
        "  %s : %s = %.2f of the CPU time%n",
        BUNDLE, CAMEL, figures.median(BUNDLE + CPU) / figures.median(CAMEL + CPU));
  }

  private Bundle start(String name, BenchedGateway gateway, String... more) throws IOException {
    return Bundle.start(folder.resolve(name), gateway, settings, List.of(more));
  }

  private JavaProcess camel(BenchedGateway gateway) throws IOException {
    JavaProcess camel =
        JavaProcess.start(
            folder.resolve("camel"),
            List.of("-Xmx" + settings.heap(), "-Dp2p.log.level=WARN"),
            BareCamel.class,
            List.of(gateway.base().toString(), "out", String.valueOf(settings.parallel())));
    while (!camel.line().equals("ready")) {}
    return camel;
  }

  private void camel(JavaProcess camel, String token, int first, Figures figures)
      throws IOException {
    camel.send(token + " " + first + " " + settings.members());
    String[] took = camel.line().split(" ", -1);
    figures.add(CAMEL + RATE, settings.members() * 1e9 / Long.parseLong(took[0]));
    figures.add(CAMEL + CPU, Double.parseDouble(took[1]) / settings.members());
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
    figures.add(BARE + RATE, settings.members() * 1e9 / (System.nanoTime() - start));
  }

  private void bundle(Bundle bundle, int first, String name, Figures figures) throws IOException {
    int members = settings.members();
    Bundle.Took took = bundle.take(BareClient.Members.records(first, members), members);
    figures.add(name + RATE, members / took.seconds());
    figures.add(name + CPU, took.cpu().toMillis() / (double) members);
    took.addLedger(name, figures);
    figures.add(
        name + ", transfers not complete", members - (double) bundle.complete(took.manifests()));
  }
}
