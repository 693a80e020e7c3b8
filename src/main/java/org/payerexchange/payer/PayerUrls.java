package org.payerexchange.payer;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.payerexchange.auth.ClearText;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Where a URL that stands in a payer's answer may lead. What is below an alias base is called below
 * the base URL. An origin that the trusted hosts name with its port is called as it stands. The
 * payer's own host or an alias, whatever its scheme and port, is called at the base URL's origin,
 * path and query untouched: gateways behind a proxy name themselves as they are called inside. Only
 * what gives tokens over https on the payer's own host is called at the port that is named. A
 * trusted host without a port is called as it stands. No other host gets any request. None gets one
 * over http where the base URL, or the URL that redirects there, is https, nor on another machine
 * unless the peer's {@code allow-http} says so.
 */
public final class PayerUrls {
  /** No URL that is called is longer, in characters. */
  public static final int LONGEST = 1 << 14;

  private static final Pattern ABSOLUTE = Pattern.compile("//|[A-Za-z][A-Za-z0-9+.-]*:");

  private static final String NEVER_CALLED = "a host with an underscore is never called";

  private static final String LEGAL_BESIDES_LETTERS_AND_DIGITS = "-._~:/?#[]@!$&'()*+,;=%";

  private PayerUrls() {}

  /**
   * Turns a URL of an answer into the one to call.
   *
   * @param peer whose answer it is
   * @param url absolute, or relative to the payer's base URL
   * @throws TransferException {@link FailureReason#FOREIGN_HOST} if it leads to a host that is
   *     neither the payer's nor trusted, {@link FailureReason#BAD_ANSWER} if it is no URL
   */
  public static URI resolve(Peer peer, String url) {
    return resolve(peer, peer.baseUrl(), url);
  }

  /**
   * Turns the target of a redirect into the one to call.
   *
   * @param peer whose answer it is
   * @param from the URL that was answered with the redirect
   * @param location the {@code Location} header, absolute or relative to {@code from}
   * @throws TransferException as {@link #resolve(Peer, String)}
   */
  public static URI resolve(Peer peer, URI from, String location) {
    URI url = resolved(from, withoutFragment(location));
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    Optional<NamedHost> named = NamedHost.of(url);
    if (named.isEmpty() || !(scheme.equals("http") || scheme.equals("https"))) {
      throw new TransferException(
          FailureReason.FOREIGN_HOST,
          "%s's answer names a URL that is not of the form http(s)://host/path"
              .formatted(peer.what()));
    }
    String host = named.get().name();
    boolean inClear = isRefusedInClear(peer, from, url);
    Optional<URI> below = belowBaseUrl(peer, url);
    if (below.isEmpty() && isCalledAsItStands(peer, url) && !inClear) {
      return url;
    }
    if (below.isPresent()
        || host.equalsIgnoreCase(peer.baseUrl().getHost())
        || peer.aliasHosts().contains(host)
        || peer.aliasHosts().contains(hostAndPort(url))) {
      URI own = below.orElseGet(() -> atOriginOf(peer.baseUrl(), url));
      inClear = isRefusedInClear(peer, from, own);
      if (!inClear) {
        return own;
      }
    }
    if (peer.trustedHosts().contains(host) && !inClear) {
      return url;
    }
    throw foreign(peer, from, url, inClear);
  }

  /**
   * Whether a URL that stands in the payer's data is its base URL, by its own host, an alias or an
   * alias base.
   *
   * @param prefix a reference up to the resource's type
   */
  public static boolean isBase(Peer peer, String prefix) {
    if (!prefix.regionMatches(true, 0, "http://", 0, 7)
        && !prefix.regionMatches(true, 0, "https://", 0, 8)) {
      return false;
    }
    try {
      String url = resolve(peer, prefix).toString();
      String base = peer.baseUrl() + "/";
      int path = base.indexOf('/', base.indexOf("//") + 2);
      return url.regionMatches(true, 0, base, 0, path)
          && url.substring(path).equals(base.substring(path));
    } catch (TransferException foreign) {
      return false;
    }
  }

