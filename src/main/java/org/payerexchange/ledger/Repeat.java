package org.payerexchange.ledger;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * That a request is to be asked again and again.
 *
 * @param every how much later each time, in whole days (UTC), a day at least
 * @param until the last day (UTC) on which it may be asked
 */
public record Repeat(Period every, LocalDate until) {
  private static final Duration EARLIEST = Duration.ofHours(24);
  private static final LocalDate ANY_DAY = LocalDate.EPOCH;

  /** A period that a request may repeat after, between a day and ten years; empty for any other. */
  public static Optional<Period> period(String text) {
    try {
      Period period = Period.parse(text);
      LocalDate next = ANY_DAY.plus(period);
      return next.isAfter(ANY_DAY) && !next.isAfter(ANY_DAY.plusYears(10)) && !period.isNegative()
          ? Optional.of(period)
          : Optional.empty();
    } catch (DateTimeException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  /**
   * When it is asked next: a multiple of the period after the first time. What was missed is not
   * made up for. Each request is asked somewhat earlier than that, always by the same time of its
   * own, at most a day and a tenth of the period: so members who came together are not asked for
   * all at once, and none later than it was said.
   *
   * @param id of what repeats, by which its own time is chosen
   * @param first when it was asked first
   * @return later than {@code now}; empty where that is behind the last day
   */
  public Optional<Instant> next(String id, Instant first, Instant now) {
    OffsetDateTime start = first.atOffset(ZoneOffset.UTC);
    Duration early = early(id, start);
    for (int times = 1; ; times++) {
      OffsetDateTime next = start.plus(every.multipliedBy(times)).minus(early);
      if (next.toLocalDate().isAfter(until)) {
        return Optional.empty();
      }
      if (next.toInstant().isAfter(now)) {
        return Optional.of(next.toInstant());
      }
    }
  }

  private Duration early(String id, OffsetDateTime start) {
    Duration tenth = Duration.between(start, start.plus(every)).dividedBy(10);
    long most = (tenth.compareTo(EARLIEST) < 0 ? tenth : EARLIEST).toMillis();
    return Duration.ofMillis(Math.floorMod((id.hashCode() * 0x9E3779B97F4A7C15L) >>> 1, most));
  }
}
