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
 * @param request the X-Request-ID of the step's latest request to the payer; null without one
 * @param unsent whether the other side was told nothing ({@link TransferException#isUnsent})
 */
public record RetryDecision(
    Action action,
    Duration in,
    Duration pause,
    FailureReason reason,
    String detail,
    String request,
    boolean unsent) {
  /** Of a step that may have asked for nothing. */
  public RetryDecision(
      Action action, Duration in, Duration pause, FailureReason reason, String detail) {
    this(action, in, pause, reason, detail, null, reason.isOfTokens());
  }

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
    return new RetryDecision(action, in, time, reason, detail, request, unsent);
  }

  /** The same decision, about a step whose latest request was this one. */
  RetryDecision after(String latest) {
    return new RetryDecision(action, in, pause, reason, detail, latest, unsent);
  }

  /** The same decision, about a step that may have sent nothing. */
  RetryDecision about(TransferException failure) {
    return new RetryDecision(action, in, pause, reason, detail, request, failure.isUnsent());
  }

  /**
   * The decision on a node that is stopping: what looks like a failure may be the stop itself,
   * unless the other side has said a clear no.
   */
  RetryDecision whileStopping() {
    boolean maybeTheStop =
        action == Action.RETRY || (action == Action.FAIL && reason == FailureReason.INTERNAL);
    return maybeTheStop
        ? new RetryDecision(Action.RELEASE, Duration.ZERO, pause, reason, detail, request, unsent)
        : this;
  }
}
