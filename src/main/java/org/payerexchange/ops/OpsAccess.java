package org.payerexchange.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.regex.Pattern;
import org.apache.camel.Header;

/**
 * Decides who may call the ops API. With a key: whoever sends it. Without one, the API listens on
 * loopback only, and what remains is a foreign web page in a browser on the same machine: it is
 * told by its {@code Origin}, or by the {@code Host} that it had to give the address another name
 * with.
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

  /**
   * Lets a request pass.
   *
   * @throws OpsRefusal 401 without the right key, 403 for a request that a foreign web page made
   */
  public void check(
      @Header("Authorization") String authorization,
      @Header("Host") String host,
      @Header("Origin") String origin) {
    if (!apiKey.isEmpty()) {
      requireKey(authorization);
    } else if (isForeign(origin, host) || (host != null && !LOOPBACK.matcher(host).matches())) {
      throw new OpsRefusal(403, "not for other web pages");
    }
  }

  /** Our own page's origin is the very address that it calls. */
  private static boolean isForeign(String origin, String host) {
    return origin != null && !origin.equals("http://" + host);
  }

  private void requireKey(String authorization) {
    boolean bearer =
        authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length());
    String given = bearer ? authorization.substring(BEARER.length()).strip() : "";
    if (!MessageDigest.isEqual(given.getBytes(UTF_8), apiKey.getBytes(UTF_8))) {
      throw new OpsRefusal(401, "the API key is missing or wrong");
    }
  }
}
