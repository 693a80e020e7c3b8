package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.payerexchange.delivery.NdjsonLines;

/** The ids of one NDJSON file, as a table in a file of its own. */
final class KnownIds {
  private final HashTable table;

  private KnownIds(HashTable table) {
    this.table = table;
  }

  /**
   * Opens a table.
   *
   * @throws IOException if it cannot be read
   */
  static KnownIds open(Path table) throws IOException {
    return new KnownIds(HashTable.open(table, 0));
  }

  /**
   * Writes the table of a file.
   *
   * @param resources how many the file holds
   * @param others files of the same type
   * @return whether an id came twice, in the file or in it and one of the others
   * @throws IOException if the file cannot be read or the table not written
   */
  static boolean write(Path table, InputStream file, long resources, List<KnownIds> others)
      throws IOException {
    boolean twice = false;
    KnownIds ids = new KnownIds(HashTable.create(table, resources, 0));
    try (NdjsonLines lines = new NdjsonLines(file)) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        Optional<String> id = LineHead.id(line);
        if (id.isPresent()) {
          twice |= ids.holds(id.get()) || others.stream().anyMatch(each -> each.holds(id.get()));
          ids.table.add(id.get());
        }
      }
    }
    return twice;
  }

  /** Whether the file holds a resource of this id. */
  boolean holds(String id) {
    return table.find(id) >= 0;
  }
}
