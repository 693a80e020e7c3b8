package org.payerexchange.ledger;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.payerexchange.payer.CallLimits;

/**
 * How many calls a payer was given lately. It is given no more than its limit while the calls
 * follow each other within a second, or a minute; it has all again when nothing was given to it for
 * so long. So no second and no minute has more than its limit, wherever it begins.
 *
 * @param calledAt when the last ones were given; null for never
 * @param ofSecond how many were given without a second between
 * @param ofMinute how many were given without a minute between
 */
public record Allowance(Instant calledAt, int ofSecond, int ofMinute) {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** How many calls there may be now. */
  public int room(CallLimits limits, Instant now) {
    Allowance left = at(now);
    return Math.max(
        0,
        Math.min(room(limits.perSecond(), left.ofSecond), room(limits.perMinute(), left.ofMinute)));
  }

  /** Some are given now. */
  public Allowance with(int calls, Instant now) {
    Allowance left = at(now);
    return new Allowance(now, left.ofSecond + calls, left.ofMinute + calls);
  }

  /** When there is room again; null if there is some. */
  public Instant next(CallLimits limits) {
    return Stream.of(
            room(limits.perMinute(), ofMinute) < 1 ? MINUTE : Duration.ZERO,
            room(limits.perSecond(), ofSecond) < 1 ? SECOND : Duration.ZERO)
        .filter(time -> !time.isZero())
        .findFirst()
        .map(calledAt::plus)
        .orElse(null);
  }

  private Allowance at(Instant now) {
    return new Allowance(
        calledAt, isOver(SECOND, now) ? 0 : ofSecond, isOver(MINUTE, now) ? 0 : ofMinute);
  }

  private boolean isOver(Duration time, Instant now) {
    return calledAt == null || !now.isBefore(calledAt.plus(time));
  }

  private static int room(int limit, int given) {
    return limit < 1 ? Integer.MAX_VALUE : limit - given;
  }
}
