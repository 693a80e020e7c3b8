package org.payerexchange.delivery.fhir;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.payer.FailureReason;
import org.payerexchange.payer.TransferException;

/** Packs the lines of a staged file into parcels; one is in memory at a time. Not thread-safe. */
final class FhirParcels implements Iterator<Parcel>, Closeable {
  private final String file;
  private final NdjsonLines lines;
  private final LineReader reader;
  private final BundleLimits limits;
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
    List<FhirEntry> read(long line, byte[] json) throws IOException;
  }

  private record Line(long number, int bytes, List<FhirEntry> entries, Leftover unreadable) {}

  /**
   * Goes on in a file.
   *
   * @param file its name
   * @param lines its lines, from the first
   * @param position lines that are delivered already
   */
  FhirParcels(String file, NdjsonLines lines, long position, LineReader reader, BundleLimits limits)
      throws IOException {
    this.file = file;
    this.lines = lines;
    this.reader = reader;
    this.limits = limits;
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
      ahead.add(new Line(position, json.length, reader.read(position, json), null));
    } catch (IOException unreadable) {
      FhirEntry nothing = new FhirEntry(file, position, "PUT", "", null, List.of());
      ahead.add(
          new Line(
              position,
              json.length,
              List.of(),
              Leftover.ofOwn(nothing, "the line cannot be read as FHIR JSON")));
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
          FailureReason.SINK_UNAVAILABLE, "the staged file cannot be read", unreadable);
    }
  }

  /** The same resource twice goes in two Bundles: one that names it twice would be refused. */
  private Parcel pack() throws IOException {
    List<FhirEntry> entries = new ArrayList<>();
    List<Leftover> unreadable = new ArrayList<>();
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
      if (line.unreadable() != null) {
        unreadable.add(line.unreadable());
      }
      bytes += line.bytes();
      last = line.number();
      look();
    }
    Parcel parcel = new Parcel(last, groups(entries), limits.transaction(), targets);
    unreadable.forEach(parcel::leave);
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
