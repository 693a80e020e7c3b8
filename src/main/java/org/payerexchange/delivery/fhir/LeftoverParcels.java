package org.payerexchange.delivery.fhir;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Packs what is left over of a transfer into parcels once more, as batches, whose entries stand
 * alone: without the references whose targets the server does not have by then. Not thread-safe.
 */
final class LeftoverParcels implements Iterator<Parcel>, Closeable {
  private final Iterator<Leftovers> files;
  private final BundleLimits limits;
  private final KnownTargets targets = new KnownTargets();
  private NdjsonLines lines;
  private byte[] ahead;

  /** Reads these files one after the other. */
  LeftoverParcels(List<Leftovers> files, BundleLimits limits) throws IOException {
    this.files = files.iterator();
    this.limits = limits;
    look();
  }

  private void look() throws IOException {
    ahead = lines == null ? null : lines.next();
    while (ahead == null && files.hasNext()) {
      close();
      Leftovers next = files.next();
      if (next.exist()) {
        lines = new NdjsonLines(Files.newInputStream(next.file()));
        ahead = lines.next();
      }
    }
  }

  @Override
  public boolean hasNext() {
    return ahead != null;
  }

  @Override
  public Parcel next() {
    if (ahead == null) {
      throw new NoSuchElementException();
    }
    try {
      return pack();
    } catch (IOException unreadable) {
      throw new TransferException(
          FailureReason.SINK_UNAVAILABLE, "the work directory cannot be read", unreadable);
    }
  }

  /**
   * Of a resource that was left over twice the later one goes. What refers to one before it goes in
   * the next parcel, when that is there.
   */
  private Parcel pack() throws IOException {
    Map<String, FhirEntry> entries = new LinkedHashMap<>();
    List<Leftover> neverSent = new ArrayList<>();
    long bytes = 0;
    while (ahead != null
        && (bytes == 0
            || (entries.size() < limits.entries() && bytes + ahead.length <= limits.bytes()))) {
      Leftover leftover = Leftover.of(FhirJson.read(ahead));
      if (leftover.entry().links().stream().anyMatch(link -> entries.containsKey(link.target()))) {
        break;
      }
      bytes += ahead.length;
      if (leftover.status() == 0) {
        neverSent.add(leftover);
      } else {
        entries.put(leftover.entry().url(), leftover.entry());
      }
      look();
    }
    Parcel parcel = new Parcel(0, List.of(List.copyOf(entries.values())), false, targets);
    neverSent.forEach(parcel::leave);
    return parcel;
  }

  @Override
  public void close() throws IOException {
    if (lines != null) {
      lines.close();
    }
  }
}
