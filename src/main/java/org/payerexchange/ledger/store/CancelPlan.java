package org.payerexchange.ledger.store;

import java.util.List;
import java.util.Optional;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/**
 * What a cancel does to an open transfer: all that is open of it ends, and no step of it goes on.
 * What is stored and delivered stays.
 *
 * @param jobs those that end
 */
record CancelPlan(List<LockedJob> jobs) {
  /** Why files and deliveries that are open fail. */
  static final Failure WHY = new Failure(FailureReason.CANCELLED, null);

  /** Empty where the transfer has ended. */
  static Optional<CancelPlan> of(TransferState state, List<LockedJob> jobs) {
    return state.terminal()
        ? Optional.empty()
        : Optional.of(
            new CancelPlan(jobs.stream().filter(job -> !job.state().terminal()).toList()));
  }
}
