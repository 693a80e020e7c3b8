package org.payerexchange.http;

import java.time.Duration;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Variable;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.PayerHolds;
import org.payerexchange.ledger.SinkHolds;
import org.payerexchange.ledger.StepLedger;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.ledger.TokenHolds;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what becomes of a step that ended with an exception. Error handlers call it; it throws
 * nothing itself: where the ledger is away, the claim's lease runs out and the step is due again.
 */
public final class FailedSteps {
  private static final Logger LOG = LoggerFactory.getLogger(FailedSteps.class);

  private final Retryability retryability;
  private final StepLedger steps;
  private final PayerHolds holds;
  private final SinkHolds sinkHolds;
  private final TokenHolds tokenHolds;

  /** The bean {@code failedSteps}. */
  public FailedSteps(
      Retryability retryability,
      StepLedger steps,
      PayerHolds holds,
      SinkHolds sinkHolds,
      TokenHolds tokenHolds) {
    this.retryability = retryability;
    this.steps = steps;
    this.holds = holds;
    this.sinkHolds = sinkHolds;
    this.tokenHolds = tokenHolds;
  }

  /**
   * Has the step tried again, or gives it up.
   *
   * @param failure what the step ended with, with all its wrappers: Camel's @ExchangeException
   *     would be the innermost cause alone
   * @param claim the step, from the variable {@code claim}
   * @param context tells whether this node is stopping, which breaks calls off
   */
  public void record(
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable failure,
      @Variable("claim") Claim claim,
      CamelContext context) {
    RetryDecision decision = retryability.decide(failure, claim);
    if (!context.isRunAllowed() || context.isStopping()) {
      decision = decision.whileStopping();
    }
    log(decision, claim, failure);
    try {
      Optional<Duration> asked =
          Causes.find(failure, TransferException.class).flatMap(TransferException::retryAfter);
      Duration pause = asked.orElse(decision.in());
      boolean payerAsked = decision.reason() == FailureReason.PAYER_BUSY || asked.isPresent();
      boolean ofOneJob =
          claim.stage().isCourtesy() || decision.reason() == FailureReason.JOB_FAILED;
      if (payerAsked && claim.stage().callsPayer() && !ofOneJob) {
        holds.hold(claim.payer(), pause, decision.detail());
      }
      if (decision.reason() == FailureReason.SINK_BUSY && claim instanceof DeliveryClaim delivery) {
        sinkHolds.hold(delivery.sink(), pause);
      }
      apply(decision, claim);
    } catch (RuntimeException e) {
      LOG.warn(
          "transfer {} {}: not recorded, the lease will run out",
          claim.transferId(),
          claim.stage(),
          new WithoutMessage(e));
    }
  }

  private void apply(RetryDecision decision, Claim claim) {
    switch (decision.action()) {
      case RETRY -> steps.retryLater(claim, decision.reason(), decision.detail(), decision.in());
      case FAIL -> steps.fail(claim, decision.reason(), decision.detail());
      case HOLD -> hold(decision, claim);
      case RELEASE -> steps.release(claim);
      case LEAVE -> steps.leave(claim);
    }
  }

  /** Whoever asked for the token has written the hold; it may be over by now. */
  private void hold(RetryDecision decision, Claim claim) {
    boolean over =
        claim instanceof DeliveryClaim delivery
            ? tokenHolds.isOver(TokenHold.Kind.SINK, delivery.sink())
            : tokenHolds.isOver(TokenHold.Kind.PAYER, claim.payer());
    if (over) {
      steps.fail(claim, decision.reason(), decision.detail());
    } else {
      steps.holdBack(claim, decision.reason(), decision.detail());
    }
  }

  private static void log(RetryDecision decision, Claim claim, Throwable failure) {
    Object[] about = {
      claim.transferId(), claim.stage(), decision.reason(), decision.detail(), decision.in()
    };
    switch (decision.action()) {
      case RETRY -> LOG.info("transfer {} {}: {}, {}; again in {}", about);
      case FAIL, HOLD -> LOG.warn("transfer {} {}: {}, {}", about);
      default -> LOG.debug("transfer {} {}: {}, {}", about);
    }
    if (decision.reason() == FailureReason.INTERNAL) {
      LOG.warn("transfer {}: where it came from", claim.transferId(), new WithoutMessage(failure));
    }
  }
}
