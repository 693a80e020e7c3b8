package org.payerexchange.auth;

import java.util.LinkedHashMap;
import java.util.Map;

/** Id and secret as fields of the form, as the 1upHealth page prints it. */
final class ClientSecretPost implements ClientAuthentication {
  @Override
  public Map<String, String> form(TokenClient client) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("client_id", client.clientId());
    fields.put("client_secret", client.credentials().secret().value());
    return fields;
  }
}
