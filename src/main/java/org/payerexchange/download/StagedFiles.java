package org.payerexchange.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.payerexchange.files.FileHash;
import org.payerexchange.files.PrivateFiles;

/**
 * The work directory: {@code <transfer-id>/<ResourceType>-<n>.ndjson} for files that are whole and
 * checked, and one hidden {@code .<ResourceType>-<n>.ndjson.<lease token>.part} for the one that a
 * lease is writing. Files are 0600, folders 0700.
 */
public final class StagedFiles {
  private static final Pattern TRANSFER =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final Path directory;
  private final boolean forced;
  private final Map<Path, Stamp> checked = Collections.synchronizedMap(new Recent());

  /**
   * Uses a work directory, which is created when it is first needed.
   *
   * @param directory {@code p2p.work.directory}; a relative one starts at the working directory
   * @param forced whether delivered files are to be forced to the disk; most of it is done while
   *     they come
   */
  public StagedFiles(String directory, boolean forced) {
    this.directory = Path.of(directory).toAbsolutePath().normalize();
    this.forced = forced;
  }

  /** What a file looked like when its content was last known; any change to it changes this. */
  private record Stamp(Object inode, long size, FileTime modified, FileTime changed) {
    static Stamp of(Path file) throws IOException {
      boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
      Map<String, Object> now =
          Files.readAttributes(
              file,
              unix ? "unix:ino,size,lastModifiedTime,ctime" : "fileKey,size,lastModifiedTime");
      return new Stamp(
          unix ? now.get("ino") : now.get("fileKey"),
          (Long) now.get("size"),
          (FileTime) now.get("lastModifiedTime"),
          (FileTime) now.get("ctime"));
    }
  }

  /** Keeps what was noted last; for any other file its content is read. */
  private static final class Recent extends LinkedHashMap<Path, Stamp> {
    private static final long serialVersionUID = 1L;
    private static final int MOST = 10_000;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Path, Stamp> eldest) {
      return size() > MOST;
    }
  }

  /** Where a whole file lies, or will. */
  public Path file(String transferId, String name) {
    return directory.resolve(transferId).resolve(name);
  }

  /**
   * Opens what the last attempt left of a file, under the name of the lease that goes on with it;
   * the rest of what attempts have left is deleted.
   *
   * @param token the lease's token; the first one ever finds nothing
   * @throws IOException if the folder cannot be used
   */
  PartialFile partial(String transferId, String name, long token) throws IOException {
    Path folder = directory.resolve(transferId);
    PrivateFiles.createFolders(folder);
    PartialFile mine = PartialFile.of(folder, name, token);
    if (token > 1) {
      for (PartialFile left : leftBefore(folder, name, token)) {
        if (left.isParked() && !mine.exists()) {
          left.moveTo(mine);
        } else {
          left.delete();
        }
      }
    }
    return mine;
  }

  private static List<PartialFile> leftBefore(Path folder, String name, long token)
      throws IOException {
    List<PartialFile> left = new ArrayList<>();
    String prefix = PartialFile.prefix(name);
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            folder, entry -> entry.getFileName().toString().startsWith(prefix))) {
      for (Path entry : entries) {
        PartialFile.parse(entry, name).filter(part -> part.token() < token).ifPresent(left::add);
      }
    }
    left.sort((one, other) -> Long.compare(other.token(), one.token()));
    return left;
  }

  /** How the bytes get into a part file. */
  WritableByteChannel writer(FileChannel file) {
    return forced ? new SteadilyForced(file) : file;
  }

  /** Gives a file that is whole and checked its name. */
  void publish(PartialFile part, String transferId, String name) throws IOException {
    Path file = file(transferId, name);
    Files.move(
        part.path(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    remember(file);
  }

  /**
   * Whether a file is there with the content that was recorded. A file that this process has
   * checked is only looked at; any other is read.
   *
   * @param bytes its recorded size
   * @param sha256 its recorded SHA-256 in lower-case hexadecimal digits
   * @throws IOException if it is there and cannot be read
   */
  public boolean holds(String transferId, String name, long bytes, String sha256)
      throws IOException {
    Path file = file(transferId, name);
    try {
      Stamp now = Stamp.of(file);
      if (now.size() != bytes) {
        return false;
      }
      if (!now.equals(checked.get(file))) {
        if (!FileHash.sha256(file).equals(sha256)) {
          return false;
        }
        checked.put(file, now);
      }
      return true;
    } catch (NoSuchFileException gone) {
      checked.remove(file);
      return false;
    }
  }

  /**
   * Notes that this process itself changed a file's metadata, by a link to it, and not its content.
   * One that is gone meanwhile is forgotten.
   *
   * @throws IOException if it cannot be looked at
   */
  public void remember(Path file) throws IOException {
    try {
      checked.put(file, Stamp.of(file));
    } catch (NoSuchFileException gone) {
      checked.remove(file);
    }
  }

  /**
   * Opens a whole file.
   *
   * @throws IOException if it cannot be read
   */
  public InputStream open(String transferId, String name) throws IOException {
    return Files.newInputStream(file(transferId, name));
  }

  /**
   * Deletes a file that is delivered everywhere.
   *
   * @throws IOException if it is there and cannot be deleted
   */
  public void delete(String transferId, String name) throws IOException {
    Path file = file(transferId, name);
    checked.remove(file);
    Files.deleteIfExists(file);
  }

  /**
   * The transfers that something is left of.
   *
   * @throws IOException if the work directory cannot be listed
   */
  List<String> transfers() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(directory)) {
      return folders
          .filter(Files::isDirectory)
          .map(folder -> folder.getFileName().toString())
          .filter(name -> TRANSFER.matcher(name).matches())
          .toList();
    }
  }

  /**
   * Deletes all that is left of a transfer that is over.
   *
   * @throws IOException if something cannot be deleted
   */
  public void deleteAll(String transferId) throws IOException {
    Path folder = directory.resolve(transferId);
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        checked.remove(entry);
        Files.deleteIfExists(entry);
      }
    }
    Files.deleteIfExists(folder);
  }
}
