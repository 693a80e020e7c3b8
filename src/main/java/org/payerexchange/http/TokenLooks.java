package org.payerexchange.http;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.Tokens;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.ledger.TokenHolds;
import org.payerexchange.step.TransferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether there are tokens: at the start, and now and then where there were none. */
public final class TokenLooks {
  private static final Logger LOG = LoggerFactory.getLogger(TokenLooks.class);

  private final TokenHolds holds;
  private final Tokens tokens;
  private final List<TokenClient> clients;
  private final AtomicBoolean started = new AtomicBoolean();

  /**
   * The bean {@code tokenLooks}.
   *
   * @param clients those of all payers and sinks that have a token endpoint
   */
  public TokenLooks(TokenHolds holds, Tokens tokens, List<TokenClient> clients) {
    this.holds = holds;
    this.tokens = tokens;
    this.clients = List.copyOf(clients);
  }

  /** Whose smart-configuration says where they get tokens, or how. */
  public List<TokenClient> discovered() {
    return clients.stream().filter(TokenClient::isDiscovered).toList();
  }

  /**
   * Gets a token. What is wrong with the peer's smart-configuration, or our key for it, is told.
   */
  public void first(TokenClient client) {
    try {
      tokens.get(client);
    } catch (TransferException none) {
      LOG.warn(
          "{}: no token: {}, {}",
          client.what(),
          none.reason(),
          TokenHold.advised(none.reason(), none.getMessage()));
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
