package org.payerexchange.auth;

import java.util.Map;

/** The id alone: the certificate of the connection shows who has it (RFC 8705, section 2.1). */
final class TlsClientAuth implements ClientAuthentication {
  @Override
  public Map<String, String> form(TokenClient client) {
    return Map.of("client_id", client.clientId());
  }
}
