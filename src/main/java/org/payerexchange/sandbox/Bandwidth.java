package org.payerexchange.sandbox;

import java.util.concurrent.TimeUnit;

/** Keeps all file responses together within a number of bytes per second. */
final class Bandwidth {
  private final long bytesPerSecond;
  private long freeAt;

  Bandwidth(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
    this.freeAt = System.nanoTime();
  }

  /** Takes room for some bytes; returns how many milliseconds to wait before they are sent. */
  synchronized long reserve(int bytes) {
    if (bytesPerSecond <= 0) {
      return 0;
    }
    long now = System.nanoTime();
    freeAt = Math.max(freeAt, now) + TimeUnit.SECONDS.toNanos(bytes) / bytesPerSecond;
    return TimeUnit.NANOSECONDS.toMillis(freeAt - now);
  }
}
