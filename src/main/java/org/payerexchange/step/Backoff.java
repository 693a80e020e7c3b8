package org.payerexchange.step;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * Waits that double from one attempt to the next. The upper half of each is left to chance, so that
 * what began together does not stay together.
 *
 * @param first the wait after the first attempt, and the shortest
 * @param longest no wait is longer
 * @param chance numbers from 0 to 1
 */
public record Backoff(Duration first, Duration longest, DoubleSupplier chance) {
  private static final int MOST_DOUBLINGS = 30;

  /** Fails with {@link IllegalArgumentException} if these can be no waits. */
  public Backoff {
    if (first.isZero() || first.isNegative() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "the shortest delay must be positive and not longer than the longest");
    }
  }

  /** Leaves chance to this JVM. */
  public Backoff(Duration first, Duration longest) {
    this(first, longest, () -> ThreadLocalRandom.current().nextDouble());
  }

  /**
   * The wait after so many attempts.
   *
   * @param attempts from 0
   */
  public Duration after(int attempts) {
    Duration grown = first.multipliedBy(1L << Math.min(Math.max(attempts, 0), MOST_DOUBLINGS));
    long most = (grown.compareTo(longest) < 0 ? grown : longest).toMillis();
    Duration wait = Duration.ofMillis(most / 2 + (long) (chance.getAsDouble() * (most - most / 2)));
    return wait.compareTo(first) < 0 ? first : wait;
  }
}
