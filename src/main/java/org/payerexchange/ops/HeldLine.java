package org.payerexchange.ops;

import java.time.Instant;
import org.payerexchange.ledger.Hold;
import org.payerexchange.step.FailureReason;

/**
 * A payer or sink that is held, so that its transfers wait.
 *
 * @param kind {@code payer} or {@code sink}
 * @param since when it began
 * @param detail why, in words
 */
public record HeldLine(
    String kind, String name, Instant since, FailureReason reason, String detail) {

  static HeldLine of(Hold hold) {
    return new HeldLine(hold.kind(), hold.name(), hold.since(), hold.reason(), hold.why());
  }
}
