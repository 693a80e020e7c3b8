package org.payerexchange.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files and folders that only the process's own user may read: they hold PHI. Where the file system
 * knows no POSIX permissions, the folder's own access rules hold.
 */
public final class PrivateFiles {
  private PrivateFiles() {}

  /**
   * Creates a folder and those above it that are missing, each with 0700; those that exist stay as
   * they are.
   *
   * @throws IOException if it cannot be created
   */
  public static void createFolders(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, only(folder, "rwx------"));
    }
  }

  /**
   * Opens a file for writing, created with 0600, emptied if it exists.
   *
   * @throws IOException if it cannot be opened
   */
  public static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file, Set.of(CREATE, WRITE, TRUNCATE_EXISTING), only(file, "rw-------"));
  }

  /**
   * Opens a new file for writing, created with 0600.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is one, whoever has made it
   * @throws IOException if it cannot be created
   */
  public static FileChannel createNew(Path file) throws IOException {
    return FileChannel.open(file, Set.of(CREATE_NEW, WRITE), only(file, "rw-------"));
  }

  /**
   * Opens a file for writing from its start, created with 0600, not emptied if it exists.
   *
   * @throws IOException if it cannot be opened
   */
  public static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, Set.of(CREATE, WRITE), only(file, "rw-------"));
  }

  /**
   * Deletes a folder with all that is in it, as far as it is there; links are not followed.
   *
   * @throws IOException if something cannot be deleted
   */
  public static void deleteFolder(Path folder) throws IOException {
    if (Files.isDirectory(folder, NOFOLLOW_LINKS)) {
      Files.walkFileTree(folder, new Deletion());
    } else {
      Files.deleteIfExists(folder);
    }
  }

  /** Somebody else may be about it at the same time. */
  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException why) throws IOException {
      if (why instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw why;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path emptied, IOException why) throws IOException {
      if (why != null) {
        throw why;
      }
      Files.deleteIfExists(emptied);
      return FileVisitResult.CONTINUE;
    }
  }

  private static FileAttribute<?>[] only(Path path, String permissions) {
    boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    return posix
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
