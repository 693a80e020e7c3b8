package org.payerexchange.delivery.fhir;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Packs what is left over of a transfer into parcels once more, as batches, whose entries stand
 * alone: without the references whose targets the server does not have by then. Not thread-safe.
 */
final class LeftoverParcels implements Iterator<Parcel>, Closeable {
  private final Leftovers.Lines lines;
  private final BundleLimits limits;
  private final KnownTargets targets = new KnownTargets();
  private Leftover ahead;

  /** Reads these from where they are. */
  LeftoverParcels(Leftovers.Lines lines, BundleLimits limits) throws IOException {
    this.lines = lines;
    this.limits = limits;
    ahead = lines.nextLeftover();
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
            || (entries.size() < limits.entries() && bytes + lines.length() <= limits.bytes()))) {
      Leftover leftover = ahead;
      if (leftover.entry().links().stream().anyMatch(link -> entries.containsKey(link.target()))) {
        break;
      }
      bytes += lines.length();
      if (leftover.status() == 0) {
        neverSent.add(leftover);
      } else {
        entries.put(leftover.entry().url(), leftover.entry());
      }
      ahead = lines.nextLeftover();
    }
    Parcel parcel = new Parcel(0, List.of(List.copyOf(entries.values())), false, targets);
    neverSent.forEach(parcel::leave);
    return parcel;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
