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

class ExpiresTest {
  private static final Instant NOW = Instant.parse("2026-11-23T18:00:00Z");

  private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Mon, 23 Nov 2026 18:01:00 GMT | PT1M",
        " Mon, 23 Nov 2026 19:00:00 GMT | PT1H",
        "Tue, 23 Nov 2027 18:00:00 GMT | PT8760H",
      })
  void aTimeThatIsToComeIsTaken(String value, Duration left) {
    assertThat(Expires.parse(value, null, clock)).contains(NOW.plus(left));
  }

  @Test
  void theServersClockDoesNotMatter() {
    assertThat(
            Expires.parse("Mon, 23 Nov 2026 10:30:00 GMT", "Mon, 23 Nov 2026 10:00:00 GMT", clock))
        .contains(NOW.plus(Duration.ofMinutes(30)));
    assertThat(
            Expires.parse("Mon, 23 Nov 2026 20:00:00 GMT", "Mon, 23 Nov 2026 20:00:00 GMT", clock))
        .isEmpty();
    assertThat(Expires.parse("Mon, 23 Nov 2026 18:30:00 GMT", "today", clock))
        .contains(NOW.plus(Duration.ofMinutes(30)));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "0",
        "-1",
        "3600",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 23 Nov 2026 18:00:00 GMT",
        "Mon, 23 Nov 2026 18:00:59 GMT",
        "Sat, 01 Jan 2028 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
      })
  void anythingElseIsNoTimeToPlanWith(String value) {
    assertThat(Expires.parse(value, null, clock)).isEmpty();
  }
}
