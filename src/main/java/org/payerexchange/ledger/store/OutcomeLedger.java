package org.payerexchange.ledger.store;

import java.util.List;
import java.util.Set;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.step.FailureReason;

/** Manifests and outcomes of transfers that nothing else is to be done for. */
public final class OutcomeLedger {
  private static final String GONE = "not in the outbox as it was stored when the transfer ended";
  private final Leases leases;
  private final Reports reports;

  /** Works on the claims of one node. */
  public OutcomeLedger(Leases leases) {
    this.leases = leases;
    this.reports = new Reports(leases.database());
  }

  /**
   * How the transfer ended.
   *
   * @throws IllegalArgumentException if there is no such transfer
   */
  public TransferReport report(String transferId) {
    return reports.report(transferId);
  }

  /**
   * Has files downloaded again that were taken out of the outbox, or changed there, before the
   * manifest. The transfer goes on.
   *
   * @param files their numbers
   * @return false if the row is another node's by now
   */
  public boolean fetchAgain(OutcomeClaim claim, List<Integer> files) {
    return leases.ends(
        claim,
        transfer -> {
          if (!leases.update(claim).atRest().run(transfer)) {
            return false;
          }
          transfer.unseal();
          leases.fanIn().filesMissing(transfer, files);
          return true;
        });
  }

  /**
   * Notes which stored files are not in the outbox any more of a transfer that will not have them
   * fetched again, for all who are told of its end. What was noted of others is taken back.
   *
   * @param files their numbers
   * @return false if the row is another node's by now
   */
  public boolean gone(OutcomeClaim claim, Set<Integer> files) {
    return leases.transition(
        claim,
        transfer -> {
          if (!leases.update(claim).keepLeased(leases.duration()).run(transfer)) {
            return false;
          }
          leases
              .database()
              .update(
                  """
                  UPDATE output_file SET reason = NULL, detail = NULL
                  WHERE transfer_id = ? AND state = 'STORED'""",
                  claim.transferId());
          leases
              .database()
              .batch(
                  """
                  UPDATE output_file SET reason = ?, detail = ?
                  WHERE transfer_id = ? AND number = ? AND state = 'STORED'""",
                  files.stream()
                      .map(
                          file ->
                              new Object[] {
                                FailureReason.FILE_GONE.name(), GONE, claim.transferId(), file
                              })
                      .toList());
          return true;
        });
  }

  /** Records that the manifest stands; what is left is to send the outcome. */
  public boolean written(OutcomeClaim claim) {
    return leases.transition(
        claim, transfer -> end(transfer, leases.update(claim).keepLeased(leases.duration())));
  }

  /** Records that the manifest stands and the outcome was sent. */
  public boolean sent(OutcomeClaim claim) {
    return leases.ends(
        claim,
        transfer -> {
          boolean ended = end(transfer, leases.update(claim).atRest());
          transfer.event(EventType.OUTCOME_SENT, null);
          return ended;
        });
  }

  private boolean end(LockedTransfer transfer, ClaimedUpdate update) {
    if (!update.run(transfer)) {
      return false;
    }
    transfer.manifestStands();
    return leases.fanIn().releaseJobs(transfer);
  }
}
