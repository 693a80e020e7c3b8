package org.payerexchange.report;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/**
 * Monday to Friday, less US federal holidays.
 *
 * @param zone in which a moment has its day ({@code p2p.report.zone}): what is asked on Friday at
 *     22:00 in New York was not asked on Saturday, though it was in UTC
 */
record BusinessDays(ZoneId zone) {

  /** The day of a moment. */
  LocalDate day(Instant moment) {
    return LocalDate.ofInstant(moment, zone);
  }

  /**
   * How many business days have begun after the day of one moment, until another: 0 on the same
   * day, and from Friday to Monday 1. Never less than 0.
   */
  long between(Instant from, Instant until) {
    LocalDate last = day(until);
    return day(from).plusDays(1).isAfter(last)
        ? 0
        : day(from).plusDays(1).datesUntil(last.plusDays(1)).filter(BusinessDays::isOne).count();
  }

  /** Whether people work on that day. */
  static boolean isOne(LocalDate day) {
    return day.getDayOfWeek() != DayOfWeek.SATURDAY
        && day.getDayOfWeek() != DayOfWeek.SUNDAY
        && !FederalHolidays.isOne(day);
  }
}
