package org.payerexchange.http;

import ca.uhn.fhir.parser.DataFormatException;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.payerexchange.http.RetryDecision.Action;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.step.Backoff;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;
import org.payerexchange.step.TransferException;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * The one place that decides whether a step that did not succeed is tried again. What can pass (no
 * answer, 408, 425, 429, 5xx, a broken body, a sink or a ledger that is away) backs off with jitter
 * until the deadline, in which the time of holds does not count, or without one where the other
 * side asks for a pause; its Retry-After goes before the own delay; a token endpoint that refuses
 * the client has the step wait; anything else fails at once. Two kinds have numbers of their own:
 * polls that a payer answers with a job's failure, and releases.
 */
public final class Retryability {
  private static final Set<FailureReason> CAN_PASS =
      EnumSet.of(
          FailureReason.PAYER_UNAVAILABLE,
          FailureReason.PAYER_BUSY,
          FailureReason.BAD_ANSWER,
          FailureReason.SINK_UNAVAILABLE,
          FailureReason.SINK_BUSY);

  /** Who answers so is there, and gets as many pauses as it asks for. */
  private static final Set<FailureReason> BUSY =
      EnumSet.of(FailureReason.PAYER_BUSY, FailureReason.SINK_BUSY);

  /** How often in a row a payer may answer for a job that it will not be had. */
  public static final int MOST_REFUSED_POLLS = 8;

  /** How often a courtesy, such as a job's release, is tried. */
  private static final int MOST_COURTESIES = 5;

  private final Clock clock;
  private final Backoff backoff;
  private final Duration deadline;

  /**
   * The bean {@code retryability}.
   *
   * @param clock tells how long a step has been failing
   * @param minDelay the delay after the first failure
   * @param maxDelay the longest delay, unless the other side asks for a longer one
   * @param deadline how long a step may go on failing
   */
  public Retryability(Clock clock, Duration minDelay, Duration maxDelay, Duration deadline) {
    this(clock, new Backoff(minDelay, maxDelay), deadline);
  }

  Retryability(Clock clock, Backoff backoff, Duration deadline) {
    this.clock = clock;
    this.backoff = backoff;
    this.deadline = deadline;
  }

  /** Decides about a step from what it ended with. */
  public RetryDecision decide(Throwable failure, Claim claim) {
    if (Causes.find(failure, RejectedExecutionException.class).isPresent()
        || Causes.find(failure, InterruptedException.class).isPresent()) {
      return new RetryDecision(
          Action.RELEASE, Duration.ZERO, FailureReason.INTERNAL, "this node is stopping");
    }
    TransferException known = name(failure, claim.stage());
    if (known.reason() == FailureReason.LEASE_LOST) {
      return new RetryDecision(Action.LEAVE, Duration.ZERO, known.reason(), known.getMessage());
    }
    if (known.reason() == FailureReason.TOKEN_REFUSED) {
      return new RetryDecision(Action.HOLD, Duration.ZERO, known.reason(), known.getMessage());
    }
    if (claim.stage() == Stage.EXPORT_POLL
        && (known.isFinalAnswer() || known.reason() == FailureReason.BAD_ANSWER)) {
      return refusedPoll(known, (ExportJobClaim) claim);
    }
    if (claim.stage().isCourtesy() && claim.attempts() + 1 >= MOST_COURTESIES) {
      return fail(known.reason(), known.getMessage());
    }
    boolean canPass =
        CAN_PASS.contains(known.reason())
            || known.patience().isPresent()
            || Causes.find(failure, DataAccessException.class).isPresent()
            || Causes.find(failure, TransactionException.class).isPresent();
    return canPass ? later(known, claim) : fail(known.reason(), known.getMessage());
  }

  /**
   * The payer has said what becomes of the job, by a status or by something that is no answer. Some
   * gateways say so while they are in trouble themselves, and mean it after a while only.
   */
  private RetryDecision refusedPoll(TransferException failure, ExportJobClaim job) {
    FailureReason reason =
        failure.isFinalAnswer() ? FailureReason.JOB_FAILED : FailureReason.BAD_ANSWER;
    if (job.refusedPolls() + 1 >= MOST_REFUSED_POLLS) {
      return fail(
          reason, "%s, %d polls in a row".formatted(failure.getMessage(), MOST_REFUSED_POLLS));
    }
    Duration asked = failure.retryAfter().orElse(Duration.ZERO);
    Duration atMost = asked.compareTo(backoff.longest()) < 0 ? asked : backoff.longest();
    return new RetryDecision(
        Action.RETRY,
        longer(backoff.after(job.refusedPolls()), atMost),
        reason,
        failure.getMessage());
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
    return new RetryDecision(Action.RETRY, in, failure.reason(), failure.getMessage());
  }

  private static Duration left(Instant now, Instant since, Duration time) {
    return since == null ? time : Duration.between(now, since.plus(time));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private static RetryDecision fail(FailureReason reason, String detail) {
    return new RetryDecision(Action.FAIL, Duration.ZERO, reason, detail);
  }

  /** The failure in our own words: messages of other libraries may quote PHI. */
  private TransferException name(Throwable failure, Stage stage) {
    return Causes.find(failure, TransferException.class)
        .or(() -> fromHttpSink(failure))
        .orElseGet(() -> byType(failure, stage));
  }

  private Optional<TransferException> fromHttpSink(Throwable failure) {
    return Causes.find(failure, HttpOperationFailedException.class)
        .map(
            answer -> {
              int status = answer.getStatusCode();
              return new TransferException(
                      sinkReason(status), "the delivery target answered %d".formatted(status))
                  .withRetryAfter(RetryAfter.parse(retryAfterOf(answer), clock));
            });
  }

  private static FailureReason sinkReason(int status) {
    if (status == 429 || status == 503) {
      return FailureReason.SINK_BUSY;
    }
    return status == 408 || status == 425 || status >= 500
        ? FailureReason.SINK_UNAVAILABLE
        : FailureReason.SINK_REFUSED;
  }

  private static String retryAfterOf(HttpOperationFailedException answer) {
    return answer.getResponseHeaders() == null
        ? null
        : answer.getResponseHeaders().entrySet().stream()
            .filter(header -> header.getKey().equalsIgnoreCase("Retry-After"))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(null);
  }

  private static TransferException byType(Throwable failure, Stage stage) {
    String type = Causes.innermost(failure).getClass().getSimpleName();
    if (Causes.find(failure, DataAccessException.class).isPresent()
        || Causes.find(failure, TransactionException.class).isPresent()) {
      return new TransferException(FailureReason.INTERNAL, "the ledger is away (" + type + ")");
    }
    if (stage == Stage.DELIVER || stage == Stage.OUTCOME) {
      return new TransferException(
          FailureReason.SINK_UNAVAILABLE, "the delivery target did not take it (" + type + ")");
    }
    if (Causes.find(failure, JsonProcessingException.class).isPresent()
        || Causes.find(failure, DataFormatException.class).isPresent()) {
      return new TransferException(
          FailureReason.BAD_ANSWER, "the answer is not the JSON that was expected (" + type + ")");
    }
    if (Causes.find(failure, IOException.class).isPresent()) {
      return new TransferException(
          FailureReason.PAYER_UNAVAILABLE, "no answer, or one that broke off (" + type + ")");
    }
    return new TransferException(FailureReason.INTERNAL, "unexpected " + type);
  }
}
