package org.payerexchange.ledger;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * What becomes of a request that is due again.
 *
 * @param asks whether it is asked now
 * @param nextAt when it is due next; empty: never again
 */
public record RepeatPlan(boolean asks, Optional<Instant> nextAt) {
  /** How long one that is due waits where the transfer before it still goes on. */
  private static final Duration WAIT = Duration.ofHours(1);

  /**
   * Decides.
   *
   * @param first when it was asked first
   * @param goesOn whether the transfer before it has not ended
   * @param now the node's time
   */
  public static RepeatPlan of(
      Repeat repeat, String id, Instant first, boolean goesOn, Instant now) {
    if (LocalDate.ofInstant(now, ZoneOffset.UTC).isAfter(repeat.until())) {
      return new RepeatPlan(false, Optional.empty());
    }
    return goesOn
        ? new RepeatPlan(false, Optional.of(now.plus(WAIT)))
        : new RepeatPlan(true, repeat.next(id, first, now));
  }
}
