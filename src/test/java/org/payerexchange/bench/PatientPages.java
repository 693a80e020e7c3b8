package org.payerexchange.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.payerexchange.support.Folders;

/** One member's data by each way that HRex knows, from a server with small pages. */
final class PatientPages {
  private static final int RESOURCES = 5000;
  private static final int PAGE = 10;
  private static final double MIB = 1024 * 1024;

  private final Path folder;
  private final BenchSettings settings;

  PatientPages(Path folder, BenchSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  void run() throws IOException, InterruptedException {
    Figures.print(
        "%n%,d resources of a member, in pages of %d where they come in pages%n", RESOURCES, PAGE);
    try (BenchedGateway gateway =
        BenchedGateway.start(
            folder.resolve("gateway"),
            List.of("bison"),
            "--resources-per-member=" + RESOURCES,
            "--hrex-strict",
            "--hrex-page-size=" + PAGE)) {
      for (String way : List.of("everything", "search", "export")) {
        run(way, gateway);
      }
    } finally {
      Folders.delete(folder);
    }
  }

  private void run(String way, BenchedGateway gateway) throws IOException, InterruptedException {
    List<String> hrex =
        Stream.concat(
                PdexMembers.settings(1).stream()
                    .filter(setting -> !setting.contains("match-batch")),
                Stream.of("p2p.payers.bison.dialect=hrex", "p2p.payers.bison.retrieval=" + way))
            .toList();
    try (Bundle bundle = Bundle.start(folder.resolve(way), gateway, settings, hrex)) {
      Bundle.Took took = bundle.take(PdexMembers.records(1), 1);
      Figures.print(
          "  %-10s %5.1f s, %5.1f s of CPU, %,d statements; heap at most %.1f MiB, %.1f MiB of it in use%s%n",
          way,
          took.seconds(),
          took.cpu().toMillis() / 1e3,
          took.statements(),
          took.peakHeap() / MIB,
          took.liveHeap() / MIB,
          bundle.complete(took.manifests()) == 1 ? "" : " (NOT COMPLETE)");
      Figures.print("        requests: %s%n", gateway.requests());
    }
  }
}
