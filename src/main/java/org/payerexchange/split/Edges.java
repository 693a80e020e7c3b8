package org.payerexchange.split;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Which places of a table lead to which, as chains in a file: each link has the place that it leads
 * to and the link before it. The file is written once, then mapped into memory: it takes nothing of
 * the heap. Not thread-safe.
 */
final class Edges implements Closeable {
  /** The end of a chain. */
  static final int END = 0;

  private static final long AIMED = 1L << 63;
  private static final int MOST = Integer.MAX_VALUE / Long.BYTES;

  private final Path path;
  private final DataOutputStream file;
  private LongBuffer written;
  private int count;

  /** Writes them to a file of a work folder. */
  Edges(WorkFolder work, String name) throws IOException {
    path = work.path(name);
    file = new DataOutputStream(new BufferedOutputStream(work.create(path), 1 << 16));
  }

  /**
   * Adds a link before a chain.
   *
   * @return the longer chain
   */
  int add(int to, boolean aimed, int chain) throws IOException {
    if (count == MOST) {
      throw new IllegalArgumentException(
          "more than %s references among shared lines".formatted(MOST));
    }
    file.writeLong((aimed ? AIMED : 0) | (long) to << 32 | chain);
    return ++count;
  }

  /** Maps what was written; nothing is added any more. */
  void finish() throws IOException {
    file.close();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      written = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()).asLongBuffer();
    }
  }

  /** Where the first link of a chain leads to. */
  int to(int chain) {
    return (int) ((written.get(chain - 1) & ~AIMED) >>> 32);
  }

  /** Whether that is about where the chain begins. */
  boolean aimed(int chain) {
    return written.get(chain - 1) < 0;
  }

  /** The chain without its first link. */
  int next(int chain) {
    return (int) written.get(chain - 1);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