  /**
   * The URL to call for one that is below an alias base, the longest counts; empty for any other.
   * What is below the base URL stays, so that a URL that was turned once is not turned again.
   */
  private static Optional<URI> belowBaseUrl(Peer peer, URI url) {
    URI base = peer.baseUrl();
    if (sameOrigin(base, url) && AliasBase.below(base.getRawPath(), url).isPresent()) {
      return Optional.empty();
    }
    return peer.aliasBases().stream()
        .sorted(Comparator.comparingInt((AliasBase alias) -> alias.path().length()).reversed())
        .flatMap(alias -> alias.below(url).stream())
        .findFirst()
        .map(rest -> withQuery(base + rest, url));
  }

  /**
   * Whether a URL leads to the payer itself, by its own host or an alias, rather than to a server
   * that is trusted with its files.
   *
   * @param called the URL to call, as {@link #resolve(Peer, String)} gave it
   */
  public static boolean isOwn(Peer peer, URI called) {
    return sameOrigin(peer.baseUrl(), called);
  }

  private static boolean isCalledAsItStands(Peer peer, URI url) {
    return peer.trustedHosts().contains(hostAndPort(url))
        || (peer.keepsPorts()
            && isEncrypted(url)
            && NamedHost.in(url).name().equalsIgnoreCase(peer.baseUrl().getHost()));
  }

  /** Nothing leads from https to http, nor off this machine without TLS unless that is allowed. */
  private static boolean isRefusedInClear(Peer peer, URI from, URI url) {
    return "http".equalsIgnoreCase(url.getScheme())
        && (isEncrypted(peer.baseUrl())
            || isEncrypted(from)
            || (ClearText.leavesThisMachine(url) && !peer.client().allowHttp()));
  }

  private static boolean isEncrypted(URI url) {
    return "https".equalsIgnoreCase(url.getScheme());
  }

  /** Host and port, the scheme's where the URL names none: what {@code trusted-hosts} may hold. */
  public static String hostAndPort(URI url) {
    return NamedHost.in(url).name() + ":" + port(url);
  }

  /**
   * Whether a URL carries its own permission, as object stores sign it. It works for a while, and
   * goes without the token.
   */
  public static boolean isSigned(URI url) {
    return SignedQuery.isSigned(url.getRawQuery());
  }

  /** A URL without what changes each time that it is signed; any other as it is. */
  public static String unsigned(String url) {
    int query = url.indexOf('?');
    if (query < 0 || !SignedQuery.isSigned(url.substring(query + 1))) {
      return url;
    }
    String rest = SignedQuery.unsigned(url.substring(query + 1));
    return url.substring(0, query) + (rest.isEmpty() ? "" : "?" + rest);
  }

  /**
   * Whether a file request carries the token (FHIR Bulk Data Access 2, {@code
   * requiresAccessToken}).
   *
   * @param peer who said where the file is
   * @param url the URL to call, as {@link #resolve(Peer, String)} gave it
   * @param requiresAccessToken what the manifest says, null if it says nothing
   * @return what the manifest says; without a word there, whether the URL is on the base URL's
   *     origin; never for a signed URL, which stores refuse with a token beside it
   */
  public static boolean sendsToken(Peer peer, URI url, Boolean requiresAccessToken) {
    boolean wanted =
        requiresAccessToken == null
            ? sameOrigin(peer.baseUrl(), url)
            : requiresAccessToken.booleanValue();
    return wanted && !isSigned(url);
  }

  /**
   * Whether the token goes on with a URL that an answer leads to: to the origin that was asked with
   * it, and to the base URL's.
   *
   * @param asked what was asked
   */
  public static boolean sendsTokenOn(Peer peer, URI asked, URI url) {
    return sendsToken(peer, url, sameOrigin(asked, url) ? Boolean.TRUE : null);
  }

  /**
   * The same by what is configured for the payer's files.
   *
   * @param requiresAccessToken what the manifest says, null if it says nothing
   */
  public static boolean sendsTokenWithFile(Payer payer, URI url, Boolean requiresAccessToken) {
    return switch (payer.tokenOnFiles()) {
      case MANIFEST -> sendsToken(payer, url, requiresAccessToken);
      case SAME_HOST -> sendsToken(payer, url, null);
      case NEVER -> false;
    };
  }

  /**
   * The URL that a link in the payer's data stands for, as an attachment's is fetched by it.
   *
   * @param link without blanks around
   */
  public static String absolute(Peer peer, String link) {
    return ABSOLUTE.matcher(link).lookingAt() ? link : atBase(peer, link);
  }

