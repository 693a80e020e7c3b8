package org.payerexchange.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Clock;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.payerexchange.auth.TokenAnswer;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.TokenEndpoint;
import org.payerexchange.step.Causes;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** The token endpoints as the route {@code request-token} calls them. */
public final class RouteTokenEndpoint implements TokenEndpoint {
  private final CamelContext context;
  private final SmartConfigurations configurations;
  private final Clock clock;
  private ProducerTemplate template;

  /**
   * Uses {@code direct:request-token} of this context, once it is called for.
   *
   * @param configurations what is known of an endpoint, which a refusal puts in doubt
   * @param clock tells whether a former key is still good
   */
  public RouteTokenEndpoint(CamelContext context, SmartConfigurations configurations, Clock clock) {
    this.context = context;
    this.configurations = configurations;
    this.clock = clock;
  }

  @Override
  public TokenAnswer request(TokenClient client) {
    TokenAnswer answer = ask(client);
    return answer != null && answer.isOfUnknownClient()
        ? client.withPreviousKey(clock.instant()).map(this::ask).orElse(answer)
        : answer;
  }

  private TokenAnswer ask(TokenClient client) {
    TokenAnswer answer = null;
    try {
      answer = send(client);
      return answer;
    } finally {
      if (answer == null || answer.accessToken() == null) {
        configurations.forget(client);
      }
    }
  }

  private TokenAnswer send(TokenClient client) {
    try {
      return template().requestBody("direct:request-token", client, TokenAnswer.class);
    } catch (CamelExecutionException e) {
      throw Causes.find(e, TransferException.class)
          .map(RouteTokenEndpoint::named)
          .orElseGet(() -> unusable(client, e));
    }
  }

  /** Whatever answer may not change without us is a refusal: a wrong path, a redirect, a page. */
  private static TransferException named(TransferException failure) {
    return switch (failure.reason()) {
      case PAYER_REFUSED, FOREIGN_HOST, BAD_ANSWER ->
          new TransferException(
              FailureReason.TOKEN_REFUSED,
              "the token endpoint gives no token: " + failure.getMessage(),
              failure);
      case TOO_LARGE ->
          new TransferException(FailureReason.BAD_ANSWER, failure.getMessage(), failure);
      default -> failure;
    };
  }

  private static TransferException unusable(TokenClient client, Exception failure) {
    return new TransferException(
        Causes.find(failure, JsonProcessingException.class).isPresent()
            ? FailureReason.TOKEN_REFUSED
            : FailureReason.PAYER_UNAVAILABLE,
        "%s's token endpoint gave no usable answer (%s)"
            .formatted(client.what(), Causes.innermost(failure).getClass().getSimpleName()),
        failure.getCause());
  }

  private synchronized ProducerTemplate template() {
    if (template == null) {
      template = context.createProducerTemplate();
    }
    return template;
  }
}
