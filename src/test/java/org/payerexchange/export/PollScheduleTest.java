package org.payerexchange.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.payerexchange.step.Backoff;

class PollScheduleTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration MIN = Duration.ofSeconds(5);
  private static final Duration MAX = Duration.ofMinutes(5);
  private static final Duration DEADLINE = Duration.ofHours(24);

  @Test
  void withoutRetryAfterTheWaitDoublesUpToTheLongest() {
    PollSchedule schedule = schedule(1);

    assertThat(schedule.next(NOW, 0, Optional.empty())).isEqualTo(MIN);
    assertThat(schedule.next(NOW, 1, Optional.empty())).isEqualTo(Duration.ofSeconds(10));
    assertThat(schedule.next(NOW, 3, Optional.empty())).isEqualTo(Duration.ofSeconds(40));
    assertThat(schedule.next(NOW, 6, Optional.empty())).isEqualTo(MAX);
    assertThat(schedule.next(NOW, Integer.MAX_VALUE, Optional.empty())).isEqualTo(MAX);
  }

  @Test
  void chanceTakesUpToHalfOfTheWaitButNeverGoesBelowTheShortest() {
    PollSchedule schedule = schedule(0);

    assertThat(schedule.next(NOW, 0, Optional.empty())).isEqualTo(MIN);
    assertThat(schedule.next(NOW, 3, Optional.empty())).isEqualTo(Duration.ofSeconds(20));
    assertThat(schedule.next(NOW, 9, Optional.empty())).isEqualTo(MAX.dividedBy(2));
  }

  @Test
  void thePayersRetryAfterCountsHoweverShortOrLongButNotZero() {
    PollSchedule schedule = schedule(1);

    assertThat(schedule.next(NOW, 9, Optional.of(Duration.ofSeconds(2))))
        .isEqualTo(Duration.ofSeconds(2));
    assertThat(schedule.next(NOW, 0, Optional.of(Duration.ofHours(3))))
        .isEqualTo(Duration.ofHours(3));
    assertThat(schedule.next(NOW, 0, Optional.of(Duration.ZERO))).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aLostJobIsKickedOffAgainAfterTheShortestWaitAndThenAfterTheLongest() {
    assertThat(schedule(1).restart(0)).isEqualTo(MIN);
    assertThat(schedule(1).restart(1)).isEqualTo(MAX);
  }

  @Test
  void noWaitGoesPastTheDeadline() {
    Instant startedAt = NOW.minus(DEADLINE).plusSeconds(3);

    assertThat(schedule(1).next(startedAt, 9, Optional.of(Duration.ofHours(3))))
        .isEqualTo(Duration.ofSeconds(3));
    assertThat(schedule(1).next(startedAt, 9, Optional.empty())).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void theDeadlineCountsFromTheKickOff() {
    assertThat(schedule(1).isOver(NOW.minus(DEADLINE).plusMillis(1))).isFalse();
    assertThat(schedule(1).isOver(NOW.minus(DEADLINE))).isTrue();
  }

  @Test
  void delaysThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new PollSchedule(Clock.systemUTC(), MAX, MIN, DEADLINE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shortest delay");
    assertThatThrownBy(() -> new PollSchedule(Clock.systemUTC(), Duration.ZERO, MIN, DEADLINE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static PollSchedule schedule(double chance) {
    return new PollSchedule(
        Clock.fixed(NOW, ZoneOffset.UTC), new Backoff(MIN, MAX, () -> chance), DEADLINE);
  }
}
