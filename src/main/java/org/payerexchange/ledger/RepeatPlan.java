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
   * When a request is asked next that repeats otherwise from now on. What is due, or waits for the
   * end of the transfer before, stays so.
   *
   * @return empty where that is behind the last day
   */
  public static Optional<Instant> changed(Recurrence before, Repeat now, Instant at) {
    boolean isDue = before.nextAt() != null && !before.nextAt().isAfter(at.plus(WAIT));
    return isDue && !LocalDate.ofInstant(at, ZoneOffset.UTC).isAfter(now.until())
        ? Optional.of(before.nextAt())
        : now.next(before.id(), before.startedAt(), at);
  }

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
