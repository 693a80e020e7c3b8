package org.payerexchange.ledger.store;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.store.fs.FilePath;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings an H2 file's schema up to date all at once. H2 commits at each statement that changes a
 * schema, so that a step which is cut off could neither go on nor begin again. So a copy beside the
 * file is brought up to date, forced, and renamed over it. A new ledger is made likewise.
 *
 * <p>The file is locked meanwhile, as H2 locks it. Whoever has opened it before it was renamed over
 * finds its steps pending still, and comes back to the file that is there.
 */
final class FileUpgrade {
  private static final String SUFFIX = ".mv.db";
  private static final String COPY = ".upgrade";

  /** What a copy grows by at most, beside once the file. */
  private static final long GROWTH = 32L * 1024 * 1024;

  private static final long MEGABYTE = 1024 * 1024;

  private static final Pattern URL =
      Pattern.compile("jdbc:h2:(?:file:)?(?!mem:|tcp:|ssl:)([^;]+)(.*)", Pattern.CASE_INSENSITIVE);

  private static final Logger LOG = LoggerFactory.getLogger(FileUpgrade.class);

  private final LedgerConnector connector;
  private final Path file;
  private final String settings;
  private final Space space;

  FileUpgrade(LedgerConnector connector, Path file, String settings, Space space) {
    this.connector = connector;
    this.file = file;
    this.settings = settings;
    this.space = space;
  }

  /** How many bytes are free in a folder. */
  interface Space {
    long free(Path folder) throws IOException;
  }

  /** That of a ledger in a plain file; there is none for others. */
  static Optional<FileUpgrade> of(LedgerConnector connector) {
    return of(connector, folder -> Files.getFileStore(folder).getUsableSpace());
  }

  static Optional<FileUpgrade> of(LedgerConnector connector, Space space) {
    Matcher parts = URL.matcher(connector.url());
    if (!parts.matches()) {
      return Optional.empty();
    }
    FilePath path = FilePath.get(parts.group(1) + SUFFIX);
    return path.getScheme().equals("file")
        ? Optional.of(
            new FileUpgrade(connector, real(Path.of(path.toString())), parts.group(2), space))
        : Optional.empty();
  }

  /** A link is to lead to the new file, too. */
  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException notThere) {
      return file.toAbsolutePath().normalize();
    }
  }

  /** Whether there is nothing in the file yet, and it may be made. */
  boolean isOfNothing() {
    try {
      return Files.exists(file)
          ? Files.size(file) == 0
          : !settings.toUpperCase(Locale.ROOT).contains(";IFEXISTS=TRUE");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Brings it up to date; does nothing where somebody else has the file, or has done it meanwhile.
   *
   * @throws RuntimeException if that is not possible; the file is as it was
   */
  void make() {
    try {
      Files.createDirectories(file.getParent());
      createIfMissing();
      Object before = key();
      try (FileChannel old = FileChannel.open(file, READ, WRITE);
          FileLock lock = lock(old)) {
        if (lock != null && Objects.equals(key(), before)) {
          replace(old);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "p2p.database.url: %s cannot be used (%s: %s); the ledger is as it was"
              .formatted(file, e.getClass().getSimpleName(), e.getMessage()));
    }
  }

  /** Deletes what a try that was cut off has left; the file must be open in this process. */
  void clear() {
    try {
      Files.deleteIfExists(copy());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void replace(FileChannel old) throws IOException {
    requireRoom(old.size());
    if (old.size() > 0) {
      LOG.info("The ledger's schema is brought up to date, in a copy beside {}", file);
    }
    Path copy = copy();
    try {
      Files.deleteIfExists(copy);
      copy(old, copy);
      String name = copy.toString();
      try (LedgerPool pool =
          connector.connectToMigrate(
              "jdbc:h2:file:" + name.substring(0, name.length() - SUFFIX.length()) + settings)) {
        LedgerMigrations.flyway(pool, true).load().migrate();
      }
      giveToTheSameOwner(copy);
      force(copy, WRITE);
      Files.move(copy, file, ATOMIC_MOVE);
      force(file.getParent(), READ);
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private void requireRoom(long size) throws IOException {
    Path folder = file.getParent();
    long needed = 2 * size + GROWTH;
    long free = space.free(folder);
    if (free < needed) {
      throw new IllegalStateException(
          "p2p.database.url: %s has %s MB left, and bringing the ledger up to date takes %s MB; make room; the ledger is as it was"
              .formatted(folder, free / MEGABYTE, needed / MEGABYTE));
    }
  }

  private Path copy() {
    String name = file.getFileName().toString();
    String base = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    return file.resolveSibling(base + COPY + SUFFIX);
  }

  private static void copy(FileChannel from, Path to) throws IOException {
    try (FileChannel copy = FileChannel.open(to, Set.of(CREATE_NEW, WRITE), onlyItsOwner(to))) {
      long size = from.size();
      for (long done = 0; done < size; ) {
        done += from.transferTo(done, size - done, copy);
      }
    }
  }

  private void createIfMissing() throws IOException {
    if (!Files.exists(file)) {
      try {
        Files.createFile(file, onlyItsOwner(file));
      } catch (FileAlreadyExistsException another) {
        LOG.debug("another process makes this ledger as well");
      }
    }
  }

  /** A command that another user gives leaves the file with whom it belonged to. */
  private void giveToTheSameOwner(Path copy) throws IOException {
    PosixFileAttributeView to = Files.getFileAttributeView(copy, PosixFileAttributeView.class);
    if (to != null) {
      PosixFileAttributes was = Files.readAttributes(file, PosixFileAttributes.class);
      PosixFileAttributes is = to.readAttributes();
      if (!is.owner().equals(was.owner())) {
        to.setOwner(was.owner());
      }
      if (!is.group().equals(was.group())) {
        to.setGroup(was.group());
      }
    }
  }

  private static FileAttribute<?>[] onlyItsOwner(Path path) {
    boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private Object key() throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  /** As H2 locks it; null if somebody else has it. */
  private static FileLock lock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException inThisProcess) {
      return null;
    }
  }

  private static void force(Path path, StandardOpenOption how) throws IOException {
    try (FileChannel channel = FileChannel.open(path, how)) {
      channel.force(true);
    }
  }
}
