package org.payerexchange.support;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock in UTC that goes on only when it is told to. Not thread-safe. */
public final class SettableClock extends Clock {
  private Instant now;

  /** Stands at a time. */
  public SettableClock(Instant now) {
    this.now = now;
  }

  /** Goes on. */
  public void forward(Duration time) {
    now = now.plus(time);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return Clock.fixed(now, zone);
  }
}
