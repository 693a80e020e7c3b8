package org.payerexchange.retrieve;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.split.Measure;
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
    Map<String, Typed> types = new TreeMap<>();
    try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(pages))) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        beat.run();
        String type = PageJson.parse(line).path("resourceType").asText();
        Typed typed = types.get(type);
        if (typed == null) {
          typed = new Typed(folder.resolve(type + ".ndjson"));
          types.put(type, typed);
        }
        typed.add(line);
      }
      List<MemberFile> files = new ArrayList<>();
      for (Map.Entry<String, Typed> each : types.entrySet()) {
        files.add(each.getValue().end(each.getKey()));
      }
      return files;
    } finally {
      for (Typed each : types.values()) {
        each.to.close();
      }
    }
  }

  private static final class Typed {
    private static final byte[] FEED = {'\n'};

    private final Path path;
    private final OutputStream to;
    private final Measure measure = new Measure();
    private long lines;

    Typed(Path path) throws IOException {
      this.path = path;
      this.to = new BufferedOutputStream(Channels.newOutputStream(PrivateFiles.create(path)));
    }

    void add(byte[] line) throws IOException {
      to.write(line);
      to.write(FEED);
      measure.add(line, line.length);
      measure.add(FEED, 1);
      lines++;
    }

    MemberFile end(String type) throws IOException {
      to.flush();
      return measure.end(type, path, lines);
    }
  }
}
