package org.payerexchange.split;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.store.SplitLedger;
import org.payerexchange.ledger.store.SplitLedger.SharedFile;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where in the outbox a split finds what members share, is at work, and puts what is theirs. */
final class SplitFolders {
  private static final Logger LOG = LoggerFactory.getLogger(SplitFolders.class);

  private final Outbox outbox;
  private final MemberFolders members;

  SplitFolders(Outbox outbox, MemberFolders members) {
    this.outbox = outbox;
    this.members = members;
  }

  /** Where members' own files end. */
  MemberFolders members() {
    return members;
  }

  /** What a split fails with that cannot read or write there. */
  TransferException unusable(IOException cause) {
    return outbox.unusable(cause);
  }

  /**
   * The folder that a lease works in, not created. Those of leases before it are deleted.
   *
   * @throws IOException if they cannot be
   */
  Path work(SplitClaim claim) throws IOException {
    String ofJob = "split-%s-".formatted(claim.id());
    Path received = outbox.incoming().create(claim.transferId());
    try (DirectoryStream<Path> left = Files.newDirectoryStream(received, ofJob + "*")) {
      for (Path each : left) {
        PrivateFiles.deleteFolder(each);
      }
    }
    return received.resolve(ofJob + claim.leaseToken());
  }

  /**
   * Those that are read, in their order: what members share of errors and deletions is nobody's.
   */
  static List<SharedFile> read(List<SharedFile> files) {
    return files.stream().filter(file -> file.kind() == FileKind.OUTPUT).toList();
  }

  /** What is in the others, in words: nobody gets it. */
  static Stream<String> unread(List<SharedFile> files) {
    return files.stream()
        .filter(file -> file.kind() != FileKind.OUTPUT)
        .collect(
            Collectors.groupingBy(
                SharedFile::kind,
                () -> new EnumMap<>(FileKind.class),
                Collectors.summingLong(SharedFile::resources)))
        .entrySet()
        .stream()
        .map(
            kind ->
                "%s line%s in files of kind %s %s no member's: whose they are is not told"
                    .formatted(
                        kind.getValue(),
                        kind.getValue() == 1 ? "" : "s",
                        kind.getKey().name().toLowerCase(Locale.ROOT),
                        kind.getValue() == 1 ? "is" : "are"));
  }

  private List<SharedFile> missing(SplitClaim claim, List<SharedFile> files) throws IOException {
    List<SharedFile> missing = new ArrayList<>();
    for (SharedFile file : files) {
      if (!outbox.holds(path(claim, file), file.bytes(), file.sha256(), file.stamp())) {
        missing.add(file);
      }
    }
    return missing;
  }

  /**
   * Makes sure that files are there as they were stored; else they are fetched again first.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if they are
   * @throws IOException if the outbox cannot be read
   */
  void look(SplitClaim claim, List<SharedFile> files, SplitLedger ledger) throws IOException {
    List<SharedFile> missing = missing(claim, files);
    if (!missing.isEmpty()) {
      ledger.fetchAgain(claim, missing.stream().map(SharedFile::number).toList());
      throw new TransferException(
          FailureReason.LEASE_LOST, "files of the export are fetched again first");
    }
  }

  /** Where they lie. */
  List<Path> paths(SplitClaim claim, List<SharedFile> files) {
    return files.stream().map(file -> path(claim, file)).toList();
  }

  /** The same as sources of a split. */
  List<SplitSource> sources(SplitClaim claim, List<SharedFile> files) {
    return files.stream()
        .map(file -> new SplitSource(file.resourceType(), path(claim, file)))
        .toList();
  }

  private Path path(SplitClaim claim, SharedFile file) {
    return outbox.shared().file(claim.transferId(), file.name());
  }

  /** Deletes what was split. What cannot be deleted is left to the time when all is over. */
  void delete(SplitClaim claim, List<SharedFile> files) {
    try {
      for (SharedFile file : files) {
        Files.deleteIfExists(path(claim, file));
      }
    } catch (IOException unusable) {
      LOG.warn(
          "files of {} {} that were split cannot be deleted", claim.subject(), claim.transferId());
    }
  }
}
