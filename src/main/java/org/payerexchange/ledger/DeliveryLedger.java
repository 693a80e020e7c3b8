package org.payerexchange.ledger;

import java.util.List;

/** Deliveries: each staged file to each sink. */
@SuppressWarnings("DoNotCallSuggester")
public final class DeliveryLedger {

  /** Works on the claims of one node. */
  public DeliveryLedger(Leases leases) {}

  /** Claims pending deliveries, at most {@code max}. */
  public List<DeliveryClaim> claimForDelivery(int max) {
    throw new UnsupportedOperationException();
  }

  /** Prolongs the lease of a running delivery; {@code false}: another node has it, stop. */
  public boolean renew(DeliveryClaim claim) {
    throw new UnsupportedOperationException();
  }

  /** Records how many resources the sink has taken, and prolongs the lease. */
  public boolean position(DeliveryClaim claim, long resourcesSent) {
    throw new UnsupportedOperationException();
  }

  /** Records that the sink has taken the whole file; the last one ends file, job and transfer. */
  public boolean done(DeliveryClaim claim) {
    throw new UnsupportedOperationException();
  }
}
