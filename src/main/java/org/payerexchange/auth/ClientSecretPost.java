package org.payerexchange.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import org.payerexchange.payer.Payer;

/** Id and secret as fields of the form, as the 1upHealth page prints it. */
final class ClientSecretPost implements ClientAuthentication {
  @Override
  public Map<String, String> form(Payer client) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("client_id", client.clientId());
    fields.put("client_secret", client.clientSecret());
    return fields;
  }

  @Override
  public Map<String, String> headers(Payer client) {
    return Map.of();
  }
}
