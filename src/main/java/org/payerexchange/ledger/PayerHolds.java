package org.payerexchange.ledger;

import java.time.Duration;

/** Payers that asked to be left alone for a while. */
@SuppressWarnings("DoNotCallSuggester")
public final class PayerHolds {

  /** Holds for all nodes on this database. */
  public PayerHolds(LedgerDatabase database) {}

  /**
   * Has no step claimed that calls this payer, on any node, until the time is over. A longer hold
   * stays.
   *
   * @param why the payer's answer in words
   */
  public void hold(String payer, Duration time, String why) {
    throw new UnsupportedOperationException();
  }
}
