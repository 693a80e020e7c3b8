package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.download.PrivateFiles;

/**
 * The ids of one NDJSON file as a hash table in a file of its own, mapped into memory: it takes
 * nothing of the heap, however large the file is. Each id counts 64 bits of hash, so that one in
 * some 10<sup>13</sup> looks like another.
 */
final class KnownIds {
  private static final int SMALLEST = 16;
  private static final int LARGEST = 1 << 27;

  private final LongBuffer slots;

  private KnownIds(LongBuffer slots) {
    this.slots = slots;
  }

  /**
   * Opens a table.
   *
   * @throws IOException if it cannot be read
   */
  static KnownIds open(Path table) throws IOException {
    try (FileChannel channel = FileChannel.open(table, StandardOpenOption.READ)) {
      return new KnownIds(
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()).asLongBuffer());
    }
  }

  /**
   * Writes the table of a file; it appears whole or not at all.
   *
   * @param resources how many the file holds
   * @throws IOException if the file cannot be read or the table not written
   */
  static void write(Path table, InputStream file, long resources) throws IOException {
    Path unfinished = table.resolveSibling(table.getFileName() + ".part");
    PrivateFiles.create(unfinished).close();
    try (FileChannel channel =
            FileChannel.open(unfinished, StandardOpenOption.READ, StandardOpenOption.WRITE);
        NdjsonLines lines = new NdjsonLines(file)) {
      KnownIds ids =
          new KnownIds(
              channel
                  .map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES * (long) slots(resources))
                  .asLongBuffer());
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        id(line).ifPresent(ids::add);
      }
    }
    Files.move(unfinished, table, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Whether the file holds a resource of this id. */
  boolean holds(String id) {
    long hash = hash(id);
    int at = first(hash);
    for (long slot = slots.get(at); slot != 0; slot = slots.get(at)) {
      if (slot == hash) {
        return true;
      }
      at = next(at);
    }
    return false;
  }

  private void add(String id) {
    long hash = hash(id);
    int at = first(hash);
    while (slots.get(at) != 0 && slots.get(at) != hash) {
      at = next(at);
    }
    slots.put(at, hash);
  }

  /** A power of two, at least half of it left empty. */
  private static int slots(long resources) {
    long wanted = Math.max(SMALLEST, resources * 2);
    if (wanted > LARGEST) {
      throw new IllegalArgumentException("more than %d resources in a file".formatted(LARGEST / 2));
    }
    return Integer.highestOneBit((int) wanted - 1) << 1;
  }

  private int first(long hash) {
    return (int) (hash >>> 32) & (slots.capacity() - 1);
  }

  private int next(int at) {
    return (at + 1) & (slots.capacity() - 1);
  }

  /** FNV-1a with a last stir; never 0, which is an empty slot. */
  private static long hash(String id) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < id.length(); i++) {
      hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash ^= hash >>> 29;
    return hash == 0 ? 1 : hash;
  }

  /** A line that cannot be read has none; it is told of when it is sent. */
  private static Optional<String> id(byte[] line) {
    try (JsonParser parser = FhirJson.mapper().createParser(line)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean id = parser.currentName().equals("id");
        if (parser.nextToken() == JsonToken.VALUE_STRING && id) {
          return Optional.of(parser.getText());
        }
        parser.skipChildren();
      }
    } catch (IOException unreadable) {
      return Optional.empty();
    }
    return Optional.empty();
  }
}
