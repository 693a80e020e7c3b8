package org.payerexchange.payer;

import java.net.URI;
import java.util.Set;
import org.payerexchange.auth.TokenClient;

/**
 * A token endpoint as a peer: the credentials go to its own origin and nowhere else.
 *
 * @param client who we are there
 */
public record TokenPeer(TokenClient client) implements Peer {
  @Override
  public String what() {
    return client.what() + "'s token endpoint";
  }

  @Override
  public URI baseUrl() {
    return client.tokenUrl();
  }

  @Override
  public Set<String> aliasHosts() {
    return Set.of();
  }

  @Override
  public Set<String> trustedHosts() {
    return Set.of();
  }

  @Override
  public ExtraHeaders extraHeaders() {
    return new ExtraHeaders(client.extras().headers());
  }

  @Override
  public boolean isOfTokens() {
    return true;
  }
}
