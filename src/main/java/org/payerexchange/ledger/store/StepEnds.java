package org.payerexchange.ledger.store;

import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.step.Claim;
import org.payerexchange.step.RetryDecision;

/** Records what was decided about a step that did not succeed. */
public final class StepEnds {
  private final StepLedger steps;
  private final PayerHolds payers;
  private final SinkHolds sinks;
  private final TokenHolds tokens;

  /** Records with these. */
  public StepEnds(StepLedger steps, PayerHolds payers, SinkHolds sinks, TokenHolds tokens) {
    this.steps = steps;
    this.payers = payers;
    this.sinks = sinks;
    this.tokens = tokens;
  }

  /** Holds whoever asked for a pause, then does with the claim what was decided. */
  public void record(RetryDecision decision, Claim claim) {
    try {
      holdAndEnd(decision, claim);
    } catch (RuntimeException | Error failed) {
      steps.notRecorded(claim);
      throw failed;
    }
  }

  private void holdAndEnd(RetryDecision decision, Claim claim) {
    if (!decision.pause().isZero()) {
      if (claim instanceof DeliveryClaim delivery) {
        sinks.hold(delivery.sink(), decision.pause());
      } else {
        payers.hold(claim.payer(), decision.pause(), decision.detail());
      }
    }
    switch (decision.action()) {
      case RETRY -> steps.retryLater(claim, decision);
      case FAIL -> steps.fail(claim, decision);
      case HOLD -> hold(decision, claim);
      case RELEASE -> steps.release(claim);
      case LEAVE -> steps.leave(claim);
    }
  }

  /** Whoever asked for the token has written the hold; it may be over by now. */
  private void hold(RetryDecision decision, Claim claim) {
    boolean over =
        claim instanceof DeliveryClaim delivery
            ? tokens.isOver(TokenClient.Kind.SINK, delivery.sink())
            : tokens.isOver(TokenClient.Kind.PAYER, claim.payer());
    if (over) {
      steps.fail(claim, decision.reason(), decision.detail());
    } else {
      steps.holdBack(claim, decision.reason(), decision.detail());
    }
  }
}
