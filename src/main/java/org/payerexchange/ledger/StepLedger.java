package org.payerexchange.ledger;

import java.time.Duration;
import org.payerexchange.payer.FailureReason;

/** What any step can come to beside its success. */
@SuppressWarnings("DoNotCallSuggester")
public final class StepLedger {

  /** Works on the claims of one node. */
  public StepLedger(Leases leases) {}

  /**
   * Has the step tried again.
   *
   * @param detail what happened, without PHI
   */
  public boolean retryLater(Claim claim, FailureReason reason, String detail, Duration in) {
    throw new UnsupportedOperationException();
  }

  /**
   * Gives the step up: the transfer, job, file or delivery fails, and with the last open one the
   * job and the transfer end. An outcome or a release is dropped without changing any state.
   *
   * @param detail what happened, without PHI
   */
  public boolean fail(Claim claim, FailureReason reason, String detail) {
    throw new UnsupportedOperationException();
  }

  /** Hands an unfinished step back, due at once; nothing is counted as a failure. */
  public boolean release(Claim claim) {
    throw new UnsupportedOperationException();
  }
}
