package org.payerexchange.split;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** Lines of all types, each into the file of its type. */
public final class LinesByType {
  /** Each has a file open; FHIR R4 has 148. */
  private static final int MOST_TYPES = 200;

  private LinesByType() {}

  /**
   * Writes the files.
   *
   * @param sources each line is a resource
   * @param headers whether some are headers of what is behind them, which are left out
   * @param folder is there, and empty
   * @param beat is run for each line; what it throws ends the writing
   * @return sorted by type
   * @throws TransferException {@link FailureReason#FILE_INVALID} for a line whose type cannot be
   *     told, {@link FailureReason#TOO_LARGE} if there are more types than FHIR has
   * @throws IOException if the folder cannot be used
   */
  public static List<MemberFile> write(
      List<Path> sources, boolean headers, Path folder, Runnable beat) throws IOException {
    Map<String, MeasuredLines> types = new TreeMap<>();
    try {
      for (Path source : sources) {
        write(source, headers, types, folder, beat);
      }
    } catch (JsonProcessingException beyondLimits) {
      throw new TransferException(
          FailureReason.FILE_INVALID,
          "a line is beyond our limits of JSON: its type cannot be told",
          beyondLimits);
    } finally {
      for (MeasuredLines each : types.values()) {
        each.close();
      }
    }
    return types.entrySet().stream().map(each -> each.getValue().end(each.getKey())).toList();
  }

  private static void write(
      Path source, boolean headers, Map<String, MeasuredLines> types, Path folder, Runnable beat)
      throws IOException {
    try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(source))) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        beat.run();
        String type = LineType.of(line);
        if (!headers || !LineType.isHeader(type)) {
          own(type, types, folder).add(line);
        }
      }
    }
  }

  private static MeasuredLines own(String type, Map<String, MeasuredLines> types, Path folder)
      throws IOException {
    MeasuredLines own = types.get(type);
    if (own == null) {
      if (types.size() == MOST_TYPES) {
        throw new TransferException(
            FailureReason.TOO_LARGE,
            "the export has more than %s types of resources".formatted(MOST_TYPES));
      }
      own = new MeasuredLines(folder.resolve(type + ".ndjson"));
      types.put(type, own);
    }
    return own;
  }
}
