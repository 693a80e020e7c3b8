package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.payerexchange.download.PrivateFiles;

/**
 * A hash table of texts in a file of its own, mapped into memory: it takes nothing of the heap,
 * however large it is. Each text counts 64 bits of hash, so that one in some 10<sup>13</sup> looks
 * like another; beside it stand as many numbers as the table is wide.
 */
final class HashTable {
  private static final int SMALLEST = 16;
  private static final int LARGEST = 1 << 27;

  private final LongBuffer slots;
  private final int width;
  private final int mask;

  private HashTable(LongBuffer slots, int numbers) {
    this.slots = slots;
    this.width = numbers + 1;
    this.mask = slots.capacity() / width - 1;
  }

  /**
   * Makes an empty one.
   *
   * @param texts how many it is to hold at most
   * @param numbers how many there are beside each
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if it would be too large
   */
  static HashTable create(Path file, long texts, int numbers) throws IOException {
    long wanted = Math.max(SMALLEST, texts * 2);
    int most = LARGEST / (numbers + 1);
    if (wanted > most) {
      throw new IllegalArgumentException("more than %d resources in a table".formatted(most / 2));
    }
    long size = (long) Integer.highestOneBit((int) wanted - 1) << 1;
    PrivateFiles.create(file).close();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new HashTable(
          channel
              .map(FileChannel.MapMode.READ_WRITE, 0, size * (numbers + 1) * Long.BYTES)
              .asLongBuffer(),
          numbers);
    }
  }

  /**
   * Opens one.
   *
   * @throws IOException if it cannot be read
   */
  static HashTable open(Path file, int numbers) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new HashTable(
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()).asLongBuffer(), numbers);
    }
  }

  /** Where a text is; negative where it is not there. */
  int find(String text) {
    long hash = hash(text);
    int at = place(hash);
    return slots.get(at * width) == 0 ? -1 : at;
  }

  /** Adds a text that is not there; answers where it is. */
  int add(String text) {
    long hash = hash(text);
    int at = place(hash);
    slots.put(at * width, hash);
    return at;
  }

  long number(int at, int which) {
    return slots.get(at * width + 1 + which);
  }

  void number(int at, int which, long value) {
    slots.put(at * width + 1 + which, value);
  }

  /** Where a hash is, or the empty place where it belongs; at least half of them are empty. */
  private int place(long hash) {
    int at = (int) (hash >>> 32) & mask;
    while (slots.get(at * width) != 0 && slots.get(at * width) != hash) {
      at = (at + 1) & mask;
    }
    return at;
  }

  /** FNV-1a with a last stir; never 0, which is an empty place. */
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash ^= hash >>> 29;
    return hash == 0 ? 1 : hash;
  }
}
