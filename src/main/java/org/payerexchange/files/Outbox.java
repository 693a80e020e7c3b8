package org.payerexchange.files;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;

/**
 * The outbox directory, {@code <payer>/<transfer-id>/<name>}. A file appears there whole, by a
 * rename, or not at all: it is received under {@code .incoming/<transfer-id>/}. Until {@code
 * manifest.json} stands, a transfer's folder is nobody's but ours. What belongs to several members
 * stays in {@code .shared/<batch-id>/}, and leaves it again. Files are 0600, folders 0700.
 */
public final class Outbox {
  /** The name of the file that is written last. */
  public static final String MANIFEST = "manifest.json";

  /** The name of the file with what the FHIR server will not have. */
  public static final String UNDELIVERABLE = "undeliverable.ndjson";

  private static final String INCOMING = ".incoming";
  private static final String SHARED = ".shared";
  private static final Pattern OUTPUT_FILE =
      Pattern.compile("[A-Z][A-Za-z]*-[0-9]+\\.ndjson|attachment-[0-9]+");

  private final Path directory;
  private final TransferFolders incoming;
  private final TransferFolders shared;
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
    this.shared = new TransferFolders(this.directory.resolve(SHARED), files);
    this.files = files;
  }

  /** Where a file lies, or will. */
  public Path file(String payer, String transferId, String name) {
    return directory.resolve(payer).resolve(transferId).resolve(name);
  }

  /** Where a claimed file lies, or will. */
  public Path file(OutputFileClaim claim) {
    return claim.shared()
        ? shared.file(claim.transferId(), claim.name())
        : file(claim.payer(), claim.transferId(), claim.name());
  }

  /** Where the files are that belong to several members of a batch. */
  public TransferFolders shared() {
    return shared;
  }

  /** Where files are received. */
  public TransferFolders incoming() {
    return incoming;
  }

  /**
   * The folder where a transfer's file is received. Where it could not take its place in the end,
   * nothing of it need come.
   *
   * @param place its place in the end
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} with what is in its way
   * @throws IOException if one of the folders cannot be used
   */
  public Path receive(String transferId, Path place) throws IOException {
    create(place.getParent());
    if (Files.isDirectory(place, NOFOLLOW_LINKS)) {
      throw unavailable(
          "a folder lies in the outbox where %s belongs".formatted(place.getFileName()));
    }
    Path onTheirWay = directory.resolve(INCOMING);
    files.createFolders(onTheirWay);
    if (!FileStamp.disk(onTheirWay).equals(FileStamp.disk(place.getParent()))) {
      throw unavailable(
          "%s and the folder %s of the outbox are on two file systems"
              .formatted(INCOMING, place.getParent().getParent().getFileName()));
    }
    Path received = incoming.create(transferId);
    if (!Files.isWritable(received) || !Files.isWritable(place.getParent())) {
      throw unavailable("the outbox directory cannot be written");
    }
    return received;
  }

  /** A link could lead to another transfer's files. */
  private void create(Path folder) throws IOException {
    files.createFolders(folder);
    if (Files.isSymbolicLink(folder)) {
      throw unavailable("the transfer's folder in the outbox is a link");
    }
  }

  private static TransferException unavailable(String why) {
    return new TransferException(FailureReason.SINK_UNAVAILABLE, why);
  }

  /**
   * What a step fails with that cannot read or write there, or in the work directory beside it. It
   * says in which payer's or transfer's folder, and what kind of failure it is; names further down
   * may be anybody's.
   */
  public TransferException unusable(IOException cause) {
    String kind = cause.getClass().getSimpleName();
    String what = "the outbox directory cannot be used: ";
    if (cause instanceof FileSystemException failed) {
      // the system's own words, such as those of a full disk, hold no name
      kind += failed.getReason() == null ? "" : " (" + failed.getReason() + ")";
      what = failed.getFile() == null ? what : place(Path.of(failed.getFile()).toAbsolutePath());
    }
    return new TransferException(FailureReason.SINK_UNAVAILABLE, what + kind, cause);
  }

  private String place(Path path) {
    if (!path.startsWith(directory)) {
      return "the work directory cannot be used: ";
    }
    int above = directory.getNameCount();
    int deep = Math.min(path.getNameCount(), above + 2);
    return "the outbox directory cannot be used: "
        + (deep == above ? "" : path.subpath(above, deep) + ", ");
  }

  /** How the bytes get into a part file. */
  public WritableByteChannel writer(FileChannel part) {
    return files.writer(part);
  }

  /**
   * Gives a file that is whole and checked its place, over one that was there. Without its row it
   * is not to be trusted, and is taken away.
   *
   * @param lease is renewed right before, unless it is new
   * @return its stamp there
   * @throws IOException if it cannot be put there
   */
  public String publish(Path part, Path file, KeptLease lease) throws IOException {
    create(file.getParent());
    files.publish(part, file, lease::confirmUnlessNew);
    return FileStamp.of(file);
  }

  /**
   * Gives files that are whole and checked their places in one folder, over those that were there.
   *
   * @param folder a transfer's
   * @param parts by their names there
   * @param goesOn is asked right before, and may throw
   * @return whether it went on
   * @throws IOException if they cannot be put there; some of them may be
   */
  public boolean publish(Path folder, Map<String, Path> parts, BooleanSupplier goesOn)
      throws IOException {
    create(folder);
    return files.publish(folder, parts, goesOn);
  }

  /**
   * Whether a file is there, and no link to one, with the content that was recorded. One that
   * nobody has changed is only looked at; any other is read.
   *
   * @param bytes its recorded size
   * @param sha256 its recorded SHA-256 in lower-case hexadecimal digits
   * @param stamp its recorded stamp, or null
   * @throws IOException if it is there and cannot be read
   */
  public boolean holds(Path file, long bytes, String sha256, String stamp) throws IOException {
    try {
      return !Files.isSymbolicLink(file.getParent())
          && Files.isRegularFile(file, NOFOLLOW_LINKS)
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
   * @param lease is renewed right before it takes its place
   * @throws IOException if it cannot be written
   */
  public void write(Path file, byte[] content, long token, KeptLease lease) throws IOException {
    put(file, token, AtomicFiles.Content.of(content), lease::confirm);
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
        },
        () -> {});
  }

  private void put(Path file, long token, AtomicFiles.Content content, Runnable before)
      throws IOException {
    create(file.getParent());
    files.write(file, token, content, before);
  }

  /**
   * Deletes output files of a transfer that are none of these: an earlier export had them, or they
   * came too late.
   *
   * @param lease is renewed right before each
   * @throws IOException if they cannot be deleted
   */
  public void keepOnly(String payer, String transferId, Set<String> names, KeptLease lease)
      throws IOException {
    AtomicFiles.deleteAll(
        folder(payer, transferId),
        name -> {
          boolean old = OUTPUT_FILE.matcher(name).matches() && !names.contains(name);
          if (old) {
            lease.confirm();
          }
          return old;
        });
  }

  /** Where a transfer's files lie, or will. */
  public Path folder(String payer, String transferId) {
    return file(payer, transferId, "");
  }

  /**
   * Deletes all that lies in a transfer's folder, whoever put it there.
   *
   * @return whether it was there
   * @throws IOException if something cannot be deleted
   */
  public boolean deleteFolder(String payer, String transferId) throws IOException {
    Path folder = folder(payer, transferId);
    boolean there = Files.exists(folder, NOFOLLOW_LINKS);
    PrivateFiles.deleteFolder(folder);
    return there;
  }

  /**
   * The folders, one of a payer each, that transfers' folders lie in.
   *
   * @throws IOException if the outbox cannot be listed
   */
  List<Path> payers() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(directory)) {
      return folders
          .filter(folder -> !folder.getFileName().toString().startsWith("."))
          .filter(Files::isDirectory)
          .toList();
    }
  }

  /**
   * Hands over the folders of a payer's transfers whose manifest is older, one after the other.
   *
   * @throws IOException if they cannot be listed
   */
  void eachWithManifestBefore(Instant time, Path payer, Consumer<Path> each) throws IOException {
    try (DirectoryStream<Path> transfers =
        Files.newDirectoryStream(payer, folder -> hasManifestBefore(time, folder))) {
      transfers.forEach(each);
    }
  }

  private static boolean hasManifestBefore(Instant time, Path folder) {
    try {
      return TransferFolders.isTransfer(folder.getFileName().toString())
          && !Files.isSymbolicLink(folder)
          && Files.getLastModifiedTime(folder.resolve(MANIFEST)).toInstant().isBefore(time);
    } catch (IOException none) {
      return false;
    }
  }

  /**
   * Deletes a transfer's data, but not its manifest, unless that is younger by now: the transfer
   * was retried.
   *
   * @throws IOException if it cannot be deleted
   */
  void deleteData(Path folder, Instant manifestBefore) throws IOException {
    if (hasManifestBefore(manifestBefore, folder)) {
      AtomicFiles.deleteAll(
          folder, name -> OUTPUT_FILE.matcher(name).matches() || name.equals(UNDELIVERABLE));
    }
  }
}
