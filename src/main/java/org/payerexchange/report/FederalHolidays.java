package org.payerexchange.report;

import static java.time.DayOfWeek.MONDAY;
import static java.time.DayOfWeek.THURSDAY;
import static java.time.temporal.TemporalAdjusters.dayOfWeekInMonth;
import static java.time.temporal.TemporalAdjusters.lastInMonth;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.Month;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The legal public holidays of 5 U.S.C. 6103, on the days on which they are observed: one that
 * falls on a Saturday the Friday before, on a Sunday the Monday after. Inauguration Day, a holiday
 * in and around Washington alone, is none.
 */
final class FederalHolidays {
  private static final int FIRST_JUNETEENTH = 2021;

  private FederalHolidays() {}

  /** Whether government offices, and with them banks and payers, are closed on a weekday. */
  static boolean isOne(LocalDate day) {
    // New Year's Day may be observed on the last day of the year before
    return of(day.getYear()).contains(day) || observed(newYear(day.getYear() + 1)).equals(day);
  }

  /** The days of one year's holidays, as they are observed: the first may lie before it. */
  static Set<LocalDate> of(int year) {
    Set<LocalDate> days = new TreeSet<>();
    Stream.of(
            newYear(year),
            LocalDate.of(year, Month.JULY, 4),
            LocalDate.of(year, Month.NOVEMBER, 11),
            LocalDate.of(year, Month.DECEMBER, 25))
        .map(FederalHolidays::observed)
        .forEach(days::add);
    if (year >= FIRST_JUNETEENTH) {
      days.add(observed(LocalDate.of(year, Month.JUNE, 19)));
    }
    days.add(nth(3, MONDAY, year, Month.JANUARY));
    days.add(nth(3, MONDAY, year, Month.FEBRUARY));
    days.add(LocalDate.of(year, Month.MAY, 1).with(lastInMonth(MONDAY)));
    days.add(nth(1, MONDAY, year, Month.SEPTEMBER));
    days.add(nth(2, MONDAY, year, Month.OCTOBER));
    days.add(nth(4, THURSDAY, year, Month.NOVEMBER));
    return days;
  }

  private static LocalDate newYear(int year) {
    return LocalDate.of(year, Month.JANUARY, 1);
  }

  private static LocalDate nth(int n, DayOfWeek weekday, int year, Month month) {
    return LocalDate.of(year, month, 1).with(dayOfWeekInMonth(n, weekday));
  }

  private static LocalDate observed(LocalDate day) {
    return switch (day.getDayOfWeek()) {
      case SATURDAY -> day.minusDays(1);
      case SUNDAY -> day.plusDays(1);
      default -> day;
    };
  }
}
