package org.payerexchange.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.SecureRandom;

/**
 * A hash table of texts in a file of its own, mapped into memory: it takes nothing of the heap,
 * however large it is. Each text counts 64 bits of hash, so that one in some 10<sup>13</sup> looks
 * like another; beside it stand as many numbers as the table is wide.
 *
 * <p>The texts are chosen by others: the hash has a key, drawn for each table and written at its
 * beginning, so that nobody can choose texts that look like one another or crowd one place.
 */
public final class HashTable {
  private static final int SMALLEST = 16;
  private static final int KEY = 2;
  private static final int LARGEST = 1 << 27;

  private final MappedByteBuffer file;
  private final LongBuffer slots;
  private final byte[] key = new byte[KEY * Long.BYTES];
  private final int width;
  private final int mask;

  private HashTable(MappedByteBuffer file, int numbers) {
    this.file = file;
    LongBuffer all = file.asLongBuffer();
    ByteBuffer.wrap(key).putLong(all.get(0)).putLong(all.get(1));
    this.slots = all.slice(KEY, all.capacity() - KEY);
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
  public static HashTable create(Path file, long texts, int numbers) throws IOException {
    long wanted = Math.max(SMALLEST, texts * 2);
    int most = LARGEST / (numbers + 1);
    if (wanted > most) {
      throw new IllegalArgumentException("more than %s resources in a table".formatted(most / 2));
    }
    long size = (long) Integer.highestOneBit((int) wanted - 1) << 1;
    PrivateFiles.create(file).close();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer table =
          channel.map(FileChannel.MapMode.READ_WRITE, 0, (KEY + size * (numbers + 1)) * Long.BYTES);
      SecureRandom random = new SecureRandom();
      table.putLong(0, random.nextLong()).putLong(Long.BYTES, random.nextLong());
      return new HashTable(table, numbers);
    }
  }

  /**
   * Opens one.
   *
   * @throws IOException if it cannot be read
   */
  public static HashTable open(Path file, int numbers) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new HashTable(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()), numbers);
    }
  }

  /** Has the file hold what was put into memory. */
  public void flush() {
    file.force();
  }

  /** Where a text is; negative where it is not there. */
  public int find(String text) {
    long hash = hash(text);
    int at = place(hash);
    return slots.get(at * width) == 0 ? -1 : at;
  }

  /** Adds a text that is not there; answers where it is. */
  public int add(String text) {
    long hash = hash(text);
    int at = place(hash);
    slots.put(at * width, hash);
    return at;
  }

  /** How many places there are, taken or not. */
  public int places() {
    return mask + 1;
  }

  /** Whether there is a text at a place. */
  public boolean isTaken(int at) {
    return slots.get(at * width) != 0;
  }

  /** One of the numbers beside the text at a place, which are 0 at first. */
  public long number(int at, int which) {
    return slots.get(at * width + 1 + which);
  }

  /** Changes one of the numbers beside the text at a place. */
  public void number(int at, int which, long value) {
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

  /** Never 0, which is an empty place. */
  private long hash(String text) {
    MessageDigest digest = FileHash.digest();
    digest.update(key);
    long hash = ByteBuffer.wrap(digest.digest(text.getBytes(UTF_8))).getLong();
    return hash == 0 ? 1 : hash;
  }
}
