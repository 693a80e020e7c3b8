package org.payerexchange.step;

import java.time.Duration;

/**
 * What becomes of a step that did not succeed.
 *
 * @param action what to do with the claim
 * @param in the time until the step is due again; zero unless {@code action} is {@link
 *     Action#RETRY}
 * @param pause how long the payer or the sink is left alone by all steps; zero: not at all
 * @param reason what is recorded
 * @param detail what is recorded with it: no PHI, no secret
 */
public record RetryDecision(
    Action action, Duration in, Duration pause, FailureReason reason, String detail) {
  /** What to do with a claim. */
  public enum Action {
    /** The step is due again later. */
    RETRY,
    /** The step waits until its payer's or sink's token endpoint agrees. */
    HOLD,
    /** The step has failed for good. */
    FAIL,
    /** The step was not to blame, as in a shutdown: it is due again at once, for any node. */
    RELEASE,
    /** The claim is another node's by now. */
    LEAVE
  }

  /** The same decision, and a pause for whoever was called. */
  RetryDecision pausing(Duration time) {
    return new RetryDecision(action, in, time, reason, detail);
  }

  /**
   * The decision on a node that is stopping: what looks like a failure may be the stop itself,
   * unless the other side has said a clear no.
   */
  RetryDecision whileStopping() {
    boolean maybeTheStop =
        action == Action.RETRY || (action == Action.FAIL && reason == FailureReason.INTERNAL);
    return maybeTheStop
        ? new RetryDecision(Action.RELEASE, Duration.ZERO, pause, reason, detail)
        : this;
  }
}
