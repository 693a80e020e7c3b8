package org.payerexchange.auth;

import java.time.Clock;
import java.util.Map;

/** What a client adds to its token requests to show who it is; one class for each way. */
public interface ClientAuthentication {
  /**
   * The way of this client.
   *
   * @param clock tells until when an assertion is good
   * @throws IllegalArgumentException if it is not decided yet
   */
  static ClientAuthentication of(TokenClient client, Clock clock) {
    return switch (client.tokenAuth()) {
      case CLIENT_SECRET_POST -> new ClientSecretPost();
      case CLIENT_SECRET_BASIC -> new ClientSecretBasic();
      case PRIVATE_KEY_JWT -> new PrivateKeyJwt(clock);
      case TLS_CLIENT_AUTH -> new TlsClientAuth();
      case AUTO ->
          throw new IllegalArgumentException("%s.token-auth is open".formatted(client.keys()));
    };
  }

  /**
   * Fields of the form, in their order and not encoded yet.
   *
   * @throws IllegalArgumentException naming the key of a file that cannot be used
   */
  Map<String, String> form(TokenClient client);

  /**
   * Headers of the request.
   *
   * @throws IllegalArgumentException naming the key of a file that cannot be used
   */
  default Map<String, String> headers(TokenClient client) {
    return Map.of();
  }
}
