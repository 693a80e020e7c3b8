package org.payerexchange.delivery.fhir;

import static java.nio.file.StandardOpenOption.WRITE;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.files.AtomicFiles;

/**
 * The file of the work directory that keeps what a transfer has left over at the FHIR server, and
 * what else its end has to know. It is made before anything is sent, and added to at its end, each
 * time forced to the disk: the place of the delivery is recorded behind it. Its lines are {@link
 * Leftover}s and notes:
 *
 * <ul>
 *   <li>{@code {"file": "Patient-3.ndjson", "line": 200, "cut": 2}}: of the parcel that ended there
 *       so many references lead nowhere; {@code "subsetted": 3}: so many resources are parts;
 *   <li>{@code {"made": "Patient/bison.1"}}: what was left over of it before is overtaken;
 *   <li>{@code {"target": "Patient/bison.1"}}: what the Provenance points to; the last one counts.
 * </ul>
 *
 * @param file read and added to once it is there
 * @param files writes it anew
 */
record Leftovers(Path file, AtomicFiles files) {
  private static final byte[] FEED = {'\n'};
  private static final String FILE = "file";
  private static final String LINE = "line";
  private static final String CUT = "cut";
  private static final String SUBSETTED = "subsetted";
  private static final String MADE = "made";
  private static final String TARGET = "target";

  /**
   * Whether they are kept, be there none.
   *
   * @throws IOException if that cannot be seen
   */
  boolean isThere() throws IOException {
    try {
      Files.readAttributes(file, BasicFileAttributes.class);
      return true;
    } catch (NoSuchFileException lost) {
      return false;
    }
  }

  /** Begins to keep them, and forgets those of before. */
  void clear() throws IOException {
    files.write(file, to -> {});
  }

  /** Adds some. */
  void add(List<Leftover> more) throws IOException {
    append(more.stream().map(Leftover::toJson));
  }

  /**
   * Adds what became of a parcel.
   *
   * @param name the file's that the parcel is of
   * @param overtaken what was made although an earlier change of it was left over
   */
  void add(String name, Parcel parcel, Collection<String> overtaken) throws IOException {
    ObjectNode counts = note().put(FILE, name).put(LINE, parcel.lastLine());
    counts.put(CUT, parcel.cutReferences()).put(SUBSETTED, parcel.subsetted());
    append(
        Stream.of(
                overtaken.stream().map(url -> note().put(MADE, url)),
                parcel.leftovers().stream().map(Leftover::toJson),
                Stream.of(counts).filter(any -> parcel.cutReferences() + parcel.subsetted() > 0))
            .flatMap(lines -> lines));
  }

  /** Adds what the Provenance is to point to. */
  void target(String url) throws IOException {
    append(Stream.of(note().put(TARGET, url)));
  }

  private static ObjectNode note() {
    return JsonNodeFactory.instance.objectNode();
  }

  private void append(Stream<ObjectNode> lines) throws IOException {
    List<ObjectNode> all = lines.toList();
    if (!all.isEmpty()) {
      try (FileChannel end = FileChannel.open(file, WRITE)) {
        end.position(end.size());
        for (ObjectNode line : all) {
          write(end, line);
        }
        end.force(true);
      }
    }
  }

  private static void write(FileChannel channel, JsonNode line) throws IOException {
    AtomicFiles.Content.of(FhirJson.bytes(line)).writeTo(channel);
    AtomicFiles.Content.of(FEED).writeTo(channel);
  }

  /** What counts on. */
  @FunctionalInterface
  interface Place {
    /** Whether what came of this line of this file does. */
    boolean counts(String name, long line);
  }

  /**
   * Drops what counts no more, what was overtaken, and what a killed process has written in part.
   */
  void tidy(Place place) throws IOException {
    Map<String, Long> made = new HashMap<>();
    boolean tidy = endsWhole();
    try (Lines lines = new Lines()) {
      for (JsonNode each = lines.next(); each != null; each = lines.next()) {
        if (each.has(MADE)) {
          made.put(each.path(MADE).asText(), lines.number);
        }
        tidy &= !each.isMissingNode() && counts(each, place);
      }
    }
    if (!made.isEmpty() || !tidy) {
      files.write(file, to -> copy(to, made, place));
    }
  }

  private static boolean counts(JsonNode each, Place place) {
    return !each.has(FILE) || place.counts(each.path(FILE).asText(), each.path(LINE).asLong());
  }

  private boolean endsWhole() throws IOException {
    if (Files.size(file) == 0) {
      return true;
    }
    try (InputStream end = Files.newInputStream(file)) {
      end.skipNBytes(Files.size(file) - 1);
      return end.read() == '\n';
    }
  }

  private void copy(FileChannel to, Map<String, Long> made, Place place) throws IOException {
    try (Lines lines = new Lines()) {
      for (JsonNode each = lines.next(); each != null; each = lines.next()) {
        boolean sent = each.path("status").asInt() != 0;
        boolean overtaken = sent && made.getOrDefault(each.path("url").asText(), 0L) > lines.number;
        if (!each.isMissingNode() && !each.has(MADE) && !overtaken && counts(each, place)) {
          write(to, each);
        }
      }
    }
  }

  /** How many references lead nowhere. */
  long cutReferences() throws IOException {
    return sum(CUT);
  }

  /** How many resources the payer says to be parts. */
  long subsetted() throws IOException {
    return sum(SUBSETTED);
  }

  private long sum(String counted) throws IOException {
    long sum = 0;
    try (Lines lines = new Lines()) {
      for (JsonNode each = lines.next(); each != null; each = lines.next()) {
        sum += each.path(counted).asLong();
      }
    }
    return sum;
  }

  /** What the Provenance is to point to. */
  Optional<String> target() throws IOException {
    String target = null;
    try (Lines lines = new Lines()) {
      for (JsonNode each = lines.next(); each != null; each = lines.next()) {
        target = each.path(TARGET).asText(target);
      }
    }
    return Optional.ofNullable(target);
  }

  /** How many are like this. */
  long count(Predicate<Leftover> like) throws IOException {
    long count = 0;
    try (Lines lines = new Lines()) {
      for (Leftover left = lines.nextLeftover(); left != null; left = lines.nextLeftover()) {
        count += like.test(left) ? 1 : 0;
      }
    }
    return count;
  }

  /** Reads from the beginning; only one line is in memory. */
  Lines read() throws IOException {
    return new Lines();
  }

  /** The lines, one at a time. */
  final class Lines implements Closeable {
    private final NdjsonLines lines;
    private long number;
    private int length;

    private Lines() throws IOException {
      lines = new NdjsonLines(Files.newInputStream(file));
    }

    /** The next line, null at the end; what is no JSON is missing. */
    private JsonNode next() throws IOException {
      byte[] line = lines.next();
      if (line == null) {
        return null;
      }
      number++;
      length = line.length;
      try {
        return FhirJson.readKept(line);
      } catch (JsonProcessingException unfinished) {
        return MissingNode.getInstance();
      }
    }

    /** The next that is no note, null at the end. */
    Leftover nextLeftover() throws IOException {
      JsonNode line = next();
      while (line != null && !line.has("method")) {
        line = next();
      }
      return line == null ? null : Leftover.of(line);
    }

    /** The bytes of the last one. */
    int length() {
      return length;
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
