package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.payerexchange.delivery.NdjsonLines;

/**
 * The newest version of each resource of a type that came more than once, as a table in a file of
 * its own.
 */
final class KnownVersions {
  private static final int NUMBER = 0;
  private static final int UPDATED = 1;
  private static final int COLUMNS = 2;

  private final HashTable table;

  private KnownVersions(HashTable table) {
    this.table = table;
  }

  /**
   * Opens a table.
   *
   * @throws IOException if it cannot be read
   */
  static KnownVersions open(Path table) throws IOException {
    return new KnownVersions(HashTable.open(table, COLUMNS));
  }

  /**
   * Begins a table.
   *
   * @param resources how many there are at most
   * @throws IOException if it cannot be written
   */
  static KnownVersions create(Path table, long resources) throws IOException {
    return new KnownVersions(HashTable.create(table, resources, COLUMNS));
  }

  /**
   * Adds what a file holds.
   *
   * @throws IOException if it cannot be read
   */
  void add(InputStream file) throws IOException {
    try (NdjsonLines lines = new NdjsonLines(file)) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        Optional<LineHead> head = LineHead.of(line);
        head.ifPresent(each -> add(each.id(), each.version()));
      }
    }
  }

  private void add(String id, ResourceVersion version) {
    int at = table.find(id);
    if (at < 0 || at(at).isOlderThan(version)) {
      int place = table.add(id);
      table.number(place, NUMBER, version.number());
      table.number(place, UPDATED, version.updated());
    }
  }

  private ResourceVersion at(int place) {
    return new ResourceVersion(table.number(place, NUMBER), table.number(place, UPDATED));
  }

  /** Whether there is a newer version of a resource. */
  boolean isOld(String id, ResourceVersion version) {
    int at = table.find(id);
    return at >= 0 && version.isOlderThan(at(at));
  }
}
