package org.payerexchange.split;

import java.io.IOException;
import java.nio.file.Path;
import org.payerexchange.delivery.fhir.ResourceVersion;
import org.payerexchange.files.HashTable;

/**
 * The names of the shared lines, and of what conditional ones refer to: where the line lies, whose
 * it is so far, and the chain of names that it leads to. A table in a file. Not thread-safe.
 */
final class Names {
  private static final int LINE = 0;
  private static final int OWNER = 1;
  private static final int CHAIN = 2;
  private static final int NUMBER = 3;
  private static final int UPDATED = 4;
  private static final int COLUMNS = 5;
  private static final int NO_LINE = 0;

  private final HashTable table;

  /**
   * Makes an empty table.
   *
   * @param most how many names it is to hold at most
   */
  Names(Path file, long most) throws IOException {
    table = HashTable.create(file, most, COLUMNS);
  }

  int find(String type, String id) {
    return table.find(Link.name(type, id));
  }

  int findOrAdd(String type, String id) {
    int at = find(type, id);
    return at < 0 ? table.add(Link.name(type, id)) : at;
  }

  int places() {
    return table.places();
  }

  boolean isTaken(int at) {
    return table.isTaken(at);
  }

  /** Whether there is a line of this name. */
  boolean hasLine(int at) {
    return table.number(at, LINE) != NO_LINE;
  }

  /** Where the line of this name lies. */
  long line(int at) {
    return table.number(at, LINE) - 1;
  }

  /** Takes a line for the one of its name, unless that is newer. */
  void offer(int at, long line, ResourceVersion version) {
    ResourceVersion known =
        new ResourceVersion(table.number(at, NUMBER), table.number(at, UPDATED));
    if (!hasLine(at) || known.isOlderThan(version)) {
      table.number(at, LINE, line + 1);
      table.number(at, NUMBER, version.number());
      table.number(at, UPDATED, version.updated());
    }
  }

  long owner(int at) {
    return table.number(at, OWNER);
  }

  /** Learns more of whose it is; whether that was news. */
  boolean own(int at, long owner) {
    long known = owner(at);
    long both = Owners.join(known, owner);
    if (both != known) {
      table.number(at, OWNER, both);
    }
    return both != known;
  }

  int chain(int at) {
    return (int) table.number(at, CHAIN);
  }

  void chain(int at, int chain) {
    table.number(at, CHAIN, chain);
  }
}
