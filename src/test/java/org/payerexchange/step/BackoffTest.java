package org.payerexchange.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  @ParameterizedTest
  @CsvSource({"0, PT1S", "1, PT2S", "8, PT4M16S", "9, PT5M", "2147483647, PT5M", "-1, PT1S"})
  void theWaitDoublesWithEveryAttemptUpToTheLongest(int attempts, Duration wait) {
    assertThat(new Backoff(FIRST, LONGEST, () -> 1).after(attempts)).isEqualTo(wait);
  }

  @ParameterizedTest
  @CsvSource({"0, PT1S", "3, PT4S", "9, PT2M30S"})
  void chanceTakesUpToHalfOfItButNeverGoesBelowTheFirst(int attempts, Duration wait) {
    assertThat(new Backoff(FIRST, LONGEST, () -> 0).after(attempts)).isEqualTo(wait);
  }

  @Test
  void waitsThatCannotBeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Backoff(LONGEST, LONGEST.dividedBy(2)));
    assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(Duration.ZERO, FIRST));
  }
}
