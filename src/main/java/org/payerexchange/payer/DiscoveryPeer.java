package org.payerexchange.payer;

import java.net.URI;
import java.util.Set;
import org.payerexchange.auth.TokenClient;

/**
 * Whoever says in its {@code .well-known/smart-configuration} where it gives tokens: that URL may
 * lead where its other URLs may, and nowhere else. Those who ask for certificates do so at a port
 * of its own as a rule (RFC 8705, section 5).
 *
 * @param client who we are there
 * @param baseUrl where its API begins, without a trailing slash
 * @param aliasHosts as {@link Peer#aliasHosts}
 * @param aliasBases as {@link Peer#aliasBases}
 * @param trustedHosts as {@link Peer#trustedHosts}
 * @param extraHeaders as {@link Peer#extraHeaders}
 */
public record DiscoveryPeer(
    TokenClient client,
    URI baseUrl,
    Set<String> aliasHosts,
    Set<AliasBase> aliasBases,
    Set<String> trustedHosts,
    ExtraHeaders extraHeaders)
    implements Peer {

  /** Below the base URL (SMART App Launch 2.2). */
  private static final String PATH = "/.well-known/smart-configuration";

  /** A payer's. */
  public static DiscoveryPeer of(Payer payer) {
    return new DiscoveryPeer(
        payer.client(),
        payer.baseUrl(),
        payer.aliasHosts(),
        payer.aliasBases(),
        payer.trustedHosts(),
        payer.extraHeaders());
  }

  /** Of a server that trusts no other host. */
  public static DiscoveryPeer of(TokenClient client, URI baseUrl) {
    return new DiscoveryPeer(client, baseUrl, Set.of(), Set.of(), Set.of(), ExtraHeaders.NONE);
  }

  /** Where it says so. */
  public URI url() {
    return URI.create(baseUrl + PATH);
  }

  /**
   * The URL to call for one that stands there.
   *
   * @param url absolute, or relative to the base URL
   * @throws org.payerexchange.step.TransferException as {@link PayerUrls#resolve(Peer, String)}
   */
  public URI resolve(String url) {
    return PayerUrls.resolve(this, URI.create(baseUrl + "/"), url);
  }

  @Override
  public String what() {
    return client.what() + "'s smart-configuration";
  }

  @Override
  public boolean keepsPorts() {
    return true;
  }

  @Override
  public boolean isOfTokens() {
    return true;
  }
}
