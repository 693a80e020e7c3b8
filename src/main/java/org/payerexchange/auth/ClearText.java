package org.payerexchange.auth;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * HTTP without TLS, in which whoever listens on the way reads members' data and secrets. On this
 * machine nobody does; elsewhere it takes a word of the operator, {@code allow-http=true}.
 */
public final class ClearText {
  /** Why such a host is not taken for one to call. */
  public static final String NO_UNDERSCORE =
      "a host with an underscore is never called; name it by its address, or by a name without one";

  /** Names and literal addresses alone: what DNS says of another name may change. */
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?(::1|(0{1,4}:){7}0{0,3}1)]?");

  private ClearText() {}

  /** Whether a URL is called without TLS, and on another machine than this. */
  public static boolean leavesThisMachine(URI url) {
    return "http".equalsIgnoreCase(url.getScheme()) && !isLoopback(url.getHost());
  }

  /** Whether a host's name or address is this machine's own. */
  public static boolean isLoopback(String host) {
    return host != null && LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }

  /**
   * Checks the URL of something that we call.
   *
   * @param keys what its configuration keys begin with: {@code p2p.payers.bison}
   * @param key the URL's own: {@code base-url}
   * @param url null if there is none
   * @param allowHttp whether it may be called without TLS on another machine
   * @throws IllegalArgumentException naming the key, if it is no such URL
   */
  public static void requireUrl(String keys, String key, URI url, boolean allowHttp) {
    if (url == null) {
      throw new IllegalArgumentException("%s.%s is missing".formatted(keys, key));
    }
    if (url.getHost() == null && String.valueOf(url.getRawAuthority()).indexOf('_') >= 0) {
      throw new IllegalArgumentException("%s.%s: %s".formatted(keys, key, NO_UNDERSCORE));
    }
    if (!("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
        || url.getHost() == null
        || url.getRawUserInfo() != null
        || url.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "%s.%s must be an absolute http or https URL without user or fragment"
              .formatted(keys, key));
    }
    if (!allowHttp && leavesThisMachine(url)) {
      throw new IllegalArgumentException(
          "%s.%s %s".formatted(keys, key, refusal(keys + ".allow-http")));
    }
  }

  /**
   * What is wrong with such a URL.
   *
   * @param allowHttp the key that would allow it
   */
  public static String refusal(String allowHttp) {
    return "is http, so that members' data and secrets would leave this machine in clear text: make it https, or set %s=true"
        .formatted(allowHttp);
  }
}
