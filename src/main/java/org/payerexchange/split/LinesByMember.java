package org.payerexchange.split;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Appends lines to files, one for each member and type, in the order in which they come. They are
 * gathered in memory up to a bound, then sorted by file and written: each file is opened once a
 * round, and one is open at a time. Not thread-safe.
 */
final class LinesByMember {
  private static final int FIRST_ITEMS = 1 << 14;
  private static final int MOST_ITEMS = 1 << 20;
  private static final int PIECE = 32 * 1024;

  private final WorkFolder work;
  private final int members;
  private final Map<String, Type> types = new TreeMap<>();
  private final List<Type> asTheyCame = new ArrayList<>();
  private final byte[] gathered;
  private final byte[] piece = new byte[PIECE];
  private long[] order = new long[FIRST_ITEMS];
  private int[] ends = new int[FIRST_ITEMS];
  private int items;
  private int filled;

  /** A type of which there are lines. */
  private static final class Type {
    private final String name;

    /** In the order in which types come. */
    private final int number;

    /** How many each member has. */
    private final long[] lines;

    private Type(String name, int number, int members) {
      this.name = name;
      this.number = number;
      this.lines = new long[members];
    }
  }

  /**
   * Starts with nothing.
   *
   * @param members how many there are
   * @param bound bytes that are gathered at most
   */
  LinesByMember(WorkFolder work, int members, int bound) {
    this.work = work;
    this.members = members;
    this.gathered = new byte[bound];
  }

  /**
   * Where a member's lines of a type are: a folder a member would take longer to make and empty.
   */
  Path file(int member, String ofType) {
    return work.path("%s-%s.ndjson".formatted(member, ofType));
  }

  /** The types of which there are lines, sorted. */
  Iterable<String> types() {
    return types.keySet();
  }

  /** How many lines of a type a member has. */
  long lines(int member, String ofType) {
    return types.get(ofType).lines[member];
  }

  /** Adds a line, which gets its line feed, to one of a member's files. */
  void add(int member, String ofType, byte[] line) throws IOException {
    int length = line.length + 1;
    if (filled + length > gathered.length || items == MOST_ITEMS) {
      flush();
    }
    Type type = types.computeIfAbsent(ofType, this::added);
    type.lines[member]++;
    int file = file(member, type);
    if (length > gathered.length) {
      try (WorkFolder.Output large = open(file)) {
        large.write(line);
        large.write('\n');
      }
    } else {
      gather(file, line);
    }
  }

  private Type added(String ofType) {
    Type type = new Type(ofType, asTheyCame.size(), members);
    asTheyCame.add(type);
    return type;
  }

  /** Files are counted type by type, and in it member by member. */
  private int file(int member, Type type) {
    return Math.addExact(Math.multiplyExact(type.number, members), member);
  }

  private void gather(int file, byte[] line) {
    if (items == ends.length) {
      order = Arrays.copyOf(order, items * 2);
      ends = Arrays.copyOf(ends, items * 2);
    }
    System.arraycopy(line, 0, gathered, filled, line.length);
    filled += line.length;
    gathered[filled++] = '\n';
    order[items] = (long) file << 32 | items;
    ends[items++] = filled;
  }

  /** Writes what is gathered. */
  void flush() throws IOException {
    Arrays.sort(order, 0, items);
    for (int at = 0; at < items; ) {
      int file = (int) (order[at] >>> 32);
      int end = at + 1;
      while (end < items && (int) (order[end] >>> 32) == file) {
        end++;
      }
      write(file, at, end);
      at = end;
    }
    items = 0;
    filled = 0;
  }

  private void write(int number, int from, int end) throws IOException {
    try (WorkFolder.Output file = open(number)) {
      int waiting = 0;
      for (int at = from; at < end; at++) {
        int item = (int) order[at];
        int start = item == 0 ? 0 : ends[item - 1];
        int length = ends[item] - start;
        if (waiting + length > PIECE) {
          file.write(piece, 0, waiting);
          waiting = 0;
        }
        if (length > PIECE) {
          file.write(gathered, start, length);
        } else {
          System.arraycopy(gathered, start, piece, waiting, length);
          waiting += length;
        }
      }
      file.write(piece, 0, waiting);
    }
  }

  private WorkFolder.Output open(int file) throws IOException {
    return work.append(file(file % members, asTheyCame.get(file / members).name));
  }
}
