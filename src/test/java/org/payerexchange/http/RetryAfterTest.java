package org.payerexchange.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  private final Clock clock = Clock.fixed(Instant.parse("2026-11-23T18:00:00Z"), ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "120 | PT2M",
        "0 | PT0S",
        " 7200 | PT2H",
        "1.5 | PT2S",
        "Mon, 23 Nov 2026 18:01:30 GMT | PT1M30S",
        "Mon, 23 Nov 2026 18:01:30 UTC | PT1M30S",
        "mon, 23 nov 2026 18:01:30 gmt | PT1M30S",
        "Mon, 23 Nov 2026 13:01:30 -0500 | PT1M30S",
        "Thu, 23 Nov 2026 18:01:30 GMT | PT1M30S",
        "23 Nov 2026 18:01:30 GMT | PT1M30S",
        "Tue, 1 Dec 2026 18:00:00 GMT | P1D",
        "Mon, 23 Nov 2026 18:01 GMT | PT1M",
        "Monday, 23-Nov-26 18:01:30 GMT | PT1M30S",
        "Mon Nov 23 18:01:30 2026 | PT1M30S",
        "Tue Dec  1 18:00:00 2026 | P1D",
        "1795457100 | PT5M",
        "1795457100000 | PT5M",
      })
  void secondsDatesAndEpochTimestampsAreUnderstood(String value, Duration wait) {
    assertThat(RetryAfter.parse(value, null, clock)).contains(wait);
  }

  /** A proxy may add its own to a server's. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "120,120 | PT2M",
        "60, 120, 90 | PT2M",
        "soon, 60 | PT1M",
        "60, Mon, 23 Nov 2026 18:01:30 GMT | PT1M30S",
        "Monday, 23-Nov-26 18:01:30 GMT, Mon, 23 Nov 2026 18:01:10 GMT, 5 | PT1M30S",
      })
  void theLongestOfSeveralCounts(String value, Duration wait) {
    assertThat(RetryAfter.parse(value, null, clock)).contains(wait);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Mon, 23 Nov 2026 17:58:00 GMT | PT1M",
        " Mon, 23 Nov 2026 17:58:00 GMT | PT1M",
        "1795456680 | PT1M",
        "60 | PT1M",
      })
  void aPointInTimeIsThatOfTheServersClock(String value, Duration wait) {
    String date = "Mon, 23 Nov 2026 17:57:00 GMT";

    assertThat(RetryAfter.parse(value, date, clock)).contains(wait);
    assertThat(RetryAfter.parse(value, " " + date, clock)).contains(wait);
  }

  @Test
  void aDateThatCannotBeReadIsNone() {
    assertThat(RetryAfter.parse("Mon, 23 Nov 2026 18:01:30 GMT", "today", clock))
        .contains(Duration.ofSeconds(90));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Mon, 23 Nov 2026 17:00:00 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Mon, 23 Nov 2026 18:00:00 GMT",
        "1795456799",
      })
  void aPointInTimeThatIsOverAsksForNoWait(String value) {
    assertThat(RetryAfter.parse(value, null, clock)).isEmpty();
    assertThat(RetryAfter.parse(value, "Mon, 23 Nov 2026 18:00:00 GMT", clock)).isEmpty();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "soon", "-5", "999999999999999999", "Mon, 99 Nov 2026"})
  void anythingElseIsNoAnswer(String value) {
    assertThat(RetryAfter.parse(value, null, clock)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"86401", "86400000", "315360000", "Fri, 23 Nov 2029 18:00:00 GMT"})
  void nobodyIsLeftAloneForMoreThanADay(String value) {
    assertThat(RetryAfter.parse(value, null, clock)).contains(Duration.ofDays(1));
  }
}
