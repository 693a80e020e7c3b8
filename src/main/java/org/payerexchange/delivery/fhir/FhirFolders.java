package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
 */
public record FhirFolders(Outbox outbox, TransferFolders work) {

  /** Where a file lies. */
  Path source(DeliveryClaim claim, String name) {
    return outbox.file(claim.payer(), claim.transferId(), name);
  }

  /** What is left over of a file, or of what was left over. */
  Leftovers leftovers(DeliveryClaim claim, String name) {
    return new Leftovers(work.file(claim.transferId(), "." + name + ".left"));
  }

  /** The references of a file that were cut. */
  CutReferences cutReferences(DeliveryClaim claim, String name) {
    return new CutReferences(work.file(claim.transferId(), "." + name + ".cut"));
  }

  /** What the transfer's Provenance is to point to. */
  ProvenanceTarget provenanceTarget(DeliveryClaim claim) {
    return new ProvenanceTarget(work.file(claim.transferId(), ".provenance-target"));
  }

  /**
   * The numbers of files whose ids are not known yet and which are not in the outbox as they were
   * stored: without them references to what they hold would be cut.
   */
  List<Integer> missing(DeliveryClaim claim, TransferReport transfer) throws IOException {
    List<Integer> missing = new ArrayList<>();
    for (ReportedFile file : TransferIds.files(transfer)) {
      if (!Files.exists(TransferIds.table(work.file(claim.transferId(), ""), file))
          && !outbox.holds(source(claim, file.name()), file.bytes(), file.sha256(), file.stamp())) {
        missing.add(file.number());
      }
    }
    return missing;
  }

  /** The ids of the transfer's resources. */
  TransferIds ids(DeliveryClaim claim, TransferReport transfer) throws IOException {
    return TransferIds.of(transfer, source(claim, ""), work.create(claim.transferId()));
  }
}
