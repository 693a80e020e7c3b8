package org.payerexchange.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Base64;
import java.util.Map;

/** Id and secret by HTTP Basic, each form-encoded before (RFC 6749, section 2.3.1) or raw. */
final class ClientSecretBasic implements ClientAuthentication {
  @Override
  public Map<String, String> form(TokenClient client) {
    return Map.of();
  }

  @Override
  public Map<String, String> headers(TokenClient client) {
    String credentials =
        encoded(client, client.clientId())
            + ":"
            + encoded(client, client.credentials().secret().value());
    return Map.of(
        "Authorization",
        "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8)));
  }

  private static String encoded(TokenClient client, String text) {
    return client.encodeCredentials() ? URLEncoder.encode(text, UTF_8) : text;
  }
}
