package org.payerexchange.ledger;

import org.payerexchange.payer.FailureReason;

/** What people do to transfers. Each names its actor in the audit trail. */
@SuppressWarnings("DoNotCallSuggester")
public final class OperatorLedger {

  /** Works on this database. */
  public OperatorLedger(LedgerDatabase database) {}

  /**
   * Sends a FAILED or NO_MATCH transfer on from the step that failed; what was done is kept.
   *
   * @param actor who asked for it
   * @return false if there is no such transfer, or it has not failed
   */
  public boolean retry(String transferId, String actor) {
    throw new UnsupportedOperationException();
  }

  /**
   * Retries all FAILED or NO_MATCH transfers of a payer that failed for one reason.
   *
   * @param reason null for any
   * @param actor who asked for it
   * @return how many
   */
  public int retryAll(String payer, FailureReason reason, String actor) {
    throw new UnsupportedOperationException();
  }

  /**
   * Gives an open transfer up; its jobs are released at the payer.
   *
   * @param actor who asked for it
   * @return false if there is no such transfer, or it has ended
   */
  public boolean cancel(String transferId, String actor) {
    throw new UnsupportedOperationException();
  }
}
