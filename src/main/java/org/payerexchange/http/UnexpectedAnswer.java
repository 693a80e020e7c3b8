package org.payerexchange.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * What a status means that the caller did not ask for. Of the body only an OperationOutcome's codes
 * are told: its texts may hold PHI.
 */
final class UnexpectedAnswer {
  private static final int MAX_BYTES = 64 * 1024;
  private static final Set<Integer> OF_LOAD = Set.of(400, 409, 503);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final PayerRequest request;
  private final int status;
  private final byte[] said;

  /**
   * A status.
   *
   * @param said as {@link #read} gives it
   */
  UnexpectedAnswer(PayerRequest request, int status, byte[] said) {
    this.request = request;
    this.status = status;
    this.said = said;
  }

  /** The body; nothing where it is longer than a payer's words are, or cannot be read. */
  static byte[] read(AnswerBody body, Clock clock) {
    try {
      return body.readWhole(MAX_BYTES, TIMEOUT, clock);
    } catch (IOException | TransferException unreadable) {
      return new byte[0];
    }
  }

  TransferException failure(String retryAfter, String date, Clock clock) {
    Optional<Duration> wait = RetryAfter.parse(retryAfter, date, clock);
    Optional<OutcomeCodes> codes = codes();
    String message =
        "%s answered %s%s"
            .formatted(request.peer().what(), status, codes.map(OutcomeCodes::text).orElse(""));
    TransferException failure =
        new TransferException(reason(wait.isPresent(), codes), message).withRetryAfter(wait);
    return !request.peer().isOfTokens() && isFinal(failure.reason(), codes)
        ? failure.asFinalAnswer()
        : failure;
  }

  private static boolean mayPass(Optional<OutcomeCodes> codes) {
    return codes.map(OutcomeCodes::mayPass).orElse(false);
  }

  private FailureReason reason(boolean asksToWait, Optional<OutcomeCodes> codes) {
    if (status == 429 || (status == 503 && asksToWait) || startsNoMore("throttled", codes)) {
      return FailureReason.PAYER_BUSY;
    }
    return status == 408
            || status == 425
            || status >= 500
            || (mayPass(codes) && status != 401)
            || (request.kind() == RequestKind.KICK_OFF && startsNoMore("too-costly", codes))
        ? FailureReason.PAYER_UNAVAILABLE
        : FailureReason.PAYER_REFUSED;
  }

  /** A payer that has too many jobs takes another on once some have ended. */
  private boolean startsNoMore(String code, Optional<OutcomeCodes> codes) {
    return request.startsJob()
        && OF_LOAD.contains(status)
        && codes.filter(outcome -> outcome.has(code)).isPresent();
  }

  /** A 401 is about the token; without an OperationOutcome a 5xx may be anybody's on the way. */
  private boolean isFinal(FailureReason reason, Optional<OutcomeCodes> codes) {
    return switch (reason) {
      case PAYER_REFUSED -> status >= 400 && status != 401;
      case PAYER_UNAVAILABLE ->
          status >= 500 && codes.filter(OutcomeCodes::isOutcome).isPresent() && !mayPass(codes);
      default -> false;
    };
  }

  private Optional<OutcomeCodes> codes() {
    try {
      return Optional.of(OutcomeCodes.read(new ByteArrayInputStream(said), request.body()));
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }
}
