package org.payerexchange.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.util.function.Suppliers;
import org.payerexchange.auth.TokenAnswer;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.TokenEndpoint;
import org.payerexchange.step.Causes;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The token endpoints as the route {@code request-token} calls them. */
public final class RouteTokenEndpoint implements TokenEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(RouteTokenEndpoint.class);

  private final SmartConfigurations configurations;
  private final Clock clock;
  private final Supplier<ProducerTemplate> template;

  /**
   * Uses {@code direct:request-token} of this context, once it is called for.
   *
   * @param configurations what is known of an endpoint, which a refusal puts in doubt
   * @param clock tells whether a former key is still good
   */
  public RouteTokenEndpoint(CamelContext context, SmartConfigurations configurations, Clock clock) {
    this.template = Suppliers.memorize(context::createProducerTemplate);
    this.configurations = configurations;
    this.clock = clock;
  }

  @Override
  public TokenAnswer request(TokenClient client) {
    try {
      TokenAnswer answer = ask(client);
      return answer != null && answer.isOfUnknownClient()
          ? askAsBefore(client).orElse(answer)
          : answer;
    } catch (TransferException none) {
      if (none.reason() != FailureReason.CREDENTIALS_UNUSABLE) {
        throw none;
      }
      TokenAnswer answer =
          askAsBefore(client).filter(RouteTokenEndpoint::holdsToken).orElseThrow(() -> none);
      LOG.warn("{}; the token is by the former key", none.getMessage());
      return answer;
    }
  }

  /**
   * Reads what the client's peer says of its token endpoint, as before a token, and asks for none.
   * Only what was read is kept, and that only if the client could go by it.
   *
   * @throws TransferException as {@link SmartConfigurations#applied}, or if that cannot be read
   */
  void discover(TokenClient client) {
    boolean usable = false;
    try {
      send("direct:find-token-endpoint", client, TokenClient.class);
      configurations.applied(client);
      usable = true;
    } finally {
      if (!usable) {
        configurations.forget(client);
      }
    }
  }

  /** With the former key, where there is one that is still good. */
  private Optional<TokenAnswer> askAsBefore(TokenClient client) {
    return client.withPreviousKey(clock.instant()).map(this::ask);
  }

  private static boolean holdsToken(TokenAnswer answer) {
    return answer != null && answer.accessToken() != null;
  }

  private TokenAnswer ask(TokenClient client) {
    TokenAnswer answer = null;
    try {
      answer = send("direct:request-token", client, TokenAnswer.class);
      return answer;
    } finally {
      if (!holdsToken(answer)) {
        configurations.forget(client);
      }
    }
  }

  private <T> T send(String route, TokenClient client, Class<T> answer) {
    try {
      return template.get().requestBody(route, client, answer);
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
}
