package org.payerexchange.delivery.fhir;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.client.api.IHttpRequest;
import ca.uhn.fhir.rest.client.api.IHttpResponse;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicReference;
import org.payerexchange.auth.AccessToken;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.Tokens;
import org.payerexchange.http.RetryAfter;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Puts the access token into requests to the FHIR server, and reads the answers that are not about
 * what was sent: 401, 429 and 503.
 */
@Interceptor
public final class FhirServerCalls {
  private final FhirServer server;
  private final Tokens tokens;
  private final Clock clock;
  private final AtomicReference<AccessToken> latest = new AtomicReference<>();

  /** For one server. */
  FhirServerCalls(FhirServer server, Tokens tokens, Clock clock) {
    this.server = server;
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * Adds the token, and asks for short answers.
   *
   * @throws TransferException if there is none: {@link FailureReason#SINK_BUSY}, {@link
   *     FailureReason#SINK_UNAVAILABLE} or one {@linkplain FailureReason#isOfTokens of tokens}
   */
  @Hook(Pointcut.CLIENT_REQUEST)
  public void prepare(IHttpRequest request) {
    request.addHeader("Prefer", "return=minimal");
    if (!server.bearer().isEmpty()) {
      request.addHeader("Authorization", "Bearer " + server.bearer());
    } else {
      server
          .credentials()
          .ifPresent(
              client -> {
                AccessToken token = token(client);
                latest.set(token);
                request.addHeader("Authorization", "Bearer " + token.value());
              });
    }
  }

  /** To the ledger the token endpoint is a part of the sink. */
  private AccessToken token(TokenClient client) {
    try {
      return tokens.get(client);
    } catch (TransferException none) {
      FailureReason reason =
          switch (none.reason()) {
            case PAYER_BUSY -> FailureReason.SINK_BUSY;
            case TOKEN_REFUSED, CREDENTIALS_UNUSABLE -> none.reason();
            default -> FailureReason.SINK_UNAVAILABLE;
          };
      throw new TransferException(reason, none.getMessage(), none)
          .withRetryAfter(none.retryAfter());
    }
  }

  /**
   * Looks at the status.
   *
   * @throws TransferException {@link FailureReason#SINK_BUSY} with its Retry-After, or {@link
   *     FailureReason#SINK_UNAVAILABLE} if the token was refused, which is replaced
   */
  @Hook(Pointcut.CLIENT_RESPONSE)
  public void read(IHttpResponse response) {
    int status = response.getStatus();
    if (status == 429 || status == 503) {
      throw new TransferException(
              FailureReason.SINK_BUSY, "the FHIR server answered %s".formatted(status))
          .withRetryAfter(
              RetryAfter.parse(header(response, "Retry-After"), header(response, "Date"), clock));
    }
    if (status == 401) {
      AccessToken refused = latest.get();
      if (refused != null) {
        server.credentials().ifPresent(client -> tokens.refused(client, refused));
      }
      throw new TransferException(
          FailureReason.SINK_UNAVAILABLE, "the FHIR server refused the access token (401)");
    }
  }

  private static String header(IHttpResponse response, String name) {
    return response.getHeaders(name).stream().findFirst().orElse(null);
  }
}
