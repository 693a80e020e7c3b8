package org.payerexchange.payer;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The host that a URL names. A name with an underscore is one as well, as containers and the
 * upstreams of proxies have them, though {@link URI} sees no host in it.
 *
 * @param name in small letters
 * @param port negative where none is named
 */
record NamedHost(String name, int port) {
  private static final Pattern WITH_UNDERSCORE =
      Pattern.compile("([A-Za-z0-9.-]*_[A-Za-z0-9._-]*)(?::(\\d{0,5}))?");

  /** Empty where there is none, or a user before it. */
  static Optional<NamedHost> of(URI url) {
    if (url.getHost() != null) {
      return url.getRawUserInfo() == null
          ? Optional.of(new NamedHost(url.getHost().toLowerCase(Locale.ROOT), url.getPort()))
          : Optional.empty();
    }
    return Optional.ofNullable(url.getRawAuthority())
        .map(WITH_UNDERSCORE::matcher)
        .filter(Matcher::matches)
        .map(named -> new NamedHost(named.group(1).toLowerCase(Locale.ROOT), port(named.group(2))));
  }

  private static int port(String digits) {
    return digits == null || digits.isEmpty() ? -1 : Integer.parseInt(digits);
  }

  /** Of a URL that has a host. */
  static NamedHost in(URI url) {
    return of(url).orElseThrow();
  }

  /** No request goes to a name with an underscore: not every HTTP client and server bears it. */
  boolean isCalled() {
    return name.indexOf('_') < 0;
  }

  boolean hasPort() {
    return port >= 0;
  }
}
