package org.payerexchange.delivery;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.regex.Pattern;
import org.payerexchange.files.FileHash;
import org.payerexchange.files.PrivateFiles;

/**
 * The outbox directory, {@code <payer>/<transfer-id>/<name>}. A file appears there whole, by a
 * rename, or not at all; files are 0600, folders 0700.
 */
public final class Outbox {
  private static final Pattern OUTPUT_FILE = Pattern.compile("[A-Z][A-Za-z]*-[0-9]+\\.ndjson");

  private final Path directory;
  private final boolean forced;

  /**
   * Uses an outbox directory, which is created when it is first needed.
   *
   * @param directory {@code p2p.outbox.directory}; a relative one starts at the working directory
   * @param forced whether what is put there is forced to the disk at once
   */
  public Outbox(String directory, boolean forced) {
    this.directory = Path.of(directory).toAbsolutePath().normalize();
    this.forced = forced;
  }

  /** Where a file lies, or will. */
  public Path file(String payer, String transferId, String name) {
    return directory.resolve(payer).resolve(transferId).resolve(name);
  }

  /** Whether a file is there with this content. */
  boolean holds(Path file, long bytes, String sha256) throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == bytes
        && FileHash.sha256(file).equals(sha256);
  }

  /**
   * Puts a file there under the name of the lease, and gives it its own name when it is whole.
   * Costs no copy where both are on one file system that knows hard links.
   *
   * @param token the lease's token; what leases before it left unfinished is deleted
   * @throws IOException if it cannot be written
   */
  public void link(Path from, Path file, long token) throws IOException {
    PrivateFiles.createFolders(file.getParent());
    if (token > 1) {
      deleteUnfinished(file);
    }
    Path unfinished = unfinished(file, token);
    try {
      linkOrCopy(from, unfinished);
      publish(unfinished, file);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** Writes a small file, over one of the same name. */
  void write(Path file, byte[] content, long token) throws IOException {
    PrivateFiles.createFolders(file.getParent());
    if (token > 1) {
      deleteUnfinished(file);
    }
    Path unfinished = unfinished(file, token);
    try {
      try (FileChannel to = PrivateFiles.create(unfinished)) {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
          to.write(rest);
        }
      }
      publish(unfinished, file);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /**
   * Deletes output files of a transfer that are none of these: an earlier export had them.
   *
   * @throws IOException if they cannot be deleted
   */
  void keepOnly(String payer, String transferId, Set<String> names) throws IOException {
    Path folder = file(payer, transferId, "");
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> others =
        Files.newDirectoryStream(folder, path -> isOther(path.getFileName().toString(), names))) {
      for (Path each : others) {
        Files.deleteIfExists(each);
      }
    }
  }

  private static boolean isOther(String name, Set<String> names) {
    return OUTPUT_FILE.matcher(name).matches() && !names.contains(name);
  }

  /** Takes a file back that should not have come. */
  void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  private static void linkOrCopy(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (UnsupportedOperationException | FileSystemException noLinks) {
      try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
          FileChannel target = PrivateFiles.create(to)) {
        long size = source.size();
        long copied = 0;
        while (copied < size) {
          copied += source.transferTo(copied, size - copied, target);
        }
      }
    }
  }

  private void publish(Path unfinished, Path file) throws IOException {
    if (forced) {
      force(unfinished, StandardOpenOption.WRITE);
    }
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    if (forced) {
      force(file.getParent(), StandardOpenOption.READ);
    }
  }

  private static void force(Path path, StandardOpenOption how) throws IOException {
    try (FileChannel channel = FileChannel.open(path, how)) {
      channel.force(true);
    }
  }

  private static Path unfinished(Path file, long token) {
    return file.resolveSibling(prefix(file) + token + ".part");
  }

  private static String prefix(Path file) {
    return "." + file.getFileName() + ".";
  }

  private static void deleteUnfinished(Path file) throws IOException {
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(
            file.getParent(), path -> path.getFileName().toString().startsWith(prefix(file)))) {
      for (Path each : left) {
        Files.deleteIfExists(each);
      }
    }
  }
}
