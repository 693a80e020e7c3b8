package org.payerexchange.download;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;

/**
 * How slowly a payer may send a file. A connection that is never silent for long enough to time
 * out, but sends a byte now and then, would hold a download slot for days.
 */
public final class MinimumSpeed {
  private final Clock clock;
  private final long bytesPerSecond;
  private final long windowMillis;

  /**
   * The bean {@code minimumSpeed}.
   *
   * @param bytesPerSecond the least that has to arrive on average; 0: no limit
   * @param window the time spent waiting for the payer over which that is measured
   */
  public MinimumSpeed(Clock clock, long bytesPerSecond, Duration window) {
    this.clock = clock;
    this.bytesPerSecond = bytesPerSecond;
    this.windowMillis = window.toMillis();
  }

  /** A body whose reading fails with an {@link IOException} once it comes too slowly. */
  public InputStream demandedOf(InputStream body) {
    return measured().of(body);
  }

  /** The same of what comes in several bodies. */
  Measured measured() {
    return new Measured();
  }

  /** What comes in one body after the other, measured as if it were one. */
  final class Measured {
    private long waited;
    private long arrived;

    private Measured() {}

    InputStream of(InputStream body) {
      return new FilterInputStream(body) {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
          long before = clock.millis();
          int read = super.read(buffer, offset, length);
          count(clock.millis() - before, Math.max(read, 0));
          return read;
        }
      };
    }

    private void count(long millis, int bytes) throws IOException {
      waited += millis;
      arrived += bytes;
      if (waited < windowMillis) {
        return;
      }
      if (arrived * 1000 < bytesPerSecond * waited) {
        throw new IOException("only %s bytes arrived in %s ms".formatted(arrived, waited));
      }
      waited = 0;
      arrived = 0;
    }
  }
}
