package org.payerexchange.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.payerexchange.step.KeptLease;

/**
 * The outbox directory, {@code <payer>/<transfer-id>/<name>}. A file appears there whole, by a
 * rename, or not at all: it is received under {@code .incoming/<transfer-id>/}. Until {@code
 * manifest.json} stands, a transfer's folder is nobody's but ours. Files are 0600, folders 0700.
 */
public final class Outbox {
  /** The name of the file that is written last. */
  public static final String MANIFEST = "manifest.json";

  /** The name of the file with what the FHIR server will not have. */
  public static final String UNDELIVERABLE = "undeliverable.ndjson";

  private static final String INCOMING = ".incoming";
  private static final Pattern OUTPUT_FILE = Pattern.compile("[A-Z][A-Za-z]*-[0-9]+\\.ndjson");

  private final Path directory;
  private final TransferFolders incoming;
  private final AtomicFiles files;

  /**
   * Uses an outbox directory, which is created when it is first needed.
   *
   * @param directory {@code p2p.outbox.directory}; a relative one starts at the working directory
   * @param files writes what is put there
   */
  public Outbox(String directory, AtomicFiles files) {
    this.directory = Path.of(directory).toAbsolutePath().normalize();
    // what is lost on its way comes again
    this.incoming = new TransferFolders(this.directory.resolve(INCOMING), new AtomicFiles(false));
    this.files = files;
  }

  /** Where a file lies, or will. */
  public Path file(String payer, String transferId, String name) {
    return directory.resolve(payer).resolve(transferId).resolve(name);
  }

  /** Where files are received. */
  public TransferFolders incoming() {
    return incoming;
  }

  /**
   * The folder where a transfer's files are received. Where they could not take their places in the
   * end, nothing of them need come.
   *
   * @throws IOException if one of the folders cannot be used
   */
  public Path receive(String payer, String transferId) throws IOException {
    files.createFolders(file(payer, transferId, ""));
    return incoming.create(transferId);
  }

  /** How the bytes get into a part file. */
  public WritableByteChannel writer(FileChannel part) {
    return files.writer(part);
  }

  /**
   * Gives a file that is whole and checked its place, over one that was there.
   *
   * @param lease is renewed right before
   * @return its stamp there
   * @throws IOException if it cannot be put there
   */
  public String publish(Path part, Path file, KeptLease lease) throws IOException {
    files.createFolders(file.getParent());
    files.publish(part, file, lease::confirm);
    return FileStamp.of(file);
  }

  /**
   * Whether a file is there with the content that was recorded. One that nobody has changed is only
   * looked at; any other is read.
   *
   * @param bytes its recorded size
   * @param sha256 its recorded SHA-256 in lower-case hexadecimal digits
   * @param stamp its recorded stamp, or null
   * @throws IOException if it is there and cannot be read
   */
  public boolean holds(Path file, long bytes, String sha256, String stamp) throws IOException {
    try {
      return Files.isRegularFile(file)
          && Files.size(file) == bytes
          && (FileStamp.of(file).equals(stamp) || FileHash.sha256(file).equals(sha256));
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  /**
   * Writes a small file, over one of the same name.
   *
   * @param token the lease's token; what leases before it left unfinished is deleted
   * @throws IOException if it cannot be written
   */
  public void write(Path file, byte[] content, long token) throws IOException {
    put(file, token, AtomicFiles.Content.of(content));
  }

  /**
   * Copies a file there, over one of the same name.
   *
   * @param token the lease's token; what leases before it left unfinished is deleted
   * @throws IOException if it cannot be written
   */
  public void copy(Path from, Path file, long token) throws IOException {
    put(
        file,
        token,
        to -> {
          try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ)) {
            long size = source.size();
            for (long copied = 0; copied < size; ) {
              copied += source.transferTo(copied, size - copied, to);
            }
          }
        });
  }

  private void put(Path file, long token, AtomicFiles.Content content) throws IOException {
    files.createFolders(file.getParent());
    files.write(file, token, content);
  }

  /**
   * Deletes output files of a transfer that are none of these: an earlier export had them, or they
   * came too late.
   *
   * @throws IOException if they cannot be deleted
   */
  public void keepOnly(String payer, String transferId, Set<String> names) throws IOException {
    AtomicFiles.deleteAll(
        file(payer, transferId, ""),
        name -> OUTPUT_FILE.matcher(name).matches() && !names.contains(name));
  }

  /**
   * Hands over the transfers whose manifest is older, one after the other, each with its payer.
   *
   * @throws IOException if the outbox cannot be listed
   */
  void eachWithManifestBefore(Instant time, BiConsumer<String, String> each) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> payers =
        Files.newDirectoryStream(directory, path -> isPayer(path))) {
      for (Path payer : payers) {
        try (DirectoryStream<Path> transfers =
            Files.newDirectoryStream(payer, folder -> hasManifestBefore(time, folder))) {
          transfers.forEach(
              folder ->
                  each.accept(payer.getFileName().toString(), folder.getFileName().toString()));
        }
      }
    }
  }

  private static boolean isPayer(Path path) {
    return !path.getFileName().toString().startsWith(".") && Files.isDirectory(path);
  }

  private static boolean hasManifestBefore(Instant time, Path folder) throws IOException {
    try {
      return TransferFolders.isTransfer(folder.getFileName().toString())
          && Files.getLastModifiedTime(folder.resolve(MANIFEST)).toInstant().isBefore(time);
    } catch (NoSuchFileException none) {
      return false;
    }
  }

  /**
   * Deletes a transfer's data, but not its manifest.
   *
   * @throws IOException if it cannot be deleted
   */
  void deleteData(String payer, String transferId) throws IOException {
    AtomicFiles.deleteAll(
        file(payer, transferId, ""),
        name -> OUTPUT_FILE.matcher(name).matches() || name.equals(UNDELIVERABLE));
  }
}
