package org.payerexchange.ops;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Decides who may come in. With keys: whoever sends one, in the header {@code Authorization} and
 * nowhere else. Without one: who calls from this very machine, told by the socket's address; what
 * remains is a foreign web page in a browser here, which is told by its {@code Origin}, or by the
 * {@code Host} that it had to give the address another name with.
 */
public final class OpsAccess {
  private static final String BEARER = "Bearer ";
  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");

  private final List<OpsKey> keys;

  /** Guards with these keys, if there are any. */
  public OpsAccess(List<OpsKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /** Whether there is a key. */
  boolean hasKey() {
    return !keys.isEmpty();
  }

  /**
   * Tells by a request's head whose key it comes with.
   *
   * @throws OpsRefusal 401 without a right key, 403 for a caller that is not here or a foreign web
   *     page
   */
  OpsKey caller(RequestHead head) {
    if (hasKey()) {
      return keyOf(head.authorizations());
    }
    if (!head.isHere()) {
      throw new OpsRefusal(403, "without p2p.ops.api-key only callers on this machine come in");
    }
    if (isForeign(head)) {
      throw new OpsRefusal(403, "not for other web pages");
    }
    return OpsKey.NONE;
  }

  /**
   * What a request's head says about who sends it.
   *
   * @param isHere whether the address at the other end of the socket is loopback
   * @param scheme {@code http} or {@code https}, as this connection has it
   * @param authorizations every header {@code Authorization}
   * @param hosts every header {@code Host}
   * @param origins every header {@code Origin}
   */
  record RequestHead(
      boolean isHere,
      String scheme,
      List<String> authorizations,
      List<String> hosts,
      List<String> origins) {}

  /** Our own page's origin is the very address that it calls. */
  private static boolean isForeign(RequestHead head) {
    if (head.hosts().size() > 1 || head.origins().size() > 1) {
      return true;
    }
    String host = head.hosts().isEmpty() ? null : head.hosts().get(0);
    return (host != null && !LOOPBACK.matcher(host).matches())
        || head.origins().stream().anyMatch(origin -> !origin.equals(head.scheme() + "://" + host));
  }

  private OpsKey keyOf(List<String> authorizations) {
    return given(authorizations)
        .flatMap(given -> keys.stream().filter(key -> key.is(given)))
        .findFirst()
        .orElseThrow(() -> new OpsRefusal(401, "the API key is missing or wrong"));
  }

  /** Of two headers nobody knows which one counts. */
  private static Stream<String> given(List<String> authorizations) {
    return authorizations.size() == 1
            && authorizations.get(0).regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? Stream.of(authorizations.get(0).substring(BEARER.length()).strip())
        : Stream.empty();
  }
}
