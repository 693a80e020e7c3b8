package org.payerexchange.http;

import ca.uhn.fhir.parser.DataFormatException;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.payerexchange.step.Causes;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;
import org.payerexchange.step.TransferException;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Failures in our own words: messages of other libraries may quote PHI. */
public final class FailureNames {
  private final Clock clock;

  /**
   * Names them.
   *
   * @param clock tells how far away a date in Retry-After is
   */
  public FailureNames(Clock clock) {
    this.clock = clock;
  }

  /** What a step of this kind ended with. */
  public TransferException name(Throwable failure, Stage stage) {
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
      return new TransferException(
          FailureReason.LEDGER_UNAVAILABLE, "the ledger is away (" + type + ")");
    }
    if (!stage.callsPayer()) {
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
