package org.payerexchange.ledger;

import java.util.List;

/** Outcomes of transfers that have ended. */
@SuppressWarnings("DoNotCallSuggester")
public final class OutcomeLedger {

  /** Works on the claims of one node. */
  public OutcomeLedger(Leases leases) {}

  /** Claims transfers whose outcome is to be sent, at most {@code max}. */
  public List<OutcomeClaim> claimForOutcome(int max) {
    throw new UnsupportedOperationException();
  }

  /**
   * How the transfer ended.
   *
   * @throws IllegalArgumentException if there is no such transfer
   */
  public TransferReport report(String transferId) {
    throw new UnsupportedOperationException();
  }

  /** Records that the outcome was sent. */
  public boolean sent(OutcomeClaim claim) {
    throw new UnsupportedOperationException();
  }
}
