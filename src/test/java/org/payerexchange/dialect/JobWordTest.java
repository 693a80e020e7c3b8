package org.payerexchange.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobWordTest {
  /** Java writes these in small letters by the square of their number. */
  @Test
  void theLongestWordIsReadInOnePass() {
    assertThat(
            assertTimeoutPreemptively(Duration.ofMinutes(1), () -> JobWord.of("Σ".repeat(1 << 20))))
        .isEqualTo(JobWord.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({
    "Successful, FINISHED",
    "CompletedWithErrors, FINISHED",
    "COMPLETED_WITH_WARNINGS, FINISHED",
    "partial-success, FINISHED",
    "processed, FINISHED",
    "In error, FAILED",
    "TimedOut, FAILED",
    "Cancel completed, FAILED",
    "unsuccessful, FAILED",
    "Not ready, AT_WORK",
    "Archived, UNKNOWN",
    "completed with regret, UNKNOWN",
    "'...', NONE",
    "'', NONE"
  })
  void aWordMeansTheSameInEverySpelling(String status, JobWord word) {
    assertThat(JobWord.of(status)).isEqualTo(word);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "queued",
        "in progress",
        "pending",
        "accepted",
        "submitted",
        "active",
        "processing",
        "running",
        "waiting",
        "scheduled",
        "not started",
        "on hold",
        "building"
      })
  void aWordOfWorkIsOneInAnySpelling(String word) {
    String title = Character.toUpperCase(word.charAt(0)) + word.substring(1);
    Stream.of(word, title, word.toUpperCase(Locale.ROOT))
        .flatMap(
            cased -> Stream.of(" ", "-", "_", ".", "").map(between -> cased.replace(" ", between)))
        .flatMap(spelled -> Stream.of(spelled, spelled + ".", " " + spelled + "..."))
        .forEach(spelled -> assertThat(JobWord.of(spelled)).as(spelled).isEqualTo(JobWord.AT_WORK));
  }
}
