package org.payerexchange.auth;

import java.util.Map;

/** What a client adds to its token requests to show who it is; one class for each way. */
public interface ClientAuthentication {
  /** The way that is configured for this client. */
  static ClientAuthentication of(TokenClient client) {
    return switch (client.tokenAuth()) {
      case CLIENT_SECRET_POST -> new ClientSecretPost();
      case CLIENT_SECRET_BASIC -> new ClientSecretBasic();
    };
  }

  /** Fields of the form, in their order and not encoded yet. */
  Map<String, String> form(TokenClient client);

  /** Headers of the request. */
  Map<String, String> headers(TokenClient client);
}
