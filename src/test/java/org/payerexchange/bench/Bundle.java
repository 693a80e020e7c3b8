package org.payerexchange.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.payerexchange.support.JavaProcess;

/** The bundle in a JVM of its own, with everything it leaves in one folder. */
final class Bundle implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** Listing thousands of folders costs time that the bundle would have. */
  private static final Duration POLL = Duration.ofMillis(50);

  private final ObjectMapper mapper = new ObjectMapper();
  private final Path folder;
  private final JavaProcess process;
  private final Set<Path> seen = new HashSet<>();
  private int dropped;

  private Bundle(Path folder, JavaProcess process) {
    this.folder = folder;
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param more settings apart from those of every benchmark, as {@code key=value}
   */
  static Bundle start(
      Path folder, BenchedGateway gateway, BenchSettings settings, List<String> more)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "p2p.ops.port=",
                "p2p.tick=100ms",
                // how long a file rests before it is read is no work
                "p2p.inbox.quiet-time=10ms",
                "p2p.poll.min-delay=10ms",
                // of which one payer gets three quarters
                "p2p.download.max-parallel=" + (settings.parallel() * 4 / 3 + 1),
                "p2p.deliver.max-parallel=" + settings.parallel(),
                "p2p.payers.bison.max-parallel-requests=" + settings.parallel()));
    gateway.settings().forEach((key, value) -> arguments.add(key + "=" + value));
    arguments.addAll(more);
    List<String> jvm =
        new ArrayList<>(
            List.of(
                "-Xmx" + settings.heap(), "-XX:+ExitOnOutOfMemoryError", "-Dp2p.log.level=WARN"));
    jvm.addAll(settings.jvm());
    JavaProcess process = JavaProcess.start(folder, jvm, BenchedBundle.class, arguments);
    while (!process.line().equals("ready")) {}
    return new Bundle(folder, process);
  }

  /** Drops a file into the inbox and waits until so many transfers more have their manifests. */
  Took take(String records, int transfers) throws IOException {
    begin();
    Path draft = draft(records);
    long start = System.nanoTime();
    drop("bison", draft);
    List<Path> manifests = new ArrayList<>();
    Awaitility.await()
        .atMost(LONGEST)
        .pollDelay(Duration.ofMillis(1))
        .pollInterval(POLL)
        .until(
            () -> {
              manifests.addAll(newManifests());
              return manifests.size() >= transfers;
            });
    return end(Duration.ofNanos(System.nanoTime() - start), manifests);
  }

  /** What it takes from now on is told at the end. */
  void begin() throws IOException {
    answer("begin");
  }

  /** What it took since the begin, or the last end. */
  Took end(Duration wall, List<Path> manifests) throws IOException {
    String[] figures = answer("end").split(" ", -1);
    return new Took(
        wall,
        Long.parseLong(figures[0]),
        Long.parseLong(figures[1]),
        Duration.ofMillis(Long.parseLong(figures[2])),
        Long.parseLong(figures[3]),
        Long.parseLong(figures[4]),
        manifests);
  }

  /** Writes records down in a file. */
  Path draft(String records) throws IOException {
    return Files.writeString(folder.resolve("draft-" + dropped++ + ".ndjson"), records);
  }

  /** Drops such a file into a payer's inbox. */
  void drop(String payer, Path draft) throws IOException {
    Path inbox = Files.createDirectories(folder.resolve("inbox").resolve(payer));
    Files.move(draft, inbox.resolve(draft.getFileName()), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The rows of whole numbers that its ledger answers. */
  List<long[]> ask(String query) throws IOException {
    return Arrays.stream(answer("ask " + query.replace('\n', ' ')).split(",", -1))
        .filter(row -> !row.isEmpty())
        .map(row -> Arrays.stream(row.split(" ", -1)).mapToLong(Long::parseLong).toArray())
        .toList();
  }

  /** The heap in bytes that a full collection leaves. */
  long collect() throws IOException {
    return Long.parseLong(answer("collect"));
  }

  /** How large its H2 ledger is on the disk, in bytes. */
  long ledgerBytes() throws IOException {
    return Files.size(folder.resolve("data/ledger.mv.db"));
  }

  private String answer(String line) throws IOException {
    process.send(line);
    return process.line();
  }

  private List<Path> newManifests() throws IOException {
    Path outbox = folder.resolve("outbox/bison");
    List<Path> manifests = new ArrayList<>();
    if (Files.isDirectory(outbox)) {
      try (DirectoryStream<Path> transfers = Files.newDirectoryStream(outbox)) {
        for (Path transfer : transfers) {
          if (!seen.contains(transfer) && Files.exists(transfer.resolve("manifest.json"))) {
            seen.add(transfer);
            manifests.add(transfer.resolve("manifest.json"));
          }
        }
      }
    }
    return manifests;
  }

  /** How many of these ended as COMPLETE, without a warning. */
  long complete(List<Path> manifests) throws IOException {
    long complete = 0;
    for (Path manifest : manifests) {
      JsonNode outcome = mapper.readTree(manifest.toFile());
      if (outcome.path("status").asText().equals("COMPLETE")
          && outcome.path("warnings").isEmpty()) {
        complete++;
      }
    }
    return complete;
  }

  @Override
  public void close() throws IOException {
    process.close();
  }

  /**
   * What it took.
   *
   * @param wall from the dropped file to the last manifest
   * @param peakHeap the most heap that was in use, garbage included, in bytes
   * @param liveHeap the most that a collection left, in bytes
   * @param cpu of the bundle's process
   * @param statements of the ledger, those of ticks that found nothing included
   * @param commits of the ledger
   * @param manifests of the transfers
   */
  record Took(
      Duration wall,
      long peakHeap,
      long liveHeap,
      Duration cpu,
      long statements,
      long commits,
      List<Path> manifests) {
    /** Adds what a transfer had the ledger do. */
    void addLedger(String name, Figures figures) {
      figures.add(name + ", statements a transfer", statements / (double) manifests.size());
      figures.add(name + ", commits a transfer", commits / (double) manifests.size());
    }

    double seconds() {
      return wall.toNanos() / 1e9;
    }
  }
}
