package org.payerexchange.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.payerexchange.download.CopyingCosts;
import org.payerexchange.support.Folders;

/**
 * One export of a few large files: the bundle beside curl, on the same files. Who comes first
 * changes from round to round, for what the one before has left in the page cache and the disk's
 * queue costs the next one time.
 */
final class LargeExport {
  private static final double MIB = 1024 * 1024;

  /** Each round is one transfer, of which the compiler needs many to be done with the routes. */
  private static final int ROUNDS_A_WARM_UP = 3;

  private static final String UNFORCED = "p2p.outbox.fsync=false";

  private final Path folder;
  private final BenchSettings settings;
  private final long bytes;
  private final long bytesPerSecond;

  /**
   * @param bytes of all files together
   * @param bytesPerSecond what the server is held to; 0: no limit
   */
  LargeExport(Path folder, BenchSettings settings, long bytes, long bytesPerSecond) {
    this.folder = folder;
    this.settings = settings;
    this.bytes = bytes;
    this.bytesPerSecond = bytesPerSecond;
  }

  void run() throws IOException, InterruptedException {
    Figures.print(
        "%nOne export of %d files, %.2f GB, %d at once, the server %s%n",
        settings.files(),
        bytes / 1e9,
        settings.parallel(),
        bytesPerSecond == 0
            ? "as fast as it can"
            : "held to %d MB/s".formatted(bytesPerSecond / 1_000_000));
    Figures figures = new Figures();
    try (BenchedGateway gateway =
            BenchedGateway.start(
                folder.resolve("gateway"),
                settings.files(),
                bytes / settings.files(),
                bytesPerSecond);
        Bundle bundle = Bundle.start(folder.resolve("bundle"), gateway, settings, List.of());
        Bundle unforced =
            Bundle.start(folder.resolve("unforced"), gateway, settings, List.of(UNFORCED))) {
      BareClient client = new BareClient(gateway);
      int warmUps = settings.warmUps() * ROUNDS_A_WARM_UP;
      int rounds = warmUps + settings.runs();
      for (int round = 0; round < rounds; round++) {
        int member = round;
        Figures kept = round < warmUps ? new Figures() : figures;
        List<Measure> measures =
            new ArrayList<>(
                List.of(
                    () -> curl(client, member, kept),
                    () -> bundle(unforced, member, "bundle, " + UNFORCED, kept),
                    () -> bundle(bundle, member, "bundle", kept)));
        Collections.rotate(measures, round);
        for (Measure measure : measures) {
          execute(List.of("sync", "--file-system", folder.toString()));
          measure.run();
        }
      }
      if (bytesPerSecond == 0) {
        costs(client, rounds, figures);
      }
    } finally {
      Folders.delete(folder);
    }
    figures.print();
    ratio(figures, "bundle, " + UNFORCED + " (s)", "curl (s)");
    ratio(figures, "bundle (s)", "curl (s)");
    ratio(figures, "bundle (s)", "curl, then sync (s)");
  }

  private static void ratio(Figures figures, String one, String other) {
    Figures.print("  %s : %s = %.2f%n", one, other, figures.median(one) / figures.median(other));
  }

  private void curl(BareClient client, int run, Figures figures)
      throws IOException, InterruptedException {
    Path target = Files.createDirectories(folder.resolve("curl"));
    Path list = curlList(client.export(run), client.token(), target);
    long start = System.nanoTime();
    execute(
        List.of(
            "curl",
            "--no-progress-meter",
            "--show-error",
            "--fail",
            "--parallel",
            "--parallel-immediate",
            "--parallel-max",
            Integer.toString(settings.parallel()),
            "--config",
            list.toString()));
    double copied = seconds(start);
    execute(List.of("sync", "--file-system", target.toString()));
    double synced = seconds(start);
    figures.add("curl (s)", copied);
    figures.add("curl, then sync (s)", synced);
    figures.add("curl (MB/s)", size(target) / 1e6 / copied);
    Folders.delete(target);
  }

  private static Path curlList(List<URI> files, String token, Path target) throws IOException {
    StringBuilder list = new StringBuilder();
    for (int file = 0; file < files.size(); file++) {
      list.append("url = \"%s\"%n".formatted(files.get(file)))
          .append("header = \"Authorization: Bearer %s\"%n".formatted(token))
          .append("output = \"%s\"%n".formatted(target.resolve("file-" + file)))
          .append(
              file + 1 < files.size()
                  ? "next%nno-progress-meter%nshow-error%nfail%n".formatted()
                  : "");
    }
    return Files.writeString(target.resolveSibling("curl.config"), list);
  }

  private static void execute(List<String> command) throws IOException, InterruptedException {
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException("%s ended with %d".formatted(command.get(0), code));
    }
  }

  private void bundle(Bundle bundle, int run, String name, Figures figures) throws IOException {
    Bundle.Took took = bundle.take(BareClient.Members.records(run, 1), 1);
    if (bundle.complete(took.manifests()) != 1) {
      throw new IOException("the transfer is not complete");
    }
    figures.add(name + " (s)", took.seconds());
    figures.add(name + ", CPU time (s)", took.cpu().toMillis() / 1e3);
    figures.add(name + ", peak heap (MiB)", took.peakHeap() / MIB);
    figures.add(name + ", most heap left by a collection (MiB)", took.liveHeap() / MIB);
    took.addLedger(name, figures);
    deleteFiles(took);
  }

  private void costs(BareClient client, int member, Figures figures)
      throws IOException, InterruptedException {
    CopyingCosts costs = new CopyingCosts(Files.createDirectories(folder.resolve("costs")));
    for (URI file : client.export(member)) {
      costs.of(file, client.token());
    }
    double all = costs.copying() + costs.hashing() + costs.checking();
    figures.add("CPU time of copying alone (s)", costs.copying());
    figures.add("CPU time of hashing alone (s)", costs.hashing());
    figures.add("CPU time of checking alone (s)", costs.checking());
    figures.add("share of copying (%)", 100 * costs.copying() / all);
    figures.add("share of hashing (%)", 100 * costs.hashing() / all);
    figures.add("share of checking (%)", 100 * costs.checking() / all);
  }

  private static void deleteFiles(Bundle.Took took) throws IOException {
    for (Path manifest : took.manifests()) {
      try (Stream<Path> files = Files.list(manifest.getParent())) {
        for (Path file : files.filter(each -> !each.equals(manifest)).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static long size(Path folder) throws IOException {
    long size = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        size += Files.size(file);
      }
    }
    return size;
  }

  /** One of those that are compared. */
  private interface Measure {
    void run() throws IOException, InterruptedException;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
