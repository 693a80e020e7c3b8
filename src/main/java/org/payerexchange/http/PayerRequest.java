package org.payerexchange.http;

import java.net.URI;
import java.util.Map;
import java.util.Set;
import org.payerexchange.payer.Payer;

/**
 * One request to a payer: what goes into {@code direct:call-payer}. Nothing but what stands here
 * travels; no header of the Camel message does.
 *
 * @param payer who is called
 * @param method the HTTP method
 * @param url where, already checked by {@link org.payerexchange.payer.PayerUrls}; sent byte for
 *     byte
 * @param token whether the payer's access token goes with it
 * @param headers the request's other headers, such as {@code Accept}; never {@code Authorization}
 * @param body the request's body, which may hold PHI; null for none
 * @param contentType the body's type, null without a body
 * @param expected the statuses that the caller handles; any other ends in a {@link
 *     org.payerexchange.payer.TransferException}
 */
public record PayerRequest(
    Payer payer,
    String method,
    URI url,
    boolean token,
    Map<String, String> headers,
    String body,
    String contentType,
    Set<Integer> expected) {

  /** Keeps copies. */
  public PayerRequest {
    headers = Map.copyOf(headers);
    expected = Set.copyOf(expected);
  }

  /** A GET that carries the payer's token. */
  public static PayerRequest get(
      Payer payer, URI url, Map<String, String> headers, Set<Integer> expected) {
    return new PayerRequest(payer, "GET", url, true, headers, null, null, expected);
  }

  /** Neither body nor headers nor path: the first is PHI, the others may hold ids. */
  @Override
  public String toString() {
    return "PayerRequest[%s, %s]".formatted(payer.id(), method);
  }
}
