package org.payerexchange.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.payerexchange.auth.ClientAuthentication;
import org.payerexchange.auth.TokenAnswer;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.payer.TokenPeer;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** The token request of RFC 6749, section 4.4. */
public final class TokenRequests {

  /** Any 4xx refuses the client, but for those that say when to ask again. */
  private static final Set<Integer> ANSWERED =
      IntStream.concat(IntStream.of(200, 201, 203), IntStream.range(400, 500))
          .filter(status -> status != 408 && status != 425 && status != 429)
          .boxed()
          .collect(Collectors.toUnmodifiableSet());

  private final SmartConfigurations configurations;
  private final Clock clock;

  /**
   * The bean {@code tokenRequests}.
   *
   * @param configurations where and how tokens are asked for, where it is not configured
   * @param clock tells until when an assertion is good
   */
  public TokenRequests(SmartConfigurations configurations, Clock clock) {
    this.configurations = configurations;
    this.clock = clock;
  }

  /**
   * The form, with the client's credentials there or in a header.
   *
   * @throws TransferException {@link FailureReason#CREDENTIALS_UNUSABLE} if a file with a secret or
   *     a key cannot be used, or its algorithm is not taken, {@link FailureReason#TOKEN_REFUSED} if
   *     the endpoint does not take the client's way
   */
  public PayerRequest request(TokenClient configured) {
    try {
      TokenClient client = configurations.applied(configured);
      ClientAuthentication way = ClientAuthentication.of(client, clock);
      return request(client, way.form(client), way.headers(client));
    } catch (IllegalArgumentException unusable) {
      throw new TransferException(
          FailureReason.CREDENTIALS_UNUSABLE, unusable.getMessage(), unusable);
    }
  }

  private static PayerRequest request(
      TokenClient client, Map<String, String> fields, Map<String, String> more) {
    Map<String, String> form = new LinkedHashMap<>(fields);
    Map<String, String> headers = new HashMap<>(more);
    headers.put("Accept", "application/json");
    form.put("grant_type", "client_credentials");
    if (!client.scope().isEmpty()) {
      form.put("scope", client.scope());
    }
    form.putAll(client.extras().parameters());
    return new PayerRequest(
        RequestKind.TOKEN,
        new TokenPeer(client),
        "POST",
        client.tokenUrl(),
        false,
        headers,
        encoded(form),
        "application/x-www-form-urlencoded",
        ANSWERED,
        false,
        false);
  }

  /** That the endpoint refused the client, with the error code that it gave. */
  public TokenAnswer refused(InputStream body, int status) throws IOException {
    try {
      return TokenAnswer.refusal(status, TokenAnswer.of(JsonLimits.mapper().readTree(body)));
    } catch (JsonProcessingException notJson) {
      return TokenAnswer.refusal(status, null);
    }
  }

  private static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(
            field ->
                URLEncoder.encode(field.getKey(), StandardCharsets.UTF_8)
                    + "="
                    + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }
}
