package org.payerexchange.retrieve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.split.MeasuredLines;
import org.payerexchange.split.MemberFile;

/** The resources of all pages, in a file a type. */
final class OwnFilesByType {
  private OwnFilesByType() {}

  /**
   * Writes them.
   *
   * @param folder is there, and empty
   * @param beat is run for each line; what it throws ends the writing
   * @return sorted by type
   * @throws IOException if the folder cannot be used
   */
  static List<MemberFile> write(Path pages, Path folder, Runnable beat) throws IOException {
    Map<String, MeasuredLines> types = new TreeMap<>();
    try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(pages))) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        beat.run();
        String type = PageJson.type(line);
        MeasuredLines own = types.get(type);
        if (own == null) {
          own = new MeasuredLines(folder.resolve(type + ".ndjson"));
          types.put(type, own);
        }
        own.add(line);
      }
    } finally {
      for (MeasuredLines each : types.values()) {
        each.close();
      }
    }
    return types.entrySet().stream().map(each -> each.getValue().end(each.getKey())).toList();
  }
}
