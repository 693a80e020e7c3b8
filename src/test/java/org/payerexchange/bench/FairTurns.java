package org.payerexchange.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.payerexchange.support.Folders;

/**
 * A member with very many files, and small ones of the same payer and of another that come after:
 * when each ends, and whether places are idle while something may be done.
 */
final class FairTurns {
  private static final List<String> PAYERS = List.of("bison", "heron");
  private static final int LARGE = 0;
  private static final int SMALL = 50;
  private static final int BYTES = 200;

  /** Of the node's downloads, and of each payer's requests. */
  private static final int PLACES = 16;

  /** Of them a quarter is left to a payer that has none, and to other requests. */
  private static final int DOWNLOADS = PLACES - PLACES / 4;

  private static final Duration LONGEST = Duration.ofMinutes(30);
  private static final Duration EVERY = Duration.ofMillis(20);

  /** What is in hand of each payer, and what could be. */
  private static final String PLACES_TAKEN =
      """
      SELECT CASE lane WHEN 'bison' THEN 0 ELSE 1 END AS payer,
        COUNT(CASE WHEN lease_until IS NOT NULL THEN 1 END) AS calls,
        COUNT(CASE WHEN lease_until IS NOT NULL AND kind = 'DOWNLOAD' THEN 1 END) AS downloads,
        COUNT(CASE WHEN lease_until IS NULL AND due_at <= CURRENT_TIMESTAMP
          AND kind = 'DOWNLOAD' THEN 1 END) AS due_downloads,
        COUNT(CASE WHEN lease_until IS NULL AND due_at <= CURRENT_TIMESTAMP
          AND kind <> 'DOWNLOAD' THEN 1 END) AS due_others
      FROM step WHERE kind NOT IN ('DELIVER', 'OUTCOME') GROUP BY lane""";

  private final Path folder;
  private final BenchSettings settings;
  private int samples;
  private int inHand;
  private int notFull;
  private int idle;

