package org.payerexchange.step;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import org.payerexchange.step.RetryDecision.Action;

/**
 * The one place that decides whether a step that did not succeed is tried again. What can pass (no
 * answer, 408, 425, 429, 5xx, a broken body, a sink or a ledger that is away) backs off with jitter
 * until the deadline, in which the time of holds does not count, or without one where the other
 * side asks for a pause; its Retry-After goes before the own delay; who has no token, refused or
 * without a key to ask for it, waits; anything else fails at once. Two kinds have numbers of their
 * own: polls that a payer answers with a job's failure, and releases.
 */
public final class Retryability {
  private static final Set<FailureReason> CAN_PASS =
      EnumSet.of(
          FailureReason.PAYER_UNAVAILABLE,
          FailureReason.PAYER_BUSY,
          FailureReason.BAD_ANSWER,
          FailureReason.SINK_UNAVAILABLE,
          FailureReason.SINK_BUSY,
          FailureReason.LEDGER_UNAVAILABLE);

  /** Who answers so is there, and gets as many pauses as it asks for. */
  private static final Set<FailureReason> BUSY =
      EnumSet.of(FailureReason.PAYER_BUSY, FailureReason.SINK_BUSY);

  /** How often in a row a payer may answer for a job that it will not be had. */
  public static final int MOST_REFUSED_POLLS = 8;

  /** How often a courtesy, such as a job's release, is tried. */
  private static final int MOST_COURTESIES = 5;

  private final BiFunction<Throwable, Stage, TransferException> names;
  private final Clock clock;
  private final Backoff backoff;
  private final Duration deadline;

  /**
   * The bean {@code retryability}.
   *
   * @param names says in our own words what a step of this kind ended with
   * @param clock tells how long a step has been failing
   * @param minDelay the delay after the first failure
   * @param maxDelay the longest delay, unless the other side asks for a longer one
   * @param deadline how long a step may go on failing
   */
  public Retryability(
      BiFunction<Throwable, Stage, TransferException> names,
      Clock clock,
      Duration minDelay,
      Duration maxDelay,
      Duration deadline) {
    this(names, clock, new Backoff(minDelay, maxDelay), deadline);
  }

  Retryability(
      BiFunction<Throwable, Stage, TransferException> names,
      Clock clock,
      Backoff backoff,
      Duration deadline) {
    this.names = names;
    this.clock = clock;
    this.backoff = backoff;
    this.deadline = deadline;
  }

  /** Decides about a step from what it ended with. */
  public RetryDecision decide(Throwable failure, Claim claim) {
    if (Causes.find(failure, RejectedExecutionException.class).isPresent()
        || Causes.find(failure, InterruptedException.class).isPresent()) {
      return at(Action.RELEASE, FailureReason.INTERNAL, "this node is stopping");
    }
    TransferException named = names.apply(failure, claim.stage());
    RetryDecision decision = judge(named, claim).about(named);
    return asksForPause(named, decision.reason(), claim.stage())
        ? decision.pausing(named.retryAfter().orElse(decision.in()))
        : decision;
  }

  /** A job that failed, and a courtesy, say nothing of what the payer bears. */
  private static boolean asksForPause(
      TransferException failure, FailureReason decided, Stage stage) {
    if (!stage.callsPayer()) {
      return stage == Stage.DELIVER && decided == FailureReason.SINK_BUSY;
    }
    return !stage.isCourtesy()
        && decided != FailureReason.JOB_FAILED
        && (decided == FailureReason.PAYER_BUSY || failure.retryAfter().isPresent());
  }

  private RetryDecision judge(TransferException failure, Claim claim) {
    if (failure.reason() == FailureReason.LEASE_LOST) {
      return at(Action.LEAVE, failure.reason(), failure.getMessage());
    }
    if (failure.reason().isOfTokens()) {
      return at(Action.HOLD, failure.reason(), failure.getMessage());
    }
    if (claim.stage().isPoll()
        && (failure.isFinalAnswer() || failure.reason() == FailureReason.BAD_ANSWER)) {
      return refusedPoll(failure, claim);
    }
    if (claim.stage().isCourtesy() && claim.attempts() + 1 >= MOST_COURTESIES) {
      return fail(failure.reason(), failure.getMessage());
    }
    return CAN_PASS.contains(failure.reason()) || failure.patience().isPresent()
        ? later(failure, claim)
        : fail(failure.reason(), failure.getMessage());
  }

  /**
   * The payer has said what becomes of the job, by a status or by something that is no answer. Some
   * gateways say so while they are in trouble themselves, and mean it after a while only.
   */
  private RetryDecision refusedPoll(TransferException failure, Claim job) {
    FailureReason reason =
        failure.isFinalAnswer() ? FailureReason.JOB_FAILED : FailureReason.BAD_ANSWER;
    if (job.refusedPolls() + 1 >= MOST_REFUSED_POLLS) {
      return fail(
          reason, "%s, %s polls in a row".formatted(failure.getMessage(), MOST_REFUSED_POLLS));
    }
    Duration asked = failure.retryAfter().orElse(Duration.ZERO);
    Duration atMost = asked.compareTo(backoff.longest()) < 0 ? asked : backoff.longest();
    return again(longer(backoff.after(job.refusedPolls()), atMost), reason, failure);
  }

  private RetryDecision later(TransferException failure, Claim claim) {
    Instant now = clock.instant();
    Duration ofAll = left(now, claim.failingSince(), deadline);
    Duration left =
        failure
            .patience()
            .map(patience -> left(now, claim.refusedSince(), patience))
            .filter(ofRefusals -> ofRefusals.compareTo(ofAll) < 0)
            .orElse(ofAll);
    boolean patient = BUSY.contains(failure.reason());
    if (!patient && (left.isZero() || left.isNegative())) {
      if (failure.patience().isPresent()) {
        return fail(failure.reason(), failure.getMessage());
      }
      return fail(
          FailureReason.RETRY_DEADLINE,
          "gave up after %s; last: %s, %s"
              .formatted(deadline, failure.reason(), failure.getMessage()));
    }
    Duration wait =
        longer(backoff.after(claim.attempts()), failure.retryAfter().orElse(Duration.ZERO));
    Duration in = patient || wait.compareTo(left) < 0 ? wait : left;
    return again(in, failure.reason(), failure);
  }

  private static Duration left(Instant now, Instant since, Duration time) {
    return since == null ? time : Duration.between(now, since.plus(time));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private static RetryDecision again(Duration in, FailureReason reason, TransferException failure) {
    return new RetryDecision(Action.RETRY, in, Duration.ZERO, reason, failure.getMessage());
  }

  private static RetryDecision fail(FailureReason reason, String detail) {
    return at(Action.FAIL, reason, detail);
  }

  private static RetryDecision at(Action action, FailureReason reason, String detail) {
    return new RetryDecision(action, Duration.ZERO, Duration.ZERO, reason, detail);
  }
}
