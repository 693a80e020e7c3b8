package org.payerexchange.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.payerexchange.support.SettableClock;

class MinimumSpeedTest {
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final SettableClock clock = new SettableClock(Instant.EPOCH);

  @Test
  void aBodyThatComesAtAByteASecondIsBrokenOffAfterTheWindow() {
    InputStream body =
        new MinimumSpeed(clock, 1024, WINDOW).demandedOf(sends(1, Duration.ofSeconds(1)));

    assertThatIOException()
        .isThrownBy(() -> read(body, 60))
        .withMessage("only 60 bytes arrived in 60000 ms");
    assertThat(clock.instant()).isEqualTo(Instant.EPOCH.plus(WINDOW));
  }

  @Test
  void aBodyThatStallsButCatchesUpWithinTheWindowIsRead() throws Exception {
    InputStream body =
        new MinimumSpeed(clock, 1024, WINDOW).demandedOf(sends(40_000, Duration.ofSeconds(35)));

    assertThat(read(body, 100)).isEqualTo(100 * 40_000);
  }

  @Test
  void timeThatThePayerDoesNotTakeDoesNotCount() throws Exception {
    InputStream body =
        new MinimumSpeed(clock, 1024, WINDOW).demandedOf(sends(1024, Duration.ofSeconds(1)));

    for (int i = 0; i < 120; i++) {
      clock.forward(Duration.ofSeconds(100));

      assertThat(read(body, 1)).isEqualTo(1024);
    }
  }

  @Test
  void withoutALimitNothingIsTooSlow() throws Exception {
    InputStream body = new MinimumSpeed(clock, 0, WINDOW).demandedOf(sends(1, Duration.ofHours(1)));

    assertThat(read(body, 100)).isEqualTo(100);
  }

  private InputStream sends(int bytes, Duration after) {
    return new InputStream() {
      @Override
      public int read() {
        throw new UnsupportedOperationException();
      }

      @Override
      public int read(byte[] buffer, int offset, int length) {
        clock.forward(after);
        return Math.min(bytes, length);
      }
    };
  }

  private static long read(InputStream body, int times) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long bytes = 0;
    for (int i = 0; i < times; i++) {
      bytes += body.read(buffer);
    }
    return bytes;
  }
}