  FairTurns(Path folder, BenchSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  void run() throws IOException {
    Figures.print(
        "%nA member with %,d files of %d bytes, and %d with one, of the same payer and of another, that come after; %d places%n",
        settings.fairFiles(), BYTES, SMALL, PLACES);
    try (BenchedGateway gateway =
            BenchedGateway.start(
                folder.resolve("gateway"),
                PAYERS,
                "--files=1",
                "--files-of-first=" + settings.fairFiles(),
                "--bytes-per-file=" + BYTES);
        Bundle bundle =
            Bundle.start(
                folder.resolve("bundle"),
                gateway,
                settings,
                List.of(
                    "p2p.download.max-parallel=" + PLACES,
                    "p2p.payers.bison.max-parallel-requests=" + PLACES,
                    "p2p.payers.heron.max-parallel-requests=" + PLACES))) {
      int wave = 0;
      for (int warmUp = 0; warmUp < settings.warmUps(); warmUp++) {
        small(bundle, wave++);
      }
      print("small ones alone", small(bundle, wave++));
      Instant came = Instant.now();
      drop(bundle, "bison", LARGE, 1);
      Awaitility.await()
          .atMost(LONGEST)
          .pollInterval(Duration.ofMillis(250))
          .until(() -> stored(bundle) >= settings.fairFiles() / PLACES);
      long before = stored(bundle);
      samples = 0;
      inHand = 0;
      notFull = 0;
      idle = 0;
      print("small ones beside the large one", small(bundle, wave));
      Figures.print(
          "  %-34s %,d of %,d files, %,d when they came%n",
          "the large one had then", stored(bundle), settings.fairFiles(), before);
      awaitEnds(bundle, "bison", List.of(LARGE));
      Figures.print(
          "  %-34s %7.2f s%n",
          "the large one", seconds(came, ends(bundle, "bison", List.of(LARGE)).get(0)));
      Figures.print(
          "  %-34s %7.2f of %d in hand in the mean of %,d looks%n",
          "places", inHand / (double) samples, PLACES, samples);
      Figures.print(
          "  %-34s %7.2f %% of the looks%n", "fewer, though steps were due", percent(notFull));
      Figures.print(
          "  %-34s %7.2f %% of the looks%n", "fewer than might be, the same", percent(idle));
    } finally {
      Folders.delete(folder);
    }
  }

  private double percent(int looks) {
    return 100.0 * looks / samples;
  }

  /** Drops the members of a wave and answers how many seconds each took, by payer. */
  private List<List<Double>> small(Bundle bundle, int wave) throws IOException {
    List<Integer> members =
        IntStream.rangeClosed(wave * SMALL + 1, (wave + 1) * SMALL).boxed().toList();
    Instant came = Instant.now();
    for (String payer : PAYERS) {
      drop(bundle, payer, members.get(0), SMALL);
    }
    for (String payer : PAYERS) {
      awaitEnds(bundle, payer, members);
    }
    List<Double> same = took(bundle, PAYERS.get(0), members, came);
    return List.of(same, took(bundle, PAYERS.get(1), members, came));
  }

  private static List<Double> took(Bundle bundle, String payer, List<Integer> members, Instant came)
      throws IOException {
    return ends(bundle, payer, members).stream().map(end -> seconds(came, end)).sorted().toList();
  }

  private static void drop(Bundle bundle, String payer, int first, int count) throws IOException {
    bundle.drop(payer, bundle.draft(BareClient.Members.records(first, count)));
  }

  private void awaitEnds(Bundle bundle, String payer, List<Integer> members) {
    Awaitility.await()
        .atMost(LONGEST)
        .pollDelay(Duration.ofMillis(1))
        .pollInterval(EVERY)
        .until(
            () -> {
              look(bundle);
              return ends(bundle, payer, members).size() == members.size();
            });
  }

  private void look(Bundle bundle) throws IOException {
    List<long[]> payers = bundle.ask(PLACES_TAKEN);
    long calls = payers.stream().mapToLong(payer -> payer[1]).sum();
    long downloads = payers.stream().mapToLong(payer -> payer[2]).sum();
    long due = payers.stream().mapToLong(payer -> payer[3] + payer[4]).sum();
    samples++;
    inHand += (int) calls;
    notFull += calls < PLACES && due > 0 ? 1 : 0;
    idle += payers.stream().anyMatch(payer -> mayHaveMore(payer, downloads)) ? 1 : 0;
  }

  private static boolean mayHaveMore(long[] payer, long downloads) {
    int most = payer[2] == 0 ? PLACES : DOWNLOADS;
    return payer[1] < PLACES
        && (payer[4] > 0 || (payer[3] > 0 && payer[2] < DOWNLOADS && downloads < most));
  }

  private static long stored(Bundle bundle) throws IOException {
    return bundle.ask(
            "SELECT COALESCE(MAX(number), 0) AS stored FROM output_file WHERE state = 'STORED'")
        .get(0)[0];
  }

  private static List<Instant> ends(Bundle bundle, String payer, List<Integer> members)
      throws IOException {
    return bundle
        .ask(
            """
            SELECT CAST(EXTRACT(EPOCH FROM manifest_at) * 1000 AS BIGINT) AS ended FROM transfer
            WHERE payer = '%s' AND state = 'COMPLETE' AND manifest_at IS NOT NULL
              AND request_id IN (%s)"""
                .formatted(
                    payer,
                    members.stream()
                        .map("'bench-%d'"::formatted)
                        .collect(Collectors.joining(", "))))
        .stream()
        .map(row -> Instant.ofEpochMilli(row[0]))
        .toList();
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }

  private static void print(String name, List<List<Double>> took) {
    for (int payer = 0; payer < took.size(); payer++) {
      List<Double> sorted = took.get(payer);
      Figures.print(
          "  %-34s %7.2f s in the median, %7.2f s at worst, %s payer%n",
          name,
          sorted.get(sorted.size() / 2),
          sorted.get(sorted.size() - 1),
          payer == 0 ? "same" : "other");
    }
  }
}
