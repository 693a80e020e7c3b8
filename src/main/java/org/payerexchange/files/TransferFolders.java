package org.payerexchange.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A directory with a folder for each transfer that something is kept of there, each 0700. */
public final class TransferFolders {
  private static final Pattern TRANSFER =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final Path directory;
  private final AtomicFiles files;

  /**
   * Uses a directory, which is created when it is first needed.
   *
   * @param directory a relative one starts at the working directory
   * @param files makes the folders
   */
  public TransferFolders(String directory, AtomicFiles files) {
    this(Path.of(directory).toAbsolutePath().normalize(), files);
  }

  TransferFolders(Path directory, AtomicFiles files) {
    this.directory = directory;
    this.files = files;
  }

  /**
   * A transfer's folder, which is created if it is not there.
   *
   * @throws IOException if it cannot be created
   */
  public Path create(String transferId) throws IOException {
    Path folder = folder(transferId);
    files.createFolders(folder);
    return folder;
  }

  /** Where a transfer's folder is, or would be. */
  public Path folder(String transferId) {
    return directory.resolve(transferId);
  }

  /** Where a file of a transfer lies, or would. */
  public Path file(String transferId, String name) {
    return folder(transferId).resolve(name);
  }

  /**
   * The transfers that something is left of.
   *
   * @throws IOException if the directory cannot be listed
   */
  List<String> transfers() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(directory)) {
      return folders
          .filter(Files::isDirectory)
          .map(folder -> folder.getFileName().toString())
          .filter(TransferFolders::isTransfer)
          .toList();
    }
  }

  static boolean isTransfer(String name) {
    return TRANSFER.matcher(name).matches();
  }

  /**
   * Deletes all that is left of a transfer that is over.
   *
   * @throws IOException if something cannot be deleted
   */
  public void deleteAll(String transferId) throws IOException {
    PrivateFiles.deleteFolder(folder(transferId));
  }
}
