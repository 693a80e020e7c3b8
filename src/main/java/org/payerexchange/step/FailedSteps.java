package org.payerexchange.step;

import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has it recorded what becomes of a step that ended with an exception. Error handlers call it; it
 * throws nothing itself: where the ledger is away, the step is given back once it answers, or the
 * claim's lease runs out.
 */
public final class FailedSteps {
  private static final Logger LOG = LoggerFactory.getLogger(FailedSteps.class);

  private final Retryability retryability;
  private final BiConsumer<RetryDecision, Claim> ledger;
  private final BooleanSupplier stopping;

  /**
   * The bean {@code failedSteps}.
   *
   * @param ledger records a decision
   * @param stopping whether this node is stopping, which breaks calls off
   */
  public FailedSteps(
      Retryability retryability,
      BiConsumer<RetryDecision, Claim> ledger,
      BooleanSupplier stopping) {
    this.retryability = retryability;
    this.ledger = ledger;
    this.stopping = stopping;
  }

  /**
   * Has the step tried again, or gives it up.
   *
   * @param failure what the step ended with, with all its wrappers
   * @param request the X-Request-ID of its latest request to the payer, or null
   */
  public void record(Throwable failure, Claim claim, String request) {
    RetryDecision decided = retryability.decide(failure, claim).after(request);
    RetryDecision decision = stopping.getAsBoolean() ? decided.whileStopping() : decided;
    log(decision, claim, failure);
    try {
      ledger.accept(decision, claim);
    } catch (RuntimeException e) {
      LOG.warn(
          "{} {} {}: not recorded; it is due again once the ledger answers, or its lease has run out",
          claim.subject(),
          claim.transferId(),
          claim.inWords(),
          new WithoutMessage(e));
    }
  }

  private static void log(RetryDecision decision, Claim claim, Throwable failure) {
    Object[] about = {
      claim.subject(),
      claim.transferId(),
      claim.inWords(),
      decision.reason(),
      decision.detail(),
      decision.in()
    };
    switch (decision.action()) {
      case RETRY -> LOG.info("{} {} {}: {}, {}; again in {}", about);
      case FAIL, HOLD -> LOG.warn("{} {} {}: {}, {}", about);
      default -> LOG.debug("{} {} {}: {}, {}", about);
    }
    if (decision.reason() == FailureReason.INTERNAL
        || decision.reason() == FailureReason.LEDGER_UNAVAILABLE) {
      LOG.warn(
          "{} {}: where it came from",
          claim.subject(),
          claim.transferId(),
          new WithoutMessage(failure));
    }
  }
}
