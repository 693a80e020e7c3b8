package org.payerexchange.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Base64;
import java.util.Map;
import org.payerexchange.payer.Payer;

/** Id and secret by HTTP Basic, each form-encoded before (RFC 6749, section 2.3.1) or raw. */
final class ClientSecretBasic implements ClientAuthentication {
  @Override
  public Map<String, String> form(Payer client) {
    return Map.of();
  }

  @Override
  public Map<String, String> headers(Payer client) {
    String credentials =
        encoded(client, client.clientId()) + ":" + encoded(client, client.clientSecret());
    return Map.of(
        "Authorization",
        "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8)));
  }

  private static String encoded(Payer client, String text) {
    return client.encodeCredentials() ? URLEncoder.encode(text, UTF_8) : text;
  }
}
