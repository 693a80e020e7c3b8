package org.payerexchange.step;

import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** The days of a consent, which count in UTC: it is in force until its last day is over. */
public final class ConsentDays {
  private ConsentDays() {}

  /** The day that it is. */
  public static LocalDate today(Clock clock) {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /**
   * Whether a consent is over.
   *
   * @param last its last day, or null where it has no end
   */
  public static boolean isOver(LocalDate last, Clock clock) {
    return last != null && last.isBefore(today(clock));
  }
}
