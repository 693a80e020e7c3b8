package org.payerexchange.http;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.Tokens;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.ledger.store.TokenHolds;
import org.payerexchange.step.TransferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether tokens can be had: at the start, and now and then where there were none. */
public final class TokenLooks {
  private static final Logger LOG = LoggerFactory.getLogger(TokenLooks.class);

  private final TokenHolds holds;
  private final Tokens tokens;
  private final RouteTokenEndpoint endpoint;
  private final List<TokenClient> clients;
  private final AtomicBoolean started = new AtomicBoolean();

  /**
   * The bean {@code tokenLooks}.
   *
   * @param clients those of all payers and sinks that have a token endpoint
   */
  public TokenLooks(
      TokenHolds holds, Tokens tokens, RouteTokenEndpoint endpoint, List<TokenClient> clients) {
    this.holds = holds;
    this.tokens = tokens;
    this.endpoint = endpoint;
    this.clients = List.copyOf(clients);
  }

  /** Those whose peer says itself where it gives tokens, or how. */
  public List<TokenClient> discovered() {
    return clients.stream().filter(TokenClient::isDiscovered).toList();
  }

  /** Looks at what a peer says of its token endpoint, and tells what is wrong with it. */
  public void discover(TokenClient client) {
    problem(client).ifPresent(problem -> LOG.warn("{}: {}", client.what(), problem));
  }

  /** Why a client would not get as far as to ask for a token, in words. */
  public Optional<String> problem(TokenClient client) {
    try {
      endpoint.discover(client);
      return Optional.empty();
    } catch (TransferException none) {
      return Optional.of(
          "%s, %s".formatted(none.reason(), TokenHold.advised(none.reason(), none.getMessage())));
    }
  }

  /** What is to be looked at now: at first all, since the configuration may be another. */
  public List<TokenHold> due() {
    List<TokenHold> due = holds.takeLooks(!started.get());
    started.set(true);
    return due;
  }

  /** Asks once. What has no token endpoint any more is held no longer. */
  public void look(TokenHold hold) {
    try {
      client(hold).ifPresent(tokens::renew);
      if (holds.free(hold)) {
        LOG.info("{}: held no longer, its token endpoint gives tokens", hold.what());
      }
    } catch (TransferException none) {
      if (none.reason().isOfTokens()) {
        holds.refuse(hold.kind(), hold.name(), none.reason(), none.getMessage());
      }
      LOG.info("{}: still held, {}", hold.what(), none.getMessage());
    }
  }

  private Optional<TokenClient> client(TokenHold hold) {
    return clients.stream()
        .filter(client -> client.kind() == hold.kind() && client.name().equals(hold.name()))
        .findFirst();
  }
}
