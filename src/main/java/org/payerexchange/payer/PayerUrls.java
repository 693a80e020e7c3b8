package org.payerexchange.payer;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * Where a URL that stands in a payer's answer may lead. A URL on an alias host is reached at the
 * base URL's origin, path and query untouched; a URL on the base URL's origin or on a trusted host
 * is reached as it is; no other host gets any request.
 */
public final class PayerUrls {
  private static final String LEGAL_BESIDES_LETTERS_AND_DIGITS = "-._~:/?#[]@!$&'()*+,;=%";

  private PayerUrls() {}

  /**
   * Turns a URL of an answer into the one to call.
   *
   * @param payer whose answer it is
   * @param url absolute, or relative to the payer's base URL
   * @throws TransferException {@link FailureReason#FOREIGN_HOST} if it leads to a host that is
   *     neither the payer's nor trusted, {@link FailureReason#BAD_ANSWER} if it is no URL
   */
  public static URI resolve(Payer payer, String url) {
    return resolve(payer, payer.baseUrl(), url);
  }

  /**
   * Turns the target of a redirect into the one to call.
   *
   * @param payer whose answer it is
   * @param from the URL that was answered with the redirect
   * @param location the {@code Location} header, absolute or relative to {@code from}
   * @throws TransferException as {@link #resolve(Payer, String)}
   */
  public static URI resolve(Payer payer, URI from, String location) {
    URI url = withoutFragment(from.resolve(parse(location)));
    if (url.getHost() == null || url.getRawUserInfo() != null) {
      throw foreign(payer, url);
    }
    if (sameOrigin(payer.baseUrl(), url)) {
      return url;
    }
    if (names(payer.aliasHosts(), url)) {
      return atOriginOf(payer.baseUrl(), url);
    }
    if (names(payer.trustedHosts(), url) && !downgrades(payer.baseUrl(), url)) {
      return url;
    }
    throw foreign(payer, url);
  }

  /**
   * Whether a file request carries the token (FHIR Bulk Data Access 2, {@code
   * requiresAccessToken}).
   *
   * @param payer who said where the file is
   * @param url the URL to call, as {@link #resolve(Payer, String)} gave it
   * @param requiresAccessToken what the manifest says, null if it says nothing
   * @return what the manifest says; without a word there, whether the URL is on the base URL's
   *     origin
   */
  public static boolean sendsToken(Payer payer, URI url, Boolean requiresAccessToken) {
    return requiresAccessToken == null
        ? sameOrigin(payer.baseUrl(), url)
        : requiresAccessToken.booleanValue();
  }

  /** Whether two URLs have scheme, host and port in common. */
  public static boolean sameOrigin(URI one, URI other) {
    return one.getScheme().equalsIgnoreCase(other.getScheme())
        && one.getHost().equalsIgnoreCase(other.getHost())
        && port(one) == port(other);
  }

  private static URI parse(String url) {
    if (url == null || url.isBlank()) {
      throw new TransferException(FailureReason.BAD_ANSWER, "the answer names an empty URL");
    }
    try {
      return new URI(escaped(url.strip()));
    } catch (URISyntaxException unreadable) {
      throw new TransferException(
          FailureReason.BAD_ANSWER, "the answer names something that is not a URL");
    }
  }

  /** Escapes only what no URL may hold, so that a legal URL stays as it is, byte for byte. */
  private static String escaped(String url) {
    StringBuilder legal = new StringBuilder(url.length());
    url.codePoints()
        .forEach(
            c -> {
              if (isLegal(c)) {
                legal.appendCodePoint(c);
              } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                  legal.append("%%%02X".formatted(b & 0xFF));
                }
              }
            });
    return legal.toString();
  }

  private static boolean isLegal(int c) {
    return (c < 128 && Character.isLetterOrDigit(c))
        || LEGAL_BESIDES_LETTERS_AND_DIGITS.indexOf(c) >= 0;
  }

  private static URI withoutFragment(URI url) {
    String text = url.toString();
    int hash = text.indexOf('#');
    return hash < 0 ? url : URI.create(text.substring(0, hash));
  }

  private static boolean names(Set<String> hosts, URI url) {
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    String host = url.getHost().toLowerCase(Locale.ROOT);
    return (scheme.equals("http") || scheme.equals("https"))
        && (hosts.contains(host) || hosts.contains(host + ":" + port(url)));
  }

  private static boolean downgrades(URI base, URI url) {
    return base.getScheme().equalsIgnoreCase("https") && !url.getScheme().equalsIgnoreCase("https");
  }

  private static URI atOriginOf(URI base, URI url) {
    StringBuilder rewritten = new StringBuilder();
    rewritten.append(base.getScheme()).append("://").append(base.getRawAuthority());
    rewritten.append(url.getRawPath());
    if (url.getRawQuery() != null) {
      rewritten.append('?').append(url.getRawQuery());
    }
    return URI.create(rewritten.toString());
  }

  private static int port(URI url) {
    if (url.getPort() >= 0) {
      return url.getPort();
    }
    return url.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  private static TransferException foreign(Payer payer, URI url) {
    return new TransferException(
        FailureReason.FOREIGN_HOST,
        "payer %s's answer leads to %s://%s, which is neither its base-url nor in its alias-hosts or trusted-hosts"
            .formatted(payer.id(), url.getScheme(), url.getHost()));
  }
}
