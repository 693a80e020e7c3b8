package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.payer.FailureReason;
import org.payerexchange.payer.TransferException;

/**
 * Packs what is left over of a transfer into parcels once more. Resources of one parcel that refer
 * to each other, in a circle even, go as a transaction of their own; all others go alone. Not
 * thread-safe.
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

  /** Of a resource that was left over twice the later one goes. */
  private Parcel pack() throws IOException {
    Map<String, FhirEntry> entries = new LinkedHashMap<>();
    List<Leftover> neverSent = new ArrayList<>();
    long bytes = 0;
    while (ahead != null
        && (bytes == 0
            || (entries.size() < limits.entries() && bytes + ahead.length <= limits.bytes()))) {
      bytes += ahead.length;
      Leftover leftover = Leftover.of(FhirJson.read(ahead));
      if (leftover.status() == 0) {
        neverSent.add(leftover);
      } else {
        entries.put(leftover.entry().url(), leftover.entry());
      }
      look();
    }
    Parcel parcel = new Parcel(0, groups(entries), limits.transaction(), targets);
    neverSent.forEach(parcel::leave);
    return parcel;
  }

  private static List<List<FhirEntry>> groups(Map<String, FhirEntry> entries) {
    Map<String, String> leaders = new HashMap<>();
    entries.keySet().forEach(url -> leaders.put(url, url));
    entries.forEach(
        (url, entry) ->
            eachReference(
                entry.resource(),
                target -> {
                  if (leaders.containsKey(target)) {
                    leaders.put(leader(leaders, target), leader(leaders, url));
                  }
                }));
    Map<String, List<FhirEntry>> groups = new LinkedHashMap<>();
    entries.forEach(
        (url, entry) ->
            groups.computeIfAbsent(leader(leaders, url), key -> new ArrayList<>()).add(entry));
    Collection<List<FhirEntry>> together = groups.values();
    return List.copyOf(together);
  }

  private static String leader(Map<String, String> leaders, String url) {
    String at = url;
    while (!leaders.get(at).equals(at)) {
      at = leaders.get(at);
    }
    return at;
  }

  private static void eachReference(JsonNode node, Consumer<String> found) {
    if (node == null) {
      return;
    }
    JsonNode reference = node.get("reference");
    if (reference != null && reference.isTextual()) {
      found.accept(reference.asText());
    }
    node.forEach(child -> eachReference(child, found));
  }

  @Override
  public void close() throws IOException {
    if (lines != null) {
      lines.close();
    }
  }
}
