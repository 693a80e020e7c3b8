package org.payerexchange.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Decides who may come in. With a key: whoever sends it, in the header {@code Authorization} and
 * nowhere else. Without one: who calls from this very machine, told by the socket's address; what
 * remains is a foreign web page in a browser here, which is told by its {@code Origin}, or by the
 * {@code Host} that it had to give the address another name with.
 */
public final class OpsAccess {
  private static final String BEARER = "Bearer ";
  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");

  private final String apiKey;

  /**
   * Guards with a key.
   *
   * @param apiKey {@code p2p.ops.api-key}; empty: none
   */
  public OpsAccess(String apiKey) {
    this.apiKey = apiKey == null ? "" : apiKey.strip();
  }

  /** Whether there is a key. */
  boolean hasKey() {
    return !apiKey.isEmpty();
  }

  /**
   * Looks at a request's head.
   *
   * @return 401 without the right key, 403 for a caller that is not here or a foreign web page;
   *     empty for who may come in
   */
  Optional<OpsRefusal> refusal(RequestHead head) {
    if (hasKey()) {
      return holdsKey(head.authorizations())
          ? Optional.empty()
          : Optional.of(new OpsRefusal(401, "the API key is missing or wrong"));
    }
    if (!head.isHere()) {
      return Optional.of(
          new OpsRefusal(403, "without p2p.ops.api-key only callers on this machine come in"));
    }
    return isForeign(head)
        ? Optional.of(new OpsRefusal(403, "not for other web pages"))
        : Optional.empty();
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

  /** Of two headers nobody knows which one counts. */
  private boolean holdsKey(List<String> authorizations) {
    if (authorizations.size() != 1) {
      return false;
    }
    String authorization = authorizations.get(0);
    boolean bearer = authorization.regionMatches(true, 0, BEARER, 0, BEARER.length());
    String given = bearer ? authorization.substring(BEARER.length()).strip() : "";
    return MessageDigest.isEqual(given.getBytes(UTF_8), apiKey.getBytes(UTF_8));
  }
}
