package org.payerexchange.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.payerexchange.support.Folders;

/**
 * Members that a payer is asked for many at once, beside as many as a minute allows of a payer that
 * is asked for one after the other.
 */
final class ManyAtOnce {
  private static final int BATCH = 500;
  private static final int RESOURCES = 20;

  /** A member has so many types, of its own and shared, each a file. */
  private static final int FILES = 17;

  private static final int BYTES = 600;
  private static final double MIB = 1024 * 1024;
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration BESIDE = Duration.ofMinutes(1);
  private static final String COMPLETE =
      """
      SELECT COUNT(*) AS complete FROM transfer
      WHERE payer = 'bison' AND state = 'COMPLETE' AND manifest_at IS NOT NULL
        AND request_id IS NOT NULL""";

  private final Path folder;
  private final BenchSettings settings;

  ManyAtOnce(Path folder, BenchSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  void run() throws IOException, InterruptedException {
    int members = settings.atOnce();
    Figures.print(
        "%n%,d members in batches of %d with %d resources each, %d requests at once; beside it, for %d s, members one by one with %d files of %d bytes%n",
        members, BATCH, RESOURCES, settings.parallel(), BESIDE.toSeconds(), FILES, BYTES);
    try (BenchedGateway gateway =
        BenchedGateway.start(
            folder.resolve("gateway"),
            List.of("bison"),
            "--files=" + FILES,
            "--bytes-per-file=" + BYTES,
            "--resources-per-member=" + RESOURCES)) {
      try (Bundle bundle =
          Bundle.start(folder.resolve("pdex"), gateway, settings, PdexMembers.settings(BATCH))) {
        print(
            "pdex", take(bundle, PdexMembers.records(members), members, LONGEST), bundle, gateway);
      }
      try (Bundle bundle = Bundle.start(folder.resolve("1up"), gateway, settings, List.of())) {
        String records = BareClient.Members.records(1, members);
        print("1up", take(bundle, records, members, BESIDE), bundle, gateway);
      }
    } finally {
      Folders.delete(folder);
    }
  }

  /** Drops the records, and waits until all are delivered or the time is over. */
  private Done take(Bundle bundle, String records, int members, Duration longest)
      throws IOException {
    Path draft = bundle.draft(records);
    bundle.begin();
    long start = System.nanoTime();
    bundle.drop("bison", draft);
    try {
      Awaitility.await()
          .atMost(longest)
          .pollDelay(Duration.ofMillis(1))
          .pollInterval(POLL)
          .until(() -> complete(bundle) >= members);
    } catch (ConditionTimeoutException over) {
      // as many as there are
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return new Done(complete(bundle), bundle.end(took, List.of()));
  }

  private static long complete(Bundle bundle) throws IOException {
    return bundle.ask(COMPLETE).get(0)[0];
  }

  private void print(String name, Done done, Bundle bundle, BenchedGateway gateway)
      throws IOException, InterruptedException {
    Map<String, Integer> requests = gateway.requests();
    int all = requests.values().stream().mapToInt(Integer::intValue).sum();
    Bundle.Took took = done.took();
    Figures.print(
        "  %-5s %,7d members in %6.1f s: %7.1f members/s, %6.2f ms of CPU, %5.2f requests, %6.1f statements and %5.2f commits each; heap at most %6.1f MiB, %6.1f MiB of it in use%n",
        name,
        done.members(),
        took.seconds(),
        done.members() / took.seconds(),
        took.cpu().toNanos() / (double) TimeUnit.MILLISECONDS.toNanos(1) / done.members(),
        all / (double) done.members(),
        took.statements() / (double) done.members(),
        took.commits() / (double) done.members(),
        took.peakHeap() / MIB,
        took.liveHeap() / MIB);
    Figures.print("        requests: %s%n", requests);
    Figures.print("        ledger %,.1f MiB%n", bundle.ledgerBytes() / MIB);
  }

  /** How many members were delivered, and what that took. */
  private record Done(long members, Bundle.Took took) {}
}
