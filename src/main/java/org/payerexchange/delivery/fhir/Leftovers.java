package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.files.PrivateFiles;

/**
 * A file of the work directory that keeps {@link Leftover}s, forced to the disk with each addition:
 * the position of the delivery is recorded behind it.
 *
 * @param file where they lie; need not exist
 */
record Leftovers(Path file) {

  /** Whether there ever were some. */
  boolean exist() {
    return Files.exists(file);
  }

  /** Forgets all. */
  void clear() throws IOException {
    Files.deleteIfExists(file);
  }

  /** Adds some. */
  void add(List<Leftover> more) throws IOException {
    if (more.isEmpty()) {
      return;
    }
    if (!Files.exists(file)) {
      PrivateFiles.create(file).close();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
      for (Leftover leftover : more) {
        write(channel, leftover);
      }
      channel.force(true);
    }
  }

  /** Drops those that come behind a line: the delivery goes on there once more. */
  void keepUpTo(long line) throws IOException {
    keep(leftover -> leftover.entry().line() <= line);
  }

  /** Drops those that are not like this. */
  void keep(Predicate<Leftover> like) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    Path kept = file.resolveSibling(file.getFileName() + ".part");
    try (FileChannel channel = PrivateFiles.create(kept)) {
      read(
          leftover -> {
            if (like.test(leftover)) {
              write(channel, leftover);
            }
          });
      channel.force(true);
    }
    Files.move(kept, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Hands each to someone; only one is in memory at a time. */
  void read(Consumer<Leftover> reader) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(file))) {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        reader.accept(Leftover.of(FhirJson.read(line)));
      }
    }
  }

  private static void write(FileChannel channel, Leftover leftover) {
    byte[] json = (FhirJson.write(leftover.toJson()) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      ByteBuffer rest = ByteBuffer.wrap(json);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    } catch (IOException full) {
      throw new UncheckedIOException(full);
    }
  }
}
