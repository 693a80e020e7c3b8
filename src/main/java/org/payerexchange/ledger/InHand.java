package org.payerexchange.ledger;

import org.payerexchange.step.Claim;
import org.payerexchange.step.Lease;

/** A claimed step in a node's hands. */
public record InHand(long step, long token) {
  /** A claim in hand. */
  public static InHand of(Claim claim) {
    return of(claim.lease());
  }

  /** With its token. */
  public static InHand of(Lease lease) {
    return new InHand(lease.step(), lease.token());
  }
}