  /** The URL of what the payer's data names relative to its base URL, with or without a slash. */
  private static String atBase(Peer peer, String path) {
    int at = 0;
    while (path.startsWith("/", at) || path.startsWith("./", at)) {
      at = path.indexOf('/', at) + 1;
    }
    return peer.baseUrl() + "/" + path.substring(at);
  }

  /** Whether two URLs have scheme, host and port in common. */
  public static boolean sameOrigin(URI one, URI other) {
    return one.getScheme().equalsIgnoreCase(other.getScheme())
        && hostAndPort(one).equals(hostAndPort(other));
  }

  /**
   * RFC 3986, sections 5.2.2 and 5.2.3: before a query alone {@link URI#resolve} drops the path's
   * end, and to a host without a path it adds a relative one as a part of its name.
   */
  private static URI resolved(URI from, String location) {
    if (location.isEmpty()) {
      return from;
    }
    URI base = from.getRawPath().isEmpty() ? from.resolve("/") : from;
    return base.resolve(parse(location.startsWith("?") ? base.getRawPath() + location : location));
  }

  private static URI parse(String url) {
    try {
      if (url.length() <= LONGEST) {
        return new URI(escaped(url));
      }
    } catch (URISyntaxException unreadable) {
      // told below
    }
    throw new TransferException(
        FailureReason.BAD_ANSWER, "the answer names something that is not a URL");
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

  /** Cut before it is parsed: {@code https://#x} is a URL, {@code https://} is none. */
  private static String withoutFragment(String url) {
    if (url == null || url.isBlank()) {
      throw new TransferException(FailureReason.BAD_ANSWER, "the answer names an empty URL");
    }
    int hash = url.indexOf('#');
    return (hash < 0 ? url : url.substring(0, hash)).strip();
  }

  private static URI atOriginOf(URI base, URI url) {
    return sameOrigin(base, url)
        ? url
        : withQuery(base.getScheme() + "://" + base.getRawAuthority() + url.getRawPath(), url);
  }

  private static URI withQuery(String called, URI url) {
    return URI.create(url.getRawQuery() == null ? called : called + "?" + url.getRawQuery());
  }

  private static int port(URI url) {
    NamedHost named = NamedHost.in(url);
    if (named.hasPort()) {
      return named.port();
    }
    return url.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  /** Says what to add where, so that it works once it is added. */
  private static TransferException foreign(Peer peer, URI from, URI url, boolean inClear) {
    String keys = peer.client().keys();
    NamedHost named = NamedHost.in(url);
    String advice;
    if (peer.isOfTokens() && !named.isCalled()) {
      advice =
          "%s; if that is where tokens are given, set %s.token-url to it by another name"
              .formatted(NEVER_CALLED, keys);
    } else if (peer.isOfTokens()) {
      advice = "if that is where tokens are given, set %s.token-url to it".formatted(keys);
      if (peer instanceof DiscoveryPeer && peer.client().kind() == TokenClient.Kind.PAYER) {
        advice += ", or add '%s' to %s.trusted-hosts".formatted(hostAndPort(url), keys);
      }
    } else if (inClear && isEncrypted(peer.baseUrl())) {
      advice =
          "http is never called under an https base-url; ask the payer for https links, or, if that host is the payer itself, add '%1$s' to %2$s.alias-hosts, or its base there to %2$s.alias-bases if that has another path"
              .formatted(named.name(), keys);
    } else if (inClear && isEncrypted(from)) {
      advice = "a redirect from https to http is never followed; ask the payer for https links";
    } else if (inClear) {
      advice = "it " + ClearText.refusal(keys + ".allow-http").replace("make it", "ask for");
    } else {
      String asOther =
          named.isCalled()
              ? "if it serves the payer's files, add '%s' to %s.trusted-hosts"
                  .formatted(hostAndPort(url), keys)
              : NEVER_CALLED;
      advice =
          "%1$s; if it is the payer itself under another name, add '%2$s' to %3$s.alias-hosts, or its base there to %3$s.alias-bases if that has another path"
              .formatted(asOther, named.name(), keys);
    }
    return new TransferException(
        FailureReason.FOREIGN_HOST,
        "%s's answer leads to %s://%s: %s"
            .formatted(peer.what(), url.getScheme(), hostAndPort(url), advice));
  }
}
