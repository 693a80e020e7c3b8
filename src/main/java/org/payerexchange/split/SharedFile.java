package org.payerexchange.split;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * The lines of shared types, one after the other in a file. A line's place tells its type and where
 * it begins, in that order, so that places sort by type and then as the lines came. Not
 * thread-safe.
 */
final class SharedFile implements Closeable {
  private static final int TYPE_SHIFT = 48;
  private static final long OFFSET = (1L << TYPE_SHIFT) - 1;
  private static final int PAGE = 4 * 1024;
  private static final List<String> TYPES =
      Ownership.byType().entrySet().stream()
          .filter(type -> type.getValue().isShared())
          .map(Map.Entry::getKey)
          .sorted()
          .toList();

  private static final BitSet SHAREABLE = new BitSet();

  static {
    for (String type : TYPES) {
      boolean shareable = Ownership.of(type).isShareable();
      SHAREABLE.set(TYPES.indexOf(type), shareable);
    }
  }

  private final Path path;
  private final DataOutputStream file;
  private FileChannel written;
  private final ByteBuffer page = ByteBuffer.allocate(PAGE);
  private long end;

  /** Writes to a file of a work folder. */
  SharedFile(WorkFolder work, String name) throws IOException {
    path = work.path(name);
    file = new DataOutputStream(new BufferedOutputStream(work.create(path), 1 << 16));
  }

  /** The types of lines that are kept here, sorted. */
  static List<String> types() {
    return TYPES;
  }

  /** Adds a line; answers its place. */
  long add(String type, byte[] line) throws IOException {
    long place = (long) TYPES.indexOf(type) << TYPE_SHIFT | end;
    file.writeInt(line.length + 1);
    file.write(line);
    file.write('\n');
    end += Integer.BYTES + line.length + 1;
    return place;
  }

  /** Makes all lines readable; none is added any more. */
  void finish() throws IOException {
    file.close();
    written = FileChannel.open(path, StandardOpenOption.READ);
  }

  /** Whether the line at a place is shareable, and not only under conditions. */
  static boolean isShareable(long place) {
    return SHAREABLE.get((int) (place >>> TYPE_SHIFT));
  }

  /** The type of the line at a place. */
  static String type(long place) {
    return TYPES.get((int) (place >>> TYPE_SHIFT));
  }

  /** A line with its line feed. */
  byte[] read(long place) throws IOException {
    long at = place & OFFSET;
    fill(page.clear(), at);
    byte[] line = new byte[page.getInt(0)];
    int inPage = Math.min(line.length, page.position() - Integer.BYTES);
    page.get(Integer.BYTES, line, 0, inPage);
    ByteBuffer rest = ByteBuffer.wrap(line, inPage, line.length - inPage);
    while (rest.hasRemaining()) {
      fill(rest, at + Integer.BYTES + rest.position());
    }
    return line;
  }

  private void fill(ByteBuffer buffer, long at) throws IOException {
    if (written.read(buffer, at) < 0) {
      throw new EOFException("a file of the work folder is shorter than it was");
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
    if (written != null) {
      written.close();
    }
  }
}
