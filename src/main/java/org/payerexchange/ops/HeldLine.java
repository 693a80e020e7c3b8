package org.payerexchange.ops;

import java.time.Instant;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.payer.FailureReason;

/**
 * A payer or sink that is held, so that its transfers wait.
 *
 * @param kind {@code payer} or {@code sink}
 * @param since when it began
 * @param detail why, in words
 */
public record HeldLine(
    String kind, String name, Instant since, FailureReason reason, String detail) {

  static HeldLine of(TokenHold hold) {
    return new HeldLine(
        hold.key(), hold.name(), hold.since(), FailureReason.TOKEN_REFUSED, hold.why());
  }
}
