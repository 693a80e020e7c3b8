package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.payerexchange.payer.CallLimits;

class AllowanceTest {
  private static final Instant START = Instant.parse("2026-11-28T08:00:00Z");
  private static final CallLimits LIMITS = new CallLimits(5, 12, Optional.empty());
  private static final Allowance NEVER = new Allowance(null, 0, 0);

  @Test
  void aSecondIsOverASecondAfterItsLastCallAndAMinuteLikewise() {
    Allowance five = NEVER.with(5, START);
    assertThat(five.room(LIMITS, START.plusMillis(999))).isZero();
    assertThat(five.next(LIMITS)).isEqualTo(START.plusSeconds(1));

    Allowance ten = five.with(5, START.plusSeconds(1));
    assertThat(ten.room(LIMITS, START.plusSeconds(2))).isEqualTo(2);

    Allowance twelve = ten.with(2, START.plusSeconds(2));
    assertThat(twelve.next(LIMITS)).isEqualTo(START.plusSeconds(62));
    assertThat(twelve.room(LIMITS, START.plusSeconds(62))).isEqualTo(5);
  }

  @Test
  void aPayerWithoutALimitHasRoomAlways() {
    Allowance many = NEVER.with(1000, START);

    assertThat(many.room(CallLimits.NONE, START)).isPositive();
    assertThat(many.next(CallLimits.NONE)).isNull();
  }

  @Test
  void noSecondAndNoMinuteHasMoreThanItsLimitWhereverItBegins() {
    Random random = new Random(24);
    List<Instant> calls = new ArrayList<>();
    Allowance left = NEVER;
    Instant now = START;
    for (int i = 0; i < 20_000; i++) {
      now = now.plusMillis(random.nextInt(700));
      int some = Math.min(left.room(LIMITS, now), random.nextInt(4));
      if (some > 0) {
        left = left.with(some, now);
      }
      for (int call = 0; call < some; call++) {
        calls.add(now);
      }
    }
    assertThat(calls).hasSizeGreaterThan(500);
    for (int i = 0; i < calls.size() - 12; i++) {
      assertThat(Duration.between(calls.get(i), calls.get(i + 5)))
          .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
      assertThat(Duration.between(calls.get(i), calls.get(i + 12)))
          .isGreaterThanOrEqualTo(Duration.ofMinutes(1));
    }
  }
}
