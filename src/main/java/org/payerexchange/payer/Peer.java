package org.payerexchange.payer;

import java.net.URI;
import java.util.Set;
import org.payerexchange.auth.TokenClient;

/** Whoever is called over HTTP: a payer, or where tokens are given or how is told. */
public interface Peer {
  /** Who we are there; its keys tell one peer from another. */
  TokenClient client();

  /** What it is called in messages: {@code payer bison}. */
  String what();

  /** Where it begins, without a trailing slash. */
  URI baseUrl();

  /**
   * Hosts ({@code host} or {@code host:port}) that its answers name but that are reached at {@link
   * #baseUrl}.
   */
  Set<String> aliasHosts();

  /** Bases that its answers name although what is below them is reached below {@link #baseUrl}. */
  default Set<AliasBase> aliasBases() {
    return Set.of();
  }

  /**
   * Other hosts ({@code host} or {@code host:port}) that its files may come from; with a port such
   * a URL is called as it stands even on the peer's own host.
   */
  Set<String> trustedHosts();

  /** What each request to its own origin, that of its base URL, has beside the request's own. */
  default ExtraHeaders extraHeaders() {
    return ExtraHeaders.NONE;
  }

  /** Whether an https URL on its own host is called at its own port, whatever the base URL's. */
  default boolean keepsPorts() {
    return false;
  }

  /** Whether it is about tokens alone: what it answers ends no step of its own. */
  default boolean isOfTokens() {
    return false;
  }
}
