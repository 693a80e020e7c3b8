package org.payerexchange.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Case transaction-time and its like. */
class TransactionTimeTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-20T10:00:00.000+0000",
        "2026-11-20T10:00:00.000Z",
        "2026-11-20T10:00:00Z",
        "2026-11-20T10:00Z",
        "2026-11-20T10:00:00+00",
        "2026-11-20T10:00:00.000+00:00",
        "2026-11-20t10:00:00z",
        "2026-11-20 10:00:00 UTC",
        "2026-11-20 10:00:00 +0000",
        " 2026-11-20T10:00:00,000Z ",
        "2026-11-20T10:00:00.000000000Z",
        "2026-11-20T10:00:00.000000000000Z",
        "2026-11-20T12:00:00+0200",
        "2026-11-20T05:00:00.000-05",
        "2026-11-20T10:00:00Z[UTC]",
        "Fri, 20 Nov 2026 10:00:00 GMT",
        "1795168800",
        "1795168800000",
        "1795168800.123",
        "1.7951688E9",
      })
  void anInstantIsReadInEveryFormThatServersSend(String text) {
    assertThat(TransactionTime.earliest(text)).contains(Instant.parse("2026-11-20T10:00:00Z"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-11-20T10:00:00.000", "2026-11-20 10:00"})
  void aLocalTimeIsTheEarliestThatItCanBe(String text) {
    assertThat(TransactionTime.earliest(text)).contains(Instant.parse("2026-11-19T20:00:00Z"));
  }

  @Test
  void aDateBeginsWhereItBeginsFirst() {
    assertThat(TransactionTime.earliest("2026-11-20"))
        .contains(Instant.parse("2026-11-19T10:00:00Z"));
  }

  @Test
  void noDigitBehindTheSecondMovesTheTime() {
    assertThat(TransactionTime.earliest("2026-11-20T10:00:00.1234567891234Z"))
        .contains(Instant.parse("2026-11-20T10:00:00.123456789Z"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "2026",
        "20/11/2026 10:00:00",
        "2026-11-31T10:00:00Z",
        "2026-11-20T25:00:00Z",
        "2026-11-20T10:00:00+99:00",
        "99999999999999999999",
        "0"
      })
  void whatCannotBeReadIsNotGuessed(String text) {
    assertThat(TransactionTime.earliest(text)).isEmpty();
    assertThat(TransactionTime.earliest(null)).isEmpty();
  }
}
