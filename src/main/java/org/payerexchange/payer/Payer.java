package org.payerexchange.payer;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.payerexchange.auth.ClearText;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.dialect.Dialect;

/**
 * A source payer as configured under {@code p2p.payers.<id>}.
 *
 * @param client who we are at its token endpoint, and its id
 * @param baseUrl where its API begins, without a trailing slash: {@code
 *     https://gateway.1up.health/v1/bison}
 * @param aliasHosts hosts that its answers name but that are reached at {@code baseUrl}
 * @param aliasBases bases that its answers name but that stand for {@code baseUrl}, path included
 * @param trustedHosts other hosts that its files may come from
 * @param dialect how its gateway speaks
 * @param maxParallelRequests how many of its steps may run at once, over all nodes; at least 1
 * @param extraHeaders what it wants with each request
 * @param tokenOnFiles when requests for its files carry its token
 * @param attachments whether what its files name as attachments is fetched, too
 * @param limits how often and when it may be called, over all nodes
 */
public record Payer(
    TokenClient client,
    URI baseUrl,
    Set<String> aliasHosts,
    Set<AliasBase> aliasBases,
    Set<String> trustedHosts,
    Dialect dialect,
    int maxParallelRequests,
    ExtraHeaders extraHeaders,
    TokenOnFiles tokenOnFiles,
    boolean attachments,
    CallLimits limits)
    implements Peer {

  /** What a payer's id is. */
  public static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /**
   * Checks what a typing error could have spoilt.
   *
   * @throws IllegalArgumentException naming the key that is wrong
   */
  public Payer {
    String id = client.name();
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "a payer's id is made of lower-case letters, digits and dashes, not '%s'".formatted(id));
    }
    ClearText.requireUrl(client.keys(), "base-url", baseUrl, client.allowHttp());
    baseUrl = withoutTrailingSlash(baseUrl);
    if (baseUrl.getRawQuery() != null) {
      throw wrong(id, "base-url", "must not have a query");
    }
    aliasHosts = hosts(id, "alias-hosts", aliasHosts);
    aliasBases = Set.copyOf(aliasBases);
    for (AliasBase each : aliasBases) {
      if (each.isWithin(baseUrl)) {
        throw wrong(
            id,
            "alias-bases",
            "must not hold what is below base-url: '%s%s'".formatted(each.host(), each.path()));
      }
    }
    trustedHosts = hosts(id, "trusted-hosts", trustedHosts);
    for (String each : trustedHosts) {
      if (each.indexOf('_') >= 0) {
        throw wrong(
            id, "trusted-hosts", "must not hold '%s': %s".formatted(each, ClearText.NO_UNDERSCORE));
      }
    }
    if (maxParallelRequests < 1) {
      throw wrong(id, "max-parallel-requests", "must be at least 1");
    }
  }

  /** Its key: lower-case letters, digits and dashes; names folders and metric labels. */
  public String id() {
    return client.name();
  }

  @Override
  public String what() {
    return client.what();
  }

  /** Everything but the credentials. */
  @Override
  public String toString() {
    return "Payer[%s, %s, %s]".formatted(id(), baseUrl, dialect.key());
  }

  private static URI withoutTrailingSlash(URI url) {
    String text = url.toString();
    return text.endsWith("/") ? URI.create(text.replaceAll("/+$", "")) : url;
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
      throw wrong(
          id, key, "must hold host or host:port, not '%s'".formatted(AliasBase.shown(entry)));
    }
    Optional<NamedHost> named = NamedHost.of(url);
    if (named.isEmpty()
        || !(url.getRawPath().isEmpty() || url.getRawPath().equals("/"))
        || url.getRawQuery() != null
        || url.getRawFragment() != null) {
      throw wrong(
          id, key, "must hold host or host:port, not '%s'".formatted(AliasBase.shown(entry)));
    }
    return origin || named.get().hasPort() ? PayerUrls.hostAndPort(url) : named.get().name();
  }

  private static IllegalArgumentException wrong(String id, String key, String what) {
    return new IllegalArgumentException("p2p.payers.%s.%s %s".formatted(id, key, what));
  }
}
