package org.payerexchange.files;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Files of 0600 that appear whole or not at all, over those of the same name: each is written
 * beside its place under a temporary name, forced to the disk and renamed, then its folder is
 * forced; a new folder is forced into those above it. A temporary name that a killed process leaves
 * is its work's own: the same work, done again, writes over it, and a later lease deletes it.
 */
public final class AtomicFiles {
  private final Disk disk;
  private final boolean forced;

  /**
   * Writes to the disk.
   *
   * @param forced whether what is written outlives a power cut
   */
  public AtomicFiles(boolean forced) {
    this(forced ? AtomicFiles::force : path -> {}, forced);
  }

  AtomicFiles(Disk disk, boolean forced) {
    this.disk = disk;
    this.forced = forced;
  }

  /** Has the disk take a file or a folder. */
  @FunctionalInterface
  interface Disk {
    void force(Path path) throws IOException;
  }

  /** What is written to a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes it.
     *
     * @throws IOException if that is not possible
     */
    void writeTo(FileChannel file) throws IOException;

    /** These bytes. */
    static Content of(byte[] bytes) {
      return file -> {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
          file.write(rest);
        }
      };
    }
  }

  /**
   * Creates a folder and those above it that are missing, each with 0700; those that exist stay as
   * they are.
   *
   * @throws IOException if it cannot be created
   */
  public void createFolders(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Deque<Path> parents = new ArrayDeque<>();
    Path missing = folder.toAbsolutePath().normalize();
    while (!Files.isDirectory(missing) && missing.getParent() != null) {
      missing = missing.getParent();
      parents.push(missing);
    }
    PrivateFiles.createFolders(folder);
    for (Path parent : parents) {
      disk.force(parent);
    }
  }

  /** Where a file is written whose work nobody else does at the same time. */
  public static Path unfinished(Path file) {
    return file.resolveSibling(prefix(file) + "part");
  }

  /** Where a lease writes a file. */
  public static Path unfinished(Path file, long token) {
    return file.resolveSibling(prefix(file) + token + ".part");
  }

  /** What all names begin with under which a file of this name is written. */
  public static String prefix(String name) {
    return "." + name + ".";
  }

  private static String prefix(Path file) {
    return prefix(file.getFileName().toString());
  }

  /**
   * Writes a file whose work nobody else does at the same time.
   *
   * @throws IOException if it cannot be written
   */
  public void write(Path file, Content content) throws IOException {
    write(file, unfinished(file), content, () -> {});
  }

  /**
   * Writes a file under a lease, and deletes what leases before it left unfinished.
   *
   * @param before is done right before it takes its place, and may throw
   * @throws IOException if it cannot be written
   */
  public void write(Path file, long token, Content content, Runnable before) throws IOException {
    if (token > 1) {
      String prefix = prefix(file);
      deleteAll(file.getParent(), name -> name.startsWith(prefix));
    }
    write(file, unfinished(file, token), content, before);
  }

  private void write(Path file, Path unfinished, Content content, Runnable before)
      throws IOException {
    try {
      try (FileChannel to = PrivateFiles.create(unfinished)) {
        content.writeTo(to);
      }
      publish(unfinished, file, before);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** How bytes get into a large file, so that the disk has little to force at its end. */
  WritableByteChannel writer(FileChannel file) {
    return forced ? new SteadilyForced(file) : file;
  }

  /** Whether what is written outlives a power cut. */
  public boolean areForced() {
    return forced;
  }

  /**
   * Gives a file that is whole its place.
   *
   * @param before is done right before, and may throw
   * @throws IOException if it cannot be put there
   */
  public void publish(Path unfinished, Path file, Runnable before) throws IOException {
    publish(
        file.getParent(),
        Map.of(file.getFileName().toString(), unfinished),
        () -> {
          before.run();
          return true;
        });
  }

  /**
   * The same for files of one folder, which is forced once.
   *
   * @param unfinished by their names there
   * @param goesOn is asked right before, and may throw
   * @return whether it went on
   */
  boolean publish(Path folder, Map<String, Path> unfinished, BooleanSupplier goesOn)
      throws IOException {
    for (Path each : unfinished.values()) {
      disk.force(each);
    }
    if (!goesOn.getAsBoolean()) {
      return false;
    }
    for (Map.Entry<String, Path> each : unfinished.entrySet()) {
      move(each.getValue(), folder.resolve(each.getKey()));
    }
    disk.force(folder);
    return true;
  }

  /**
   * Renames a file, over one of the same name. A power cut may undo it.
   *
   * @throws IOException if it cannot be renamed
   */
  public static void move(Path from, Path to) throws IOException {
    Files.move(from, to, ATOMIC_MOVE, REPLACE_EXISTING);
  }

  /** Which files are meant. */
  interface Names {
    boolean include(String name);
  }

  static void deleteAll(Path folder, Names names) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, path -> names.include(path.getFileName().toString()))) {
      for (Path each : files) {
        Files.deleteIfExists(each);
      }
    }
  }

  private static void force(Path path) throws IOException {
    StandardOpenOption how =
        Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE;
    try (FileChannel channel = FileChannel.open(path, how)) {
      channel.force(true);
    }
  }
}
