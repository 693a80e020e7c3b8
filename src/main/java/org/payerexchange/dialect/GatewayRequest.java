package org.payerexchange.dialect;

import java.net.URI;
import java.util.Map;

/**
 * A request as a gateway wants it, before it is known who is called and with which token.
 *
 * @param method the HTTP method
 * @param path below the base URL, with its query
 * @param headers such as {@code Accept}, the body's type apart
 * @param body may hold PHI; null for none
 * @param contentType the body's type, null without a body
 */
public record GatewayRequest(
    String method, String path, Map<String, String> headers, String body, String contentType) {
  /** Keeps a copy. */
  public GatewayRequest {
    headers = Map.copyOf(headers);
  }

  /**
   * Where it goes.
   *
   * @param baseUrl the payer's, without a trailing slash
   */
  public URI at(URI baseUrl) {
    return URI.create(baseUrl + path);
  }

  /** Neither path nor body: they may hold ids and PHI. */
  @Override
  public String toString() {
    return "GatewayRequest[%s]".formatted(method);
  }
}
