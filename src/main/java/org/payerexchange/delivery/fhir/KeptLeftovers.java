package org.payerexchange.delivery.fhir;

import java.io.IOException;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.store.DeliveryLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what a delivery has left over so far. Its file is there from the delivery's beginning,
 * empty or not; without it nobody knows which changes were not made, or lack references. Then all
 * goes to the server once more, which changes nothing of what it has.
 */
public final class KeptLeftovers {
  private static final Logger LOG = LoggerFactory.getLogger(KeptLeftovers.class);

  private final FhirFolders folders;
  private final DeliveryLedger ledger;

  /**
   * Wires it.
   *
   * @param folders where they are kept
   * @param ledger knows whether a delivery has begun
   */
  public KeptLeftovers(FhirFolders folders, DeliveryLedger ledger) {
    this.folders = folders;
    this.ledger = ledger;
  }

  /**
   * Those of a delivery.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if they are lost, and the delivery
   *     begins again
   * @throws IOException if the work directory cannot be used
   */
  Leftovers of(DeliveryClaim claim) throws IOException {
    Leftovers leftovers = folders.leftovers(claim);
    if (leftovers.isThere()) {
      return leftovers;
    }
    folders.work().create(claim.transferId());
    if (ledger.hasBegun(claim)) {
      if (ledger.beginAgain(claim)) {
        LOG.warn(
            "transfer {}: what the FHIR server had not taken is not in the work directory any more; all its files are sent again",
            claim.transferId());
      }
      throw new TransferException(
          FailureReason.LEASE_LOST, "the transfer is delivered again from its first file");
    }
    leftovers.clear();
    return leftovers;
  }
}
