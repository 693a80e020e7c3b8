package org.payerexchange.export;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * When a running job is asked for next, and when it is given up. The payer's Retry-After counts;
 * without one the wait doubles from poll to poll, up to half of it left to chance so that jobs that
 * started together do not stay together.
 */
public final class PollSchedule {
  /** The shortest wait, for a payer that sends {@code Retry-After: 0}. */
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private static final int MOST_DOUBLINGS = 30;

  private final Clock clock;
  private final Duration minDelay;
  private final Duration maxDelay;
  private final Duration deadline;
  private final DoubleSupplier chance;

  /**
   * A schedule from the configuration.
   *
   * @param clock tells when the deadline has passed
   * @param minDelay {@code p2p.poll.min-delay}
   * @param maxDelay {@code p2p.poll.max-delay}
   * @param deadline {@code p2p.poll.deadline}, since the kick-off
   */
  public PollSchedule(Clock clock, Duration minDelay, Duration maxDelay, Duration deadline) {
    this(clock, minDelay, maxDelay, deadline, () -> ThreadLocalRandom.current().nextDouble());
  }

  PollSchedule(
      Clock clock, Duration minDelay, Duration maxDelay, Duration deadline, DoubleSupplier chance) {
    if (minDelay.isZero() || minDelay.isNegative() || maxDelay.compareTo(minDelay) < 0) {
      throw new IllegalArgumentException(
          "p2p.poll.min-delay must be positive and not larger than p2p.poll.max-delay");
    }
    this.clock = clock;
    this.minDelay = minDelay;
    this.maxDelay = maxDelay;
    this.deadline = deadline;
    this.chance = chance;
  }

  /** Whether a job's time is over. */
  public boolean isOver(Instant startedAt) {
    return !clock.instant().isBefore(startedAt.plus(deadline));
  }

  /**
   * How long to wait for the next poll; never longer than until the deadline, so that a job is
   * given up on time.
   *
   * @param startedAt when the job was kicked off
   * @param polls how often it has been asked for
   * @param retryAfter what the payer asked for
   */
  public Duration next(Instant startedAt, int polls, Optional<Duration> retryAfter) {
    Duration wait =
        retryAfter.map(PollSchedule::atLeastTheShortest).orElseGet(() -> backoff(polls));
    Duration left = Duration.between(clock.instant(), startedAt.plus(deadline));
    return left.compareTo(Duration.ZERO) > 0 && left.compareTo(wait) < 0 ? left : wait;
  }

  private static Duration atLeastTheShortest(Duration wait) {
    return wait.compareTo(SHORTEST) < 0 ? SHORTEST : wait;
  }

  private Duration backoff(int polls) {
    Duration full = minDelay.multipliedBy(1L << Math.min(Math.max(polls, 0), MOST_DOUBLINGS));
    if (full.compareTo(maxDelay) > 0) {
      full = maxDelay;
    }
    Duration wait = full.minusMillis((long) (full.toMillis() / 2.0 * chance.getAsDouble()));
    return wait.compareTo(minDelay) < 0 ? minDelay : wait;
  }
}
