package org.payerexchange.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
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
      IntStream.concat(IntStream.of(200, 201), IntStream.range(400, 500))
          .filter(status -> status != 408 && status != 425 && status != 429)
          .boxed()
          .collect(Collectors.toUnmodifiableSet());

  /** The form, with the client's credentials there or in a header. */
  public PayerRequest request(TokenClient client) {
    ClientAuthentication way = ClientAuthentication.of(client);
    Map<String, String> form = new LinkedHashMap<>(way.form(client));
    Map<String, String> headers = new HashMap<>(way.headers(client));
    headers.put("Accept", "application/json");
    form.put("grant_type", "client_credentials");
    if (!client.scope().isEmpty()) {
      form.put("scope", client.scope());
    }
    return new PayerRequest(
        new TokenPeer(client),
        "POST",
        client.tokenUrl(),
        false,
        headers,
        encoded(form),
        "application/x-www-form-urlencoded",
        ANSWERED,
        false);
  }

  /**
   * Tells that the endpoint refused the client, with the error code that it gave.
   *
   * @throws TransferException {@link FailureReason#TOKEN_REFUSED}, always
   */
  @SuppressWarnings("DoNotCallSuggester")
  public void refused(InputStream body, int status) throws IOException {
    throw new TransferException(
        FailureReason.TOKEN_REFUSED,
        "the token endpoint refused the client: %d%s".formatted(status, code(body)));
  }

  private static String code(InputStream body) throws IOException {
    try {
      String code = TokenAnswer.of(JsonLimits.mapper().readTree(body)).error();
      return code == null ? "" : " " + code;
    } catch (JsonProcessingException notJson) {
      return "";
    }
  }

  private static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(
            field ->
                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }
}
