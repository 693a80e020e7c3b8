package org.payerexchange.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.payerexchange.support.Folders;

/** A large export that very many members share: what its split adds to the time of its download. */
final class SplitExport {
  private static final int MEMBERS = 5000;
  private static final int RESOURCES = 20;
  private static final double MIB = 1024 * 1024;
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final String TIMES =
      """
      SELECT CAST(1000 * EXTRACT(EPOCH FROM (SELECT MIN(at) FROM transfer_event
          WHERE what = 'EXPORT_READY')) AS BIGINT) AS ready,
        CAST(1000 * EXTRACT(EPOCH FROM (SELECT MAX(stored_at) FROM output_file
          WHERE shared)) AS BIGINT) AS stored,
        CAST(1000 * EXTRACT(EPOCH FROM MAX(finished_at)) AS BIGINT) AS split
      FROM export_job WHERE kind = 'SHARED' AND state = 'COMPLETE'""";

  private final Path folder;
  private final BenchSettings settings;

  SplitExport(Path folder, BenchSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  void run() throws IOException {
    long each = settings.splitBytes() / (MEMBERS * RESOURCES);
    Figures.print(
        "%nAn export of %,d bytes that %,d members share, %d resources each, split by member%n",
        settings.splitBytes(), MEMBERS, RESOURCES);
    try (BenchedGateway gateway =
            BenchedGateway.start(
                folder.resolve("gateway"),
                List.of("bison"),
                "--resources-per-member=" + RESOURCES,
                "--bytes-per-resource=" + each,
                "--bulk-match-members=" + MEMBERS,
                "--bulk-match-bytes=" + Integer.MAX_VALUE);
        Bundle bundle =
            Bundle.start(
                folder.resolve("bundle"), gateway, settings, PdexMembers.settings(MEMBERS))) {
      bundle.begin();
      bundle.drop("bison", bundle.draft(PdexMembers.records(MEMBERS)));
      Awaitility.await()
          .atMost(LONGEST)
          .pollInterval(POLL)
          .until(
              () ->
                  bundle.ask(
                              "SELECT COUNT(*) AS ends FROM export_job WHERE kind = 'SHARED'"
                                  + " AND state = 'COMPLETE'")
                          .get(0)[0]
                      > 0);
      Bundle.Took took = bundle.end(Duration.ZERO, List.of());
      long[] times = bundle.ask(TIMES).get(0);
      double download = (times[1] - times[0]) / 1e3;
      double split = (times[2] - times[1]) / 1e3;
      Figures.print(
          "  download %.1f s, split %.1f s, %.2f of it; heap at most %.1f MiB, %.1f MiB of it in use%n",
          download, split, split / download, took.peakHeap() / MIB, took.liveHeap() / MIB);
    } finally {
      Folders.delete(folder);
    }
  }
}
