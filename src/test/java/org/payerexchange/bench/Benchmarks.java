package org.payerexchange.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.payerexchange.support.Folders;

/**
 * Runs the benchmarks that {@link BenchSettings} asks for and prints their figures. Sandbox and
 * bundle run in processes of their own, over loopback; what they leave is deleted.
 */
public final class Benchmarks {
  private Benchmarks() {}

  /**
   * Runs them.
   *
   * @param arguments the folder to work in, which is deleted in the end
   */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    BenchSettings settings = BenchSettings.of(System.getenv());
    Folders.delete(folder);
    Files.createDirectories(folder);
    Figures.print(
        "%d processors, Java %s, %d runs each%n",
        Runtime.getRuntime().availableProcessors(), Runtime.version(), settings.runs());
    try {
      for (String part : settings.parts()) {
        run(part, folder.resolve(part), settings);
      }
    } finally {
      Folders.delete(folder);
    }
  }

  private static void run(String part, Path folder, BenchSettings settings)
      throws IOException, InterruptedException {
    switch (part) {
      case "large" -> {
        BenchSettings times = settings;
        for (long bytes : settings.bytes()) {
          new LargeExport(folder, times, bytes, 0).run();
          // the further sizes are there for the heap
          times = settings.cold(1);
        }
      }
      case "held" ->
          new LargeExport(
                  folder,
                  settings.cold(settings.runs()),
                  settings.bytes().get(0),
                  settings.bytesPerSecond())
              .run();
      case "fhir" -> {
        for (long bytes : settings.fhirBytes()) {
          new FhirSink(folder, settings, bytes, true).run();
          new FhirSink(folder, settings, bytes, false).run();
        }
      }
      case "small" -> new SmallTransfers(folder, settings).run();
      case "fair" -> new FairTurns(folder, settings).run();
      case "many" -> new ManyTransfers(folder, settings).run();
      case "members" -> new ManyAtOnce(folder, settings).run();
      case "split" -> new SplitExport(folder, settings).run();
      case "pages" -> new PatientPages(folder, settings).run();
      case "waiting" -> new WaitingJobs(folder, settings).run();
      default -> throw new IllegalArgumentException("There is no part " + part);
    }
  }
}
