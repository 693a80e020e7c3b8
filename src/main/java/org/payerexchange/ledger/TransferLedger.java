package org.payerexchange.ledger;

import java.time.Duration;
import java.util.List;

/** Transfers from their registration to the answer of {@code $member-match}. */
@SuppressWarnings("DoNotCallSuggester")
public final class TransferLedger {

  /**
   * Works on the claims of one node.
   *
   * @param duplicateWindow how long the same record without a request id is the same transfer
   */
  public TransferLedger(Leases leases, Duration duplicateWindow) {}

  /**
   * Registers intake records in one transaction.
   *
   * @return what became of each, in the same order
   */
  public List<Registration> register(List<IntakeEntry> entries) {
    throw new UnsupportedOperationException();
  }

  /** Claims received transfers, at most {@code max}. */
  public List<TransferClaim> claimForMatch(int max) {
    throw new UnsupportedOperationException();
  }

  /**
   * Records the match: one export job for each different group id, due at once.
   *
   * @throws IllegalArgumentException if there is no group id
   */
  public boolean matched(TransferClaim claim, List<String> groupIds) {
    throw new UnsupportedOperationException();
  }

  /**
   * Ends the transfer: the payer does not know the member.
   *
   * @param detail the payer's answer in words, without PHI
   */
  public boolean noMatch(TransferClaim claim, String detail) {
    throw new UnsupportedOperationException();
  }
}
