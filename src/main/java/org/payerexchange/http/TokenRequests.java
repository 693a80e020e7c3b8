package org.payerexchange.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.payerexchange.payer.FailureReason;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.TransferException;

/** The token request of RFC 6749, section 4.4, as the 1upHealth page prints it. */
public final class TokenRequests {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The form with the payer's client credentials; 400, 401 and 403 are refusals. */
  public PayerRequest request(Payer payer) {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("client_id", payer.clientId());
    form.put("client_secret", payer.clientSecret());
    form.put("grant_type", "client_credentials");
    if (!payer.scope().isEmpty()) {
      form.put("scope", payer.scope());
    }
    return new PayerRequest(
        payer,
        "POST",
        payer.tokenUrl(),
        false,
        Map.of("Accept", "application/json"),
        encoded(form),
        "application/x-www-form-urlencoded",
        Set.of(200, 400, 401, 403),
        false);
  }

  /**
   * Tells that the endpoint refused the client, with the error code that it gave.
   *
   * @throws TransferException {@link FailureReason#TOKEN_REFUSED}, always
   */
  @SuppressWarnings("DoNotCallSuggester")
  public void refused(InputStream body, @Header(Exchange.HTTP_RESPONSE_CODE) int status)
      throws IOException {
    throw new TransferException(
        FailureReason.TOKEN_REFUSED,
        "the token endpoint refused the client: %d%s".formatted(status, code(body)));
  }

  private static String code(InputStream body) throws IOException {
    try {
      JsonNode answer = JSON.readTree(body);
      String code = answer.path("error").asText();
      return code.matches("[a-z][a-z_]{0,39}") ? " " + code : "";
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
