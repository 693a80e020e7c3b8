package org.payerexchange.export;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.payerexchange.step.Backoff;

/**
 * When a running job is asked for next, and when it is given up. The payer's Retry-After counts;
 * without one the wait grows from poll to poll.
 */
public final class PollSchedule {
  /** The shortest wait, for a payer that sends {@code Retry-After: 0}. */
  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private final Clock clock;
  private final Backoff backoff;
  private final Duration deadline;

  /**
   * A schedule from the configuration.
   *
   * @param clock tells when the deadline has passed
   * @param minDelay {@code p2p.poll.min-delay}
   * @param maxDelay {@code p2p.poll.max-delay}
   * @param deadline {@code p2p.poll.deadline}, since the kick-off
   */
  public PollSchedule(Clock clock, Duration minDelay, Duration maxDelay, Duration deadline) {
    this(clock, new Backoff(minDelay, maxDelay), deadline);
  }

  PollSchedule(Clock clock, Backoff backoff, Duration deadline) {
    this.clock = clock;
    this.backoff = backoff;
    this.deadline = deadline;
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
        retryAfter.map(PollSchedule::atLeastTheShortest).orElseGet(() -> backoff.after(polls));
    Duration left = Duration.between(clock.instant(), startedAt.plus(deadline));
    return left.compareTo(Duration.ZERO) > 0 && left.compareTo(wait) < 0 ? left : wait;
  }

  /**
   * How long to wait until a lost job is kicked off again: {@code p2p.poll.min-delay} the first
   * time, and {@code p2p.poll.max-delay} after that.
   *
   * @param restarts how often it has been
   */
  public Duration restart(int restarts) {
    return restarts == 0 ? backoff.first() : backoff.longest();
  }

  private static Duration atLeastTheShortest(Duration wait) {
    return wait.compareTo(SHORTEST) < 0 ? SHORTEST : wait;
  }
}
