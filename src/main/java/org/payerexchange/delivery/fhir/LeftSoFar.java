package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.delivery.NdjsonLines;

/**
 * What a transfer has left over while its files are sent. What refers to a resource that was
 * refused waits for it, so that no reference leads nowhere at a server that does not look. Where
 * the server makes a later change of the same resource, the earlier one is dropped: tried again at
 * the end, it would undo the later. Knows the first {@value #MOST} of them. Not thread-safe.
 */
final class LeftSoFar {
  private static final int MOST = 5_000;

  private final List<Leftovers> files;
  private final Set<String> urls = new HashSet<>();
  private final Set<String> refused = new HashSet<>();

  /**
   * Reads what is there already.
   *
   * @param files where changes may have been left over
   * @throws IOException if it cannot be read
   */
  LeftSoFar(List<Leftovers> files) throws IOException {
    this.files = List.copyOf(files);
    for (Leftovers each : files) {
      if (each.exist()) {
        read(each);
      }
    }
  }

  private void read(Leftovers each) throws IOException {
    try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(each.file()))) {
      byte[] line = lines.next();
      while (line != null && urls.size() < MOST) {
        note(Leftover.of(FhirJson.read(line)));
        line = lines.next();
      }
    }
  }

  private void note(Leftover leftover) {
    if (leftover.status() > 0 && urls.size() < MOST) {
      urls.add(leftover.entry().url());
      if (!leftover.canPass() && !leftover.isMade()) {
        refused.add(leftover.entry().url());
      }
    }
  }

  /** Leaves what refers to something that was refused. */
  void holdBack(Parcel parcel) {
    if (!refused.isEmpty()) {
      parcel.holdBack(refused::contains);
    }
  }

  /**
   * Keeps what a settled parcel left over, and drops what it has overtaken.
   *
   * @param to where leftovers of its file are kept
   * @throws IOException if the work directory cannot be used
   */
  void settle(Parcel parcel, Leftovers to) throws IOException {
    Set<String> overtaken =
        parcel.made().stream().filter(urls::contains).collect(Collectors.toSet());
    if (!overtaken.isEmpty()) {
      for (Leftovers each : files) {
        each.keep(left -> left.status() == 0 || !overtaken.contains(left.entry().url()));
      }
      urls.removeAll(overtaken);
      refused.removeAll(overtaken);
    }
    to.add(parcel.leftovers());
    parcel.leftovers().forEach(this::note);
  }
}
