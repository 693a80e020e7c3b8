package org.payerexchange.payer;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A source payer as configured under {@code p2p.payers.<id>}.
 *
 * @param id its key: lower-case letters, digits and dashes; names folders and metric labels
 * @param baseUrl where its API begins, without a trailing slash: {@code
 *     https://gateway.1up.health/v1/bison}
 * @param tokenUrl its OAuth 2.0 token endpoint
 * @param clientId the client's id there
 * @param clientSecret the client's secret there; masked in {@link #toString()}
 * @param tokenAuth how the client shows the token endpoint who it is
 * @param encodeCredentials whether id and secret are form-encoded before they go by HTTP Basic, as
 *     RFC 6749 has it; false for a server that takes them raw
 * @param scope the scope to ask for, as it is meant: {@code member-match|read}
 * @param aliasHosts hosts ({@code host} or {@code host:port}) that its answers name but that are
 *     reached at {@code baseUrl}
 * @param trustedHosts other hosts ({@code host} or {@code host:port}) that its files may come from;
 *     with a port such a URL is called as it stands even on the payer's own host
 * @param dialect how its gateway speaks
 * @param maxParallelRequests how many of its steps may run at once, over all nodes; at least 1
 * @param allowHttp whether it may be called without TLS on another machine
 */
public record Payer(
    String id,
    URI baseUrl,
    URI tokenUrl,
    String clientId,
    String clientSecret,
    TokenAuth tokenAuth,
    boolean encodeCredentials,
    String scope,
    Set<String> aliasHosts,
    Set<String> trustedHosts,
    Dialect dialect,
    int maxParallelRequests,
    boolean allowHttp) {

  /** What a payer's id is. */
  public static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /**
   * Checks what a typing error could have spoilt.
   *
   * @throws IllegalArgumentException naming the key that is wrong
   */
  public Payer {
    if (id == null || !ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "a payer's id is made of lower-case letters, digits and dashes, not '%s'".formatted(id));
    }
    baseUrl = withoutTrailingSlash(absolute(id, "base-url", baseUrl));
    if (baseUrl.getRawQuery() != null) {
      throw wrong(id, "base-url", "must not have a query");
    }
    absolute(id, "token-url", tokenUrl);
    encrypted(id, "base-url", baseUrl, allowHttp);
    encrypted(id, "token-url", tokenUrl, allowHttp);
    required(id, "client-id", clientId);
    required(id, "client-secret", clientSecret);
    if (tokenAuth == TokenAuth.CLIENT_SECRET_BASIC
        && !encodeCredentials
        && clientId.contains(":")) {
      throw wrong(id, "encode-credentials", "must be true, since client-id holds a colon");
    }
    scope = scope == null ? "" : scope;
    aliasHosts = hosts(id, "alias-hosts", aliasHosts);
    trustedHosts = hosts(id, "trusted-hosts", trustedHosts);
    if (maxParallelRequests < 1) {
      throw wrong(id, "max-parallel-requests", "must be at least 1");
    }
  }

  /** A payer whose token endpoint is asked as the 1upHealth page prints it, and no http. */
  public Payer(
      String id,
      URI baseUrl,
      URI tokenUrl,
      String clientId,
      String clientSecret,
      String scope,
      Set<String> aliasHosts,
      Set<String> trustedHosts,
      Dialect dialect,
      int maxParallelRequests) {
    this(
        id,
        baseUrl,
        tokenUrl,
        clientId,
        clientSecret,
        TokenAuth.CLIENT_SECRET_POST,
        true,
        scope,
        aliasHosts,
        trustedHosts,
        dialect,
        maxParallelRequests,
        false);
  }

  /** Everything but the credentials. */
  @Override
  public String toString() {
    return "Payer[%s, %s, %s]".formatted(id, baseUrl, dialect.key());
  }

  private static URI absolute(String id, String key, URI url) {
    if (url == null) {
      throw wrong(id, key, "is missing");
    }
    String scheme = url.getScheme();
    if (!("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme))
        || url.getHost() == null
        || url.getRawUserInfo() != null
        || url.getRawFragment() != null) {
      throw wrong(id, key, "must be an absolute http or https URL without user or fragment");
    }
    return url;
  }

  private static void encrypted(String id, String key, URI url, boolean allowHttp) {
    if (!allowHttp && ClearText.leavesThisMachine(url)) {
      throw wrong(id, key, ClearText.refusal("p2p.payers." + id + ".allow-http"));
    }
  }

  private static URI withoutTrailingSlash(URI url) {
    String text = url.toString();
    return text.endsWith("/") ? URI.create(text.replaceAll("/+$", "")) : url;
  }

  private static void required(String id, String key, String value) {
    if (value == null || value.isBlank()) {
      throw wrong(id, key, "is missing");
    }
  }

  private static Set<String> hosts(String id, String key, Set<String> hosts) {
    return hosts.stream()
        .map(String::strip)
        .filter(host -> !host.isEmpty())
        .map(host -> host(id, key, host))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** An origin, as it is copied from a browser, counts as its host and port. */
  private static String host(String id, String key, String entry) {
    boolean origin = entry.contains("://");
    URI url;
    try {
      url = new URI(origin ? entry : "https://" + entry);
    } catch (URISyntaxException e) {
      throw wrong(id, key, "must hold host or host:port, not '%s'".formatted(entry));
    }
    if (url.getHost() == null
        || url.getRawUserInfo() != null
        || !(url.getRawPath().isEmpty() || url.getRawPath().equals("/"))
        || url.getRawQuery() != null
        || url.getRawFragment() != null) {
      throw wrong(id, key, "must hold host or host:port, not '%s'".formatted(entry));
    }
    return origin || url.getPort() >= 0
        ? PayerUrls.hostAndPort(url)
        : url.getHost().toLowerCase(Locale.ROOT);
  }

  private static IllegalArgumentException wrong(String id, String key, String what) {
    return new IllegalArgumentException("p2p.payers.%s.%s %s".formatted(id, key, what));
  }
}
