package org.payerexchange.payer;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A base URL that a payer's answers name although what is below it is reached below its base URL: a
 * server behind a proxy that changes the path names itself as it is called inside. The scheme does
 * not matter.
 *
 * @param host in small letters, with its port where that matters
 * @param path where it begins there, without a slash at the end; empty for all of the host
 */
public record AliasBase(String host, String path) {
  private static final String SLASH = "[/\\\\]|%(?:25)*(?:2f|5c)";

  /** A segment that leads up, or stays, once somebody on the way has decoded it. */
  private static final Pattern DOT_SEGMENT =
      Pattern.compile(
          "(?:" + SLASH + ")(?:\\.|%(?:25)*2e){1,2}(?:$|;|%(?:25)*3b|" + SLASH + ")",
          Pattern.CASE_INSENSITIVE);

  /**
   * Reads a setting: {@code host/path}, {@code host:port/path} or a URL, separated by commas. A URL
   * counts as its host and port.
   *
   * @throws IllegalArgumentException saying which of them is wrong
   */
  public static Set<AliasBase> listOf(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(entry -> !entry.isEmpty())
        .map(AliasBase::of)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static AliasBase of(String entry) {
    boolean whole = entry.contains("://");
    try {
      URI url = new URI(whole ? entry : "https://" + entry);
      if (isBase(url)) {
        return new AliasBase(
            whole || NamedHost.in(url).hasPort() ? PayerUrls.hostAndPort(url) : host(url),
            url.getRawPath().replaceAll("/+$", ""));
      }
    } catch (URISyntaxException unreadable) {
      // told below
    }
    throw new IllegalArgumentException(
        "must hold host/path, host:port/path or URLs, such as fhir.internal:8080/fhir, not '%s'"
            .formatted(shown(entry)));
  }

  /** An entry for a message, without the user and the password that may stand there. */
  static String shown(String entry) {
    return entry.replaceAll("^(\\w+://)?.*@", "$1***@");
  }

  private static boolean isBase(URI url) {
    return ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
        && NamedHost.of(url).isPresent()
        && url.getRawQuery() == null
        && url.getRawFragment() == null
        && !DOT_SEGMENT.matcher(url.getRawPath()).find();
  }

  /**
   * What a URL has below this base: its path from there on, empty or beginning with a slash. Empty
   * where it is not below it, or has segments that could lead out of it.
   */
  Optional<String> below(URI url) {
    return host.equals(host(url)) || host.equals(PayerUrls.hostAndPort(url))
        ? below(path, url).filter(rest -> !DOT_SEGMENT.matcher(rest).find())
        : Optional.empty();
  }

  /** Whole segments are compared. */
  static Optional<String> below(String path, URI url) {
    String called = url.getRawPath();
    return called.startsWith(path)
            && (called.length() == path.length() || called.charAt(path.length()) == '/')
        ? Optional.of(called.substring(path.length()))
        : Optional.empty();
  }

  /** Whether it is, or lies below, another base: what it would change is there already. */
  boolean isWithin(URI base) {
    URI own = URI.create("https://" + host + path);
    return (host.equals(host(base)) || host.equals(PayerUrls.hostAndPort(base)))
        && below(base.getRawPath(), own).isPresent();
  }

  private static String host(URI url) {
    return NamedHost.in(url).name();
  }
}
