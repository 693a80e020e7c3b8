package org.payerexchange.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Business days, against the days that the Office of Personnel Management has published. */
class BusinessDaysTest {
  private static final BusinessDays NEW_YORK = new BusinessDays(ZoneId.of("America/New_York"));

  /** As they are observed: New Year's, King, Washington, Memorial, Juneteenth and so on. */
  @ParameterizedTest
  @CsvSource({
    "2024, 01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    "2025, 01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    "2026, 01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    "2027, 01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    "2028, 01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
    "2029, 01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25",
    "2030, 01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    "2020, 01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25",
    "2021, 01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    "2022, 01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
    "2023, 01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"
  })
  void theHolidaysOfAYearAreThosePublished(int year, String days) {
    List<LocalDate> published =
        Stream.of(days.split(" ", -1)).map(day -> LocalDate.parse(year + "-" + day)).toList();

    assertThat(daysOf(year).filter(day -> isWeekday(day) && !BusinessDays.isOne(day)))
        .containsExactlyElementsOf(published);
  }

  @Test
  void aYearHasElevenHolidaysOnElevenWeekdaysSinceJuneteenthIsOne() {
    IntStream.rangeClosed(1990, 2100)
        .forEach(
            year ->
                assertThat(FederalHolidays.of(year))
                    .as("of %d", year)
                    .hasSize(year < 2021 ? 10 : 11)
                    .allMatch(BusinessDaysTest::isWeekday)
                    .allMatch(FederalHolidays::isOne));
  }

  @Test
  void eachHolidayIsOnItsDayByTheRuleOrTheWeekdayBesideIt() {
    IntStream.rangeClosed(2021, 2100)
        .boxed()
        .flatMap(BusinessDaysTest::daysOf)
        .forEach(
            day ->
                assertThat(FederalHolidays.isOne(day)).as("%s", day).isEqualTo(isByTheRule(day)));
  }

  /** Told from the day rather than from the year. */
  private static boolean isByTheRule(LocalDate day) {
    DayOfWeek weekday = day.getDayOfWeek();
    int week = (day.getDayOfMonth() + 6) / 7;
    boolean isNth =
        switch (weekday) {
          case MONDAY ->
              switch (day.getMonth()) {
                case JANUARY, FEBRUARY -> week == 3;
                case MAY -> day.getDayOfMonth() > 24;
                case SEPTEMBER -> week == 1;
                case OCTOBER -> week == 2;
                default -> false;
              };
          case THURSDAY -> day.getMonth() == Month.NOVEMBER && week == 4;
          default -> false;
        };
    boolean isObserved =
        switch (weekday) {
          case SATURDAY, SUNDAY -> false;
          case FRIDAY -> isFixed(day) || isFixed(day.plusDays(1));
          case MONDAY -> isFixed(day) || isFixed(day.minusDays(1));
          default -> isFixed(day);
        };
    return isNth || isObserved;
  }

  private static boolean isFixed(LocalDate day) {
    return List.of("01-01", "06-19", "07-04", "11-11", "12-25")
        .contains(day.toString().substring(5));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-04T10:00:00Z, 2026-11-04T22:00:00Z, 0, the same day",
    "2026-11-04T10:00:00Z, 2026-11-05T22:00:00Z, 1, the next",
    "2026-11-06T22:00:00Z, 2026-11-09T15:00:00Z, 1, Friday to Monday",
    "2026-11-07T15:00:00Z, 2026-11-08T15:00:00Z, 0, Saturday to Sunday",
    "2026-11-07T15:00:00Z, 2026-11-09T15:00:00Z, 1, Saturday to Monday",
    "2026-11-10T15:00:00Z, 2026-11-12T15:00:00Z, 1, over Veterans Day",
    "2026-11-25T15:00:00Z, 2026-11-30T15:00:00Z, 2, over Thanksgiving",
    "2027-12-30T15:00:00Z, 2028-01-03T15:00:00Z, 1, over a New Year that is observed before",
    "2026-11-04T10:00:00Z, 2026-11-01T10:00:00Z, 0, backwards",
    "2026-01-01T10:00:00Z, 2026-12-31T20:00:00Z, 250, a year"
  })
  void theyAreCountedFromTheDayAfter(Instant from, Instant until, long days, String what) {
    assertThat(NEW_YORK.between(from, until)).as(what).isEqualTo(days);
  }

  @ParameterizedTest
  @ValueSource(strings = {"America/New_York", "America/Los_Angeles"})
  void aMomentIsOfTheDayThatItIsInTheZone(String zone) {
    BusinessDays days = new BusinessDays(ZoneId.of(zone));
    Instant fridayNight = Instant.parse("2026-11-07T04:30:00Z");

    assertThat(days.day(fridayNight)).isEqualTo("2026-11-06");
    assertThat(days.between(fridayNight, Instant.parse("2026-11-09T20:00:00Z"))).isEqualTo(1);
    assertThat(new BusinessDays(ZoneId.of("UTC")).day(fridayNight)).isEqualTo("2026-11-07");
  }

  private static Stream<LocalDate> daysOf(int year) {
    return LocalDate.of(year, 1, 1).datesUntil(LocalDate.of(year + 1, 1, 1));
  }

  private static boolean isWeekday(LocalDate day) {
    return day.getDayOfWeek() != DayOfWeek.SATURDAY && day.getDayOfWeek() != DayOfWeek.SUNDAY;
  }
}
