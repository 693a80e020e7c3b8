package org.payerexchange.delivery.fhir;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** Packs the lines of a file into parcels, one at a time. Not thread-safe. */
final class FhirParcels implements Iterator<Parcel>, Closeable {
  private final String file;
  private final NdjsonLines lines;
  private final LineReader reader;
  private final BundleLimits limits;
  private final String baseUrl;
  private final KnownTargets targets = new KnownTargets();
  private final Deque<Line> ahead = new ArrayDeque<>();
  private long position;

  /** What one line comes to. */
  interface LineReader {
    /**
     * Reads a line.
     *
     * @throws IOException if it cannot be read as what it should be
     */
    Line read(long line, byte[] json) throws IOException;

    /** What a line that cannot be read would put, as a URL at the server; empty if unknown. */
    default String url(byte[] json) {
      return "";
    }
  }

  /**
   * What one line comes to.
   *
   * @param number its place, from 1
   * @param bytes its length
   * @param entries the changes that it asks for
   * @param leftovers those that cannot be asked for
   */
  record Line(long number, int bytes, List<FhirEntry> entries, List<Leftover> leftovers) {

    /** Keeps copies. */
    Line {
      entries = List.copyOf(entries);
      leftovers = List.copyOf(leftovers);
    }

    /** One that cannot become a change. */
    static Line leftOver(FhirEntry nothing, int bytes, String why) {
      return new Line(nothing.line(), bytes, List.of(), List.of(Leftover.ofOwn(nothing, why)));
    }

    /** The place only. */
    @Override
    public String toString() {
      return "line " + number;
    }
  }

  /**
   * Goes on in a file.
   *
   * @param file its name
   * @param lines its lines, from the first
   * @param position lines that are delivered already
   * @param baseUrl the server's
   */
  FhirParcels(
      String file,
      NdjsonLines lines,
      long position,
      LineReader reader,
      BundleLimits limits,
      String baseUrl)
      throws IOException {
    this.file = file;
    this.lines = lines;
    this.reader = reader;
    this.limits = limits;
    this.baseUrl = baseUrl;
    byte[] skipped = new byte[0];
    while (this.position < position && skipped != null) {
      skipped = lines.next();
      this.position++;
    }
    look();
  }

  private void look() throws IOException {
    byte[] json = lines.next();
    if (json == null) {
      return;
    }
    position++;
    try {
      ahead.add(reader.read(position, json));
    } catch (TransferException | UncheckedIOException ours) {
      throw ours;
    } catch (IOException | RuntimeException unreadable) {
      // the latter of what a line says, as Jackson's of a text where a list belongs: one costs no
      // other
      ahead.add(
          Line.leftOver(
              FhirEntry.nothing(file, position, reader.url(json)),
              json.length,
              "the line cannot be read as FHIR JSON"));
    }
  }

  @Override
  public boolean hasNext() {
    return !ahead.isEmpty();
  }

  @Override
  public Parcel next() {
    if (ahead.isEmpty()) {
      throw new NoSuchElementException();
    }
    try {
      return pack();
    } catch (IOException unreadable) {
      throw new TransferException(
          FailureReason.SINK_UNAVAILABLE, "the file cannot be read from the outbox", unreadable);
    }
  }

  /** The same resource twice goes in two Bundles: one that names it twice would be refused. */
  private Parcel pack() throws IOException {
    List<FhirEntry> entries = new ArrayList<>();
    List<Leftover> leftovers = new ArrayList<>();
    Set<String> urls = new HashSet<>();
    long bytes = 0;
    long last = 0;
    while (!ahead.isEmpty()) {
      Line line = ahead.peek();
      boolean fits =
          entries.size() + line.entries().size() <= limits.entries()
              && bytes + line.bytes() <= limits.bytes()
              && line.entries().stream().noneMatch(entry -> urls.contains(entry.url()));
      if (last > 0 && !fits) {
        break;
      }
      ahead.remove();
      entries.addAll(line.entries());
      line.entries().forEach(entry -> urls.add(entry.url()));
      leftovers.addAll(line.leftovers());
      bytes += line.bytes();
      last = line.number();
      look();
    }
    Parcel parcel = new Parcel(last, groups(entries), limits.transaction(), targets);
    leftovers.forEach(parcel::leave);
    parcel.writeAhead(baseUrl);
    return parcel;
  }

  /** One group, but for a line of more changes than fit. */
  private List<List<FhirEntry>> groups(List<FhirEntry> entries) {
    List<List<FhirEntry>> groups = new ArrayList<>();
    for (int from = 0; from < entries.size(); from += limits.entries()) {
      groups.add(entries.subList(from, Math.min(from + limits.entries(), entries.size())));
    }
    return groups;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
