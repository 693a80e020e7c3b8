package org.payerexchange.ledger;

import org.payerexchange.step.Claim;
import org.payerexchange.step.Lease;

/** A claimed step in a node's hands. */
record InHand(long step, long token) {
  static InHand of(Claim claim) {
    return of(claim.lease());
  }

  static InHand of(Lease lease) {
    return new InHand(lease.step(), lease.token());
  }
}
