package org.payerexchange.http;

import ca.uhn.fhir.parser.DataFormatException;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.hc.core5.http.NotImplementedException;
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
        .map(named -> named.isFinalAnswer() ? told(named, stage) : named)
        .or(() -> fromHttpSink(failure))
        .orElseGet(() -> byType(failure, stage));
  }

  private static TransferException told(TransferException refusal, Stage stage) {
    String keys = refusal.reason() == FailureReason.PAYER_REFUSED ? keys(stage) : "";
    return refusal.askedFor(asked(stage) + (keys.isEmpty() ? "" : ": look at " + keys));
  }

  private static String asked(Stage stage) {
    return switch (stage) {
      case MEMBER_MATCH -> "the match";
      case MATCH_BATCH -> "the match of many members";
      case MATCH_POLL -> "the request for the match's status or result";
      case EXPORT_KICKOFF -> "the kick-off of the export";
      case EXPORT_POLL -> "the request for the export's status";
      case RETRIEVE -> "the request for the member's data";
      case DOWNLOAD -> "the request for a file";
      case RELEASE -> "the release of the job";
      case SPLIT, SPLIT_TYPES, DELIVER, OUTCOME -> "what was asked";
    };
  }

  /** The payer's keys that are often why; a job may have failed whatever is set. */
  private static String keys(Stage stage) {
    return switch (stage) {
      case MEMBER_MATCH, MATCH_BATCH -> "base-url, scope and extra-headers";
      case EXPORT_KICKOFF ->
          "scope, type, type-filter, extra-headers and, with dialect=pdex, export-type and patient-join";
      case RETRIEVE -> "scope and retrieval";
      case MATCH_POLL, EXPORT_POLL, DOWNLOAD, RELEASE, SPLIT, SPLIT_TYPES, DELIVER, OUTCOME -> "";
    };
  }

  private Optional<TransferException> fromHttpSink(Throwable failure) {
    return Causes.find(failure, HttpOperationFailedException.class)
        .map(
            answer -> {
              int status = answer.getStatusCode();
              return new TransferException(
                      sinkReason(status), "the delivery target answered %s".formatted(status))
                  .withRetryAfter(
                      RetryAfter.parse(
                          header(answer, "Retry-After"), header(answer, "Date"), clock));
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

  private static String header(HttpOperationFailedException answer, String name) {
    return answer.getResponseHeaders() == null
        ? null
        : answer.getResponseHeaders().entrySet().stream()
            .filter(header -> header.getKey().equalsIgnoreCase(name))
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
    if (Causes.find(failure, NotImplementedException.class).isPresent()) {
      return new TransferException(
          FailureReason.PAYER_REFUSED,
          "the answer comes in a Transfer-Encoding other than chunked, which was not asked for");
    }
    if (Causes.find(failure, IOException.class).isPresent()) {
      return Causes.find(failure, NothingSent.class).isPresent()
          ? new TransferException(
                  FailureReason.PAYER_UNAVAILABLE, "no connection, nothing was sent (" + type + ")")
              .asUnsent()
          : new TransferException(
              FailureReason.PAYER_UNAVAILABLE, "no answer, or one that broke off (" + type + ")");
    }
    return new TransferException(FailureReason.INTERNAL, "unexpected " + type);
  }
}
