package org.payerexchange.split;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.payerexchange.delivery.AttachmentSearch;
import org.payerexchange.delivery.DeliveryOrder;
import org.payerexchange.files.FileStamp;
import org.payerexchange.files.Outbox;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileName;
import org.payerexchange.ledger.FileNumbers;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;

/** The folders of transfers in the outbox, as far as files are written for them, one a type. */
public final class MemberFolders {
  private final Outbox outbox;
  private final AttachmentSearch attachments;

  /**
   * Those of an outbox.
   *
   * @param attachments finds what the files' lines name
   */
  public MemberFolders(Outbox outbox, AttachmentSearch attachments) {
    this.outbox = outbox;
    this.attachments = attachments;
  }

  /**
   * Gives a transfer's files their places, right after its lease was renewed.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST}
   * @throws IOException if they cannot be put there
   */
  public List<SplitFile> publish(
      String payer, String transferId, FileNumbers numbers, List<MemberFile> files, KeptLease lease)
      throws IOException {
    return publish(
            payer,
            transferId,
            numbers,
            files,
            () -> {
              lease.confirm();
              return true;
            })
        .orElseThrow();
  }

  /**
   * Gives a member's files their places. Where there are none nothing is touched.
   *
   * @param goesOn is asked right before, and may throw
   * @return empty if it did not go on
   * @throws IOException if they cannot be put there
   */
  Optional<List<SplitFile>> publish(
      String payer,
      String transferId,
      FileNumbers numbers,
      List<MemberFile> files,
      BooleanSupplier goesOn)
      throws IOException {
    if (files.isEmpty()) {
      return Optional.of(List.of());
    }
    Path folder = outbox.file(payer, transferId, "");
    Map<Integer, MemberFile> numbered = numbered(numbers, files);
    Map<String, Path> parts = new LinkedHashMap<>();
    Map<Integer, FoundAttachments> named = new HashMap<>();
    for (Map.Entry<Integer, MemberFile> each : numbered.entrySet()) {
      MemberFile file = each.getValue();
      String name = FileName.of(file.resourceType(), each.getKey());
      parts.put(name, file.path());
      named.put(each.getKey(), attachments.in(payer, name, file.path()));
    }
    if (!outbox.publish(folder, parts, goesOn)) {
      return Optional.empty();
    }
    List<SplitFile> placed = new ArrayList<>();
    for (Map.Entry<Integer, MemberFile> each : numbered.entrySet()) {
      placed.add(placed(folder, each.getKey(), each.getValue(), named.get(each.getKey())));
    }
    return Optional.of(placed);
  }

  private static Map<Integer, MemberFile> numbered(FileNumbers numbers, List<MemberFile> files) {
    Map<Integer, MemberFile> numbered = new LinkedHashMap<>();
    int newOnes = 0;
    for (MemberFile file : files) {
      numbered.put(numbers.of(file.resourceType(), newOnes), file);
      newOnes += numbers.known().containsKey(file.resourceType()) ? 0 : 1;
    }
    return numbered;
  }

  private static SplitFile placed(Path folder, int number, MemberFile file, FoundAttachments named)
      throws IOException {
    String type = file.resourceType();
    String stamp = FileStamp.of(folder.resolve(FileName.of(type, number)));
    return new SplitFile(
        type,
        number,
        new FetchedFile(file.lines(), file.bytes(), file.sha256(), stamp, List.of()).naming(named),
        DeliveryOrder.turn(FileKind.OUTPUT, type, number));
  }

  /**
   * Takes them away again.
   *
   * @throws IOException if they cannot be deleted
   */
  public void takeAway(String payer, String transferId, List<SplitFile> files) throws IOException {
    for (SplitFile file : files) {
      Files.deleteIfExists(outbox.file(payer, transferId, file.name()));
    }
  }
}
