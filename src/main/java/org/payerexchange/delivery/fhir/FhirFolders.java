package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.TransferFolders;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferReport.ReportedFile;

/**
 * What the FHIR sink reads and keeps on the disk.
 *
 * @param outbox where files lie, and operators find what could not be delivered
 * @param work where leftovers and ids of a transfer are kept until its end
 * @param files writes what appears whole
 */
public record FhirFolders(Outbox outbox, TransferFolders work, AtomicFiles files) {

  /** Where a file lies. */
  Path source(DeliveryClaim claim, String name) {
    return outbox.file(claim.payer(), claim.transferId(), name);
  }

  /** What is left over of a transfer. */
  Leftovers leftovers(DeliveryClaim claim) {
    return new Leftovers(work.file(claim.transferId(), ".fhir.left"), files);
  }

  /** What is left over of that once it was tried again. */
  Leftovers remainder(DeliveryClaim claim) {
    return new Leftovers(work.file(claim.transferId(), ".fhir.left-again"), files);
  }

  /**
   * The numbers of files that are not in the outbox as they were stored, while their ids are not
   * known, or which Patient is the member: without them references to what they hold would be cut.
   */
  List<Integer> missing(DeliveryClaim claim, TransferReport transfer) throws IOException {
    List<Integer> missing = new ArrayList<>();
    Path folder = work.file(claim.transferId(), "");
    if (!Files.exists(TransferIds.table(folder, transfer))
        || !Files.exists(ChosenMember.file(folder, transfer))) {
      for (ReportedFile file : TransferIds.files(transfer)) {
        if (!outbox.holds(source(claim, file.name()), file.bytes(), file.sha256(), file.stamp())) {
          missing.add(file.number());
        }
      }
    }
    return missing;
  }

  /** The ids of the transfer's resources. */
  TransferIds ids(DeliveryClaim claim, TransferReport transfer) throws IOException {
    return TransferIds.of(transfer, source(claim, ""), work.create(claim.transferId()), files);
  }

  /** Which of the transfer's Patients is the member; chosen once. */
  ChosenMember member(
      DeliveryClaim claim, TransferReport transfer, TransferIds known, ReceivedMember member)
      throws IOException {
    Path file = ChosenMember.file(work.create(claim.transferId()), transfer);
    if (!Files.exists(file)) {
      ChosenMember.among(
              TransferIds.files(transfer),
              source(claim, ""),
              known,
              member,
              new StableIds(claim.payer()))
          .write(file, files);
    }
    return ChosenMember.read(file);
  }

  /** Whether the transfer has Patients, and none is the member for certain. */
  boolean isUnsureOfMember(DeliveryClaim claim, TransferReport transfer) throws IOException {
    Path file = ChosenMember.file(work.file(claim.transferId(), ""), transfer);
    return Files.exists(file) && ChosenMember.read(file).unsure();
  }
}
