package org.payerexchange.split;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.ledger.FileNumbers;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.ledger.store.SplitLedger;
import org.payerexchange.ledger.store.SplitLedger.SharedFile;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;

/**
 * Makes of an organized export of one transfer, whose files hold resources of all types, one file a
 * type (FHIR Bulk Data Access 3, {@code organizeOutputBy}). Which file goes on in which other does
 * not matter to it.
 */
public final class SplitByType {
  private final SplitFolders folders;
  private final Sinks sinks;
  private final SplitLedger ledger;
  private final PatientBound patients;

  /**
   * Wires it.
   *
   * @param outbox where the files lie
   * @param folders where they end
   * @param sinks who gets them
   * @param ledger learns of them
   * @param patients how many there may be of the member
   */
  public SplitByType(
      Outbox outbox,
      MemberFolders folders,
      Sinks sinks,
      SplitLedger ledger,
      PatientBound patients) {
    this.folders = new SplitFolders(outbox, folders);
    this.sinks = sinks;
    this.ledger = ledger;
    this.patients = patients;
  }

  /**
   * Writes the files into the transfer's folder.
   *
   * @return what is there now
   * @throws TransferException as {@link LinesByType#write} and {@link PatientBound#check}, {@link
   *     FailureReason#LEASE_LOST} if files of the export are fetched again first, or the step is
   *     another node's by now, {@link FailureReason#SINK_UNAVAILABLE} if the outbox cannot be used
   */
  public List<SplitFile> split(SplitClaim claim, KeptLease lease) {
    List<SharedFile> files = files(claim);
    try {
      folders.look(claim, files, ledger);
      Path work = folders.work(claim);
      try {
        PrivateFiles.createFolders(work);
        return publish(
            claim, LinesByType.write(folders.paths(claim, files), true, work, lease::check), lease);
      } finally {
        PrivateFiles.deleteFolder(work);
      }
    } catch (IOException unusable) {
      throw folders.unusable(unusable);
    }
  }

  private List<SplitFile> publish(SplitClaim claim, List<MemberFile> own, KeptLease lease)
      throws IOException {
    own.forEach(file -> patients.check(file.resourceType(), file.lines()));
    FileNumbers numbers =
        ledger
            .numbers(claim, own.stream().map(MemberFile::resourceType).toList())
            .orElseThrow(
                () ->
                    new TransferException(
                        FailureReason.LEASE_LOST, "the split is another node's by now"));
    return folders.members().publish(claim.payer(), claim.transferId(), numbers, own, lease);
  }

  /**
   * Records the files, from where sinks are to have them; those that the export came in are needed
   * no more.
   *
   * @return false if the step is another node's by now
   */
  public boolean end(SplitClaim claim, List<SplitFile> own) {
    List<SharedFile> came = files(claim);
    boolean done = ledger.splitByType(claim, own, sinks.names(false), sinks.names(true));
    if (done) {
      folders.delete(claim, came);
    }
    return done;
  }

  private List<SharedFile> files(SplitClaim claim) {
    return ledger.files(claim).stream().filter(SharedFile::holdsAllTypes).toList();
  }
}
