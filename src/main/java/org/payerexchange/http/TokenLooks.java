package org.payerexchange.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.payerexchange.auth.Tokens;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.ledger.TokenHolds;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks now and then whether a token endpoint that refused the client gives tokens again. */
public final class TokenLooks {
  private static final Logger LOG = LoggerFactory.getLogger(TokenLooks.class);

  private final TokenHolds holds;
  private final Tokens tokens;
  private final Payers payers;
  private final Map<String, Payer> sinks;
  private final AtomicBoolean started = new AtomicBoolean();

  /**
   * The bean {@code tokenLooks}.
   *
   * @param sinks those that have a token endpoint, and who we are there
   */
  public TokenLooks(TokenHolds holds, Tokens tokens, Payers payers, Map<String, Payer> sinks) {
    this.holds = holds;
    this.tokens = tokens;
    this.payers = payers;
    this.sinks = Map.copyOf(sinks);
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
      if (none.reason() == FailureReason.TOKEN_REFUSED) {
        holds.refuse(hold.kind(), hold.name(), none.getMessage());
      }
      LOG.info("{}: still held, {}", hold.what(), none.getMessage());
    }
  }

  private Optional<Payer> client(TokenHold hold) {
    return switch (hold.kind()) {
      case PAYER -> payers.find(hold.name());
      case SINK -> Optional.ofNullable(sinks.get(hold.name()));
    };
  }
}
