package org.payerexchange.http;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.payerexchange.dialect.GatewayRequest;
import org.payerexchange.payer.Peer;

/**
 * One request to a payer or a token endpoint: what goes into {@code direct:call-payer}. Nothing but
 * what stands here travels; no header of the Camel message does.
 *
 * @param kind what it is for
 * @param peer who is called
 * @param method the HTTP method
 * @param url where, already checked by {@link org.payerexchange.payer.PayerUrls}; sent byte for
 *     byte
 * @param token whether the peer's access token goes with it
 * @param headers the request's other headers, such as {@code Accept}; {@code Authorization} in a
 *     token request alone
 * @param body the request's body, which may hold PHI; null for none
 * @param contentType the body's type, null without a body
 * @param expected the statuses that the caller handles; any other ends in a {@link
 *     org.payerexchange.step.TransferException}
 * @param streamed true: the answer's body is a live stream that the caller must close; false: it is
 *     read before the call returns, within {@code p2p.http.max-answer-bytes} and {@code
 *     p2p.http.answer-timeout}
 * @param ownPacking whether an answer that is gzip may be what was asked for: nothing is unpacked
 *     but what its {@code Content-Encoding} tells
 */
public record PayerRequest(
    RequestKind kind,
    Peer peer,
    String method,
    URI url,
    boolean token,
    Map<String, String> headers,
    String body,
    String contentType,
    Set<Integer> expected,
    boolean streamed,
    boolean ownPacking) {
  /** What was asked for, all of it; 203 where a proxy has changed something of it. */
  public static final Set<Integer> WHOLE = Set.of(200, 203);

  /** Keeps copies. */
  public PayerRequest {
    headers = Map.copyOf(headers);
    expected = Set.copyOf(expected);
  }

  /** A GET for what has become of a job; it carries the payer's token. */
  public static PayerRequest get(
      Peer peer, URI url, Map<String, String> headers, Set<Integer> expected) {
    return get(peer, url, true, headers, expected);
  }

  /**
   * The same.
   *
   * @param token whether it carries the payer's token
   */
  public static PayerRequest get(
      Peer peer, URI url, boolean token, Map<String, String> headers, Set<Integer> expected) {
    return new PayerRequest(
        RequestKind.POLL, peer, "GET", url, token, headers, null, null, expected, false, false);
  }

  /** A DELETE of a job; it carries the payer's token, and the answer's body is of no interest. */
  public static PayerRequest delete(Peer peer, URI url, Set<Integer> expected) {
    return new PayerRequest(
        RequestKind.RELEASE,
        peer,
        "DELETE",
        url,
        true,
        Map.of(),
        null,
        null,
        expected,
        false,
        false);
  }

  /**
   * A request in the words of a dialect, which carries the payer's token.
   *
   * @param streamed whether the answer's body is a live stream that the caller must close
   */
  public static PayerRequest of(
      RequestKind kind,
      Peer peer,
      GatewayRequest request,
      Set<Integer> expected,
      boolean streamed) {
    return new PayerRequest(
        kind,
        peer,
        request.method(),
        request.at(peer.baseUrl()),
        true,
        request.headers(),
        request.body(),
        request.contentType(),
        expected,
        streamed,
        false);
  }

  /** A GET, such as that of a file, whose answer is a live stream that the caller must close. */
  public static PayerRequest live(
      RequestKind kind,
      Peer peer,
      URI url,
      boolean token,
      Map<String, String> headers,
      Set<Integer> expected) {
    return new PayerRequest(
        kind, peer, "GET", url, token, headers, null, null, expected, true, false);
  }

  /** The same request for what may be gzip by itself. */
  public PayerRequest withOwnPacking() {
    return new PayerRequest(
        kind, peer, method, url, token, headers, body, contentType, expected, streamed, true);
  }

  /** Whether it asks for a job, which a payer that has many may put off. */
  boolean startsJob() {
    return headers.getOrDefault("Prefer", "").startsWith("respond-async");
  }

  /** The same request for whatever media type there is. */
  PayerRequest takingAny() {
    Map<String, String> others = new HashMap<>(headers);
    others.put("Accept", "*/*");
    return new PayerRequest(
        kind, peer, method, url, token, others, body, contentType, expected, streamed, ownPacking);
  }

  /** The same request at another URL: the next hop of a redirect. */
  PayerRequest redirected(URI hop, boolean withToken) {
    return new PayerRequest(
        kind,
        peer,
        method,
        hop,
        withToken,
        headers,
        body,
        contentType,
        expected,
        streamed,
        ownPacking);
  }

  /** Neither body nor headers nor path: the first is PHI, the others may hold ids. */
  @Override
  public String toString() {
    return "PayerRequest[%s, %s]".formatted(peer.what(), method);
  }
}
