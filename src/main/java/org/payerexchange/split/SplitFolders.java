package org.payerexchange.split;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.delivery.DeliveryOrder;
import org.payerexchange.files.FileStamp;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileName;
import org.payerexchange.ledger.SharedJobMember;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.ledger.SplitLedger.SharedFile;

/** Where in the outbox a split finds what members share, is at work, and puts what is theirs. */
final class SplitFolders {
  private final Outbox outbox;

  SplitFolders(Outbox outbox) {
    this.outbox = outbox;
  }

  /**
   * The folder that a lease works in, not created. Those of leases before it are deleted.
   *
   * @throws IOException if they cannot be
   */
  Path work(SplitClaim claim) throws IOException {
    String ofJob = "split-%d-".formatted(claim.id());
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
                "%d line%s in files of kind %s %s no member's: whose they are is not told"
                    .formatted(
                        kind.getValue(),
                        kind.getValue() == 1 ? "" : "s",
                        kind.getKey().name().toLowerCase(Locale.ROOT),
                        kind.getValue() == 1 ? "is" : "are"));
  }

  /**
   * Those that are not there as they were stored.
   *
   * @throws IOException if the outbox cannot be read
   */
  List<SharedFile> missing(SplitClaim claim, List<SharedFile> files) throws IOException {
    List<SharedFile> missing = new ArrayList<>();
    for (SharedFile file : files) {
      if (!outbox.holds(path(claim, file), file.bytes(), file.sha256(), file.stamp())) {
        missing.add(file);
      }
    }
    return missing;
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

  /**
   * Gives a member's files their places.
   *
   * @param goesOn is asked right before, and may throw
   * @return empty if it did not go on
   * @throws IOException if they cannot be put there
   */
  Optional<List<SplitFile>> publish(
      SplitClaim claim, SharedJobMember member, List<MemberFile> files, BooleanSupplier goesOn)
      throws IOException {
    Path folder = outbox.file(claim.payer(), member.transferId(), "");
    Map<Integer, MemberFile> numbered = numbered(member, files);
    Map<String, Path> parts = new LinkedHashMap<>();
    numbered.forEach(
        (number, file) -> parts.put(FileName.of(file.resourceType(), number), file.path()));
    if (!outbox.publish(folder, parts, goesOn)) {
      return Optional.empty();
    }
    List<SplitFile> placed = new ArrayList<>();
    for (Map.Entry<Integer, MemberFile> each : numbered.entrySet()) {
      placed.add(placed(folder, each.getKey(), each.getValue()));
    }
    return Optional.of(placed);
  }

  private static Map<Integer, MemberFile> numbered(SharedJobMember member, List<MemberFile> files) {
    Map<Integer, MemberFile> numbered = new LinkedHashMap<>();
    int newOnes = 0;
    for (MemberFile file : files) {
      numbered.put(member.number(file.resourceType(), newOnes), file);
      newOnes += member.numbers().containsKey(file.resourceType()) ? 0 : 1;
    }
    return numbered;
  }

  private static SplitFile placed(Path folder, int number, MemberFile file) throws IOException {
    String type = file.resourceType();
    String stamp = FileStamp.of(folder.resolve(FileName.of(type, number)));
    return new SplitFile(
        type,
        number,
        new FetchedFile(file.lines(), file.bytes(), file.sha256(), stamp, List.of()),
        DeliveryOrder.turn(FileKind.OUTPUT, type, number));
  }

  /**
   * Takes them away again.
   *
   * @throws IOException if they cannot be deleted
   */
  void takeAway(SplitClaim claim, SharedJobMember member, List<SplitFile> files)
      throws IOException {
    for (SplitFile file : files) {
      Files.deleteIfExists(outbox.file(claim.payer(), member.transferId(), file.name()));
    }
  }

  /**
   * Deletes what members shared.
   *
   * @throws IOException if it cannot be deleted
   */
  void delete(SplitClaim claim, List<SharedFile> files) throws IOException {
    for (SharedFile file : files) {
      Files.deleteIfExists(path(claim, file));
    }
  }
}
