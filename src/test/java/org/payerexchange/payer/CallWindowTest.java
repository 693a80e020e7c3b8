package org.payerexchange.payer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallWindowTest {
  @Test
  void aWindowOverMidnightIsClosedByDay() {
    CallWindow window = CallWindow.of("20:00-06:00 America/Chicago");

    assertClosed(window, "2026-11-28T18:00:00Z", "2026-11-28T12:00:00Z", "2026-11-29T02:00:00Z");
    assertClosed(window, "2026-11-29T02:00:00Z", "2026-11-29T12:00:00Z", "2026-11-30T02:00:00Z");
    assertThat(window.isOpen(Instant.parse("2026-11-29T11:59:59Z"))).isTrue();
    assertThat(window.isOpen(Instant.parse("2026-11-29T12:00:00Z"))).isFalse();
  }

  @Test
  void aNightInWhichClocksArePutForwardOrBackEndsByThem() {
    CallWindow window = CallWindow.of("20:00-06:00 America/Chicago");

    assertClosed(window, "2026-03-08T03:00:00Z", "2026-03-08T11:00:00Z", "2026-03-09T01:00:00Z");
    assertClosed(window, "2026-11-01T03:00:00Z", "2026-11-01T12:00:00Z", "2026-11-02T02:00:00Z");
  }

  @Test
  void hoursThatAreSkippedOrComeTwiceAreThoseOfTheClockOnTheWall() {
    CallWindow skipped = CallWindow.of("00:00-02:30 America/Chicago");
    assertClosed(skipped, "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z", "2026-03-09T05:00:00Z");

    CallWindow twice = CallWindow.of("00:00-01:30 America/Chicago");
    assertClosed(twice, "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z");
  }

  @Test
  void severalHoursAreReadAndWithoutAZoneTheyAreUtc() {
    CallWindow window = CallWindow.of("12:00-13:00, 20:00 - 06:00");

    assertClosed(window, "2026-11-28T12:30:00Z", "2026-11-28T13:00:00Z", "2026-11-28T20:00:00Z");
    assertClosed(window, "2026-11-28T11:00:30Z", "2026-11-28T06:00:00Z", "2026-11-28T12:00:00Z");
  }

  @Test
  void aDayEndsAtTwentyFourOrAtZero() {
    assertThat(CallWindow.of("18:00-24:00 America/Chicago"))
        .isEqualTo(CallWindow.of("18:00-00:00 America/Chicago"));
  }

  @Test
  void hoursThatNoClockShowsInANightAreNoneInIt() {
    CallWindow window = CallWindow.of("02:00-02:01 America/Chicago");

    assertClosed(window, "2026-03-08T12:00:00Z", "2026-03-07T08:01:00Z", "2026-03-09T07:00:00Z");
  }

  @Test
  void itIsToldAsItIsConfigured() {
    assertThat(CallWindow.of("20:00 - 06:00, 12:00-13:30 America/Chicago").text())
        .isEqualTo("20:00-06:00,12:00-13:30 America/Chicago");
    assertThat(CallWindow.of("20:00-06:00").text()).isEqualTo("20:00-06:00 UTC");
  }

  @Test
  void hoursThatAreTheWholeDayTogetherNeverClose() {
    assertThat(
            CallWindow.of("00:00-12:00,12:00-00:00").closed(Instant.parse("2026-11-28T12:00:00Z")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "night",
        "20:00",
        "20:00-",
        "20-6",
        "20:00-20:00",
        "20:00-25:00",
        "24:00-06:00",
        "00:00-24:00",
        "20:00-06:00 Chicago",
        "20:00-06:00 America/Chicago now",
        "20:00-06:00,"
      })
  void whatIsNoWindowIsRefused(String text) {
    assertThatThrownBy(() -> CallWindow.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be like 20:00-06:00 America/Chicago");
  }

  private static void assertClosed(CallWindow window, String now, String from, String until) {
    assertThat(window.closed(Instant.parse(now)))
        .contains(new CallWindow.Closed(Instant.parse(from), Instant.parse(until)));
  }
}
