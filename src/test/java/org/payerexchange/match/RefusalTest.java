package org.payerexchange.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.step.FailureReason;

class RefusalTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "NO_MATCH | {}",
        "NO_MATCH | {'issue': [{'code': 'processing', 'diagnostics': 'no such member'}]}",
        "NO_MATCH | {'issue': [{'code': 'not-found', 'diagnostics': 'whatever the consent'}]}",
        "AMBIGUOUS_MATCH | {'issue': [{'code': 'multiple-matches'}]}",
        "AMBIGUOUS_MATCH | {'issue': [{'code': 'processing', 'details': {'text': 'Multiple members'}}]}",
        "CONSENT_CONSTRAINED | {'issue': [{'code': 'suppressed'}]}",
        "CONSENT_CONSTRAINED | {'issue': [{'code': 'business-rule'}]}",
        "CONSENT_CONSTRAINED | {'issue': [{'code': 'processing', 'diagnostics': 'HAPI-1158: Consent policy'}]}",
      })
  void aRefusalIsToldByItsCodeAndThenByItsText(String reason, String outcome) throws IOException {
    assertThat(Refusal.reason(json(outcome))).isEqualTo(FailureReason.valueOf(reason));
  }

  /** Java writes these in small letters by the square of their number. */
  @Test
  void theLongestTextIsReadInOnePass() {
    String outcome = "{'issue': [{'diagnostics': '%s Consent'}]}".formatted("Σ".repeat(1 << 20));
    assertThat(
            assertTimeoutPreemptively(Duration.ofMinutes(1), () -> Refusal.reason(json(outcome))))
        .isEqualTo(FailureReason.CONSENT_CONSTRAINED);
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }
}
