package org.payerexchange.step;

import java.time.Duration;
import java.util.Optional;

/**
 * The one exception of the pipeline: why a step did not succeed, in words that hold no PHI and no
 * secret, since they are logged and stored.
 */
public class TransferException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final FailureReason reason;
  private final Duration retryAfter;
  private final Duration patience;
  private final boolean finalAnswer;
  private final boolean unsent;

  /**
   * A failure without a cause that is worth keeping.
   *
   * @param reason what is recorded
   * @param message what is logged and stored: no PHI, no secret, no text of a payer
   */
  public TransferException(FailureReason reason, String message) {
    this(reason, message, null, null, null, false, false);
  }

  /**
   * A failure with its cause. The cause may be logged too, so it must be free of PHI as well.
   *
   * @param reason what is recorded
   * @param message what is logged and stored: no PHI, no secret, no text of a payer
   * @param cause where it came from
   */
  public TransferException(FailureReason reason, String message, Throwable cause) {
    this(reason, message, cause, null, null, false, false);
  }

  private TransferException(
      FailureReason reason,
      String message,
      Throwable cause,
      Duration retryAfter,
      Duration patience,
      boolean finalAnswer,
      boolean unsent) {
    super(message, cause);
    this.reason = reason;
    this.retryAfter = retryAfter;
    this.patience = patience;
    this.finalAnswer = finalAnswer;
    this.unsent = unsent;
  }

  /** What is recorded in the ledger. */
  public FailureReason reason() {
    return reason;
  }

  /** How long the other side asked to be left alone, if it did. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** The same failure, together with the other side's Retry-After. */
  public TransferException withRetryAfter(Optional<Duration> wait) {
    return new TransferException(
        reason, getMessage(), getCause(), wait.orElse(null), patience, finalAnswer, unsent);
  }

  /** How long a step may go on failing so before it has failed for good; empty: by its reason. */
  public Optional<Duration> patience() {
    return Optional.ofNullable(patience);
  }

  /** The same failure, which is final only once it has gone on for so long. */
  public TransferException withPatience(Duration time) {
    return new TransferException(
        reason, getMessage(), getCause(), retryAfter, time, finalAnswer, unsent);
  }

  /**
   * Whether it is what the other side has to say about the very thing that was asked for, rather
   * than about itself at this moment.
   */
  public boolean isFinalAnswer() {
    return finalAnswer;
  }

  /**
   * The same failure, which says what was asked.
   *
   * @param what in our own words
   */
  public TransferException askedFor(String what) {
    return new TransferException(
        reason,
        getMessage() + " to " + what,
        getCause(),
        retryAfter,
        patience,
        finalAnswer,
        unsent);
  }

  /** The same failure as the other side's final answer. */
  public TransferException asFinalAnswer() {
    return new TransferException(
        reason, getMessage(), getCause(), retryAfter, patience, true, unsent);
  }

  /** Whether the other side was told nothing: there was no connection, or no token for it. */
  public boolean isUnsent() {
    return unsent || reason.isOfTokens();
  }

  /** The same failure of a step that has sent nothing. */
  public TransferException asUnsent() {
    return new TransferException(
        reason, getMessage(), getCause(), retryAfter, patience, finalAnswer, true);
  }
}
