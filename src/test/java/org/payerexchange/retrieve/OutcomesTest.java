package org.payerexchange.retrieve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutcomesTest {
  private static JsonNode outcome(String issues) throws IOException {
    return new ObjectMapper()
        .readTree("{\"resourceType\":\"OperationOutcome\",\"issue\":[%s]}".formatted(issues));
  }

  private static String issue(String severity, String code) {
    return "{\"severity\":\"%s\",\"code\":\"%s\"}".formatted(severity, code);
  }

  @ParameterizedTest
  @CsvSource({
    "information, processing, true, true",
    "information, informational, true, true",
    "warning, informational, true, true",
    "warning, processing, false, true",
    "warning, not-found, false, false",
    "warning, incomplete, false, false",
    "information, incomplete, false, false",
    "information, suppressed, false, false",
    "warning, too-costly, false, false",
    "information, throttled, false, false",
    "error, informational, false, false",
    "error, processing, false, false",
    "fatal, informational, false, false",
  })
  void whatAnIssueMeansIsToldByItsSeverityAndItsCode(
      String severity, String code, boolean harmless, boolean nothingFound) throws Exception {
    JsonNode outcome = outcome(issue(severity, code));

    assertThat(Outcomes.isHarmless(outcome)).isEqualTo(harmless);
    assertThat(Outcomes.mayMeanNothingFound(outcome)).isEqualTo(nothingFound);
  }

  @Test
  void oneIssueOfALossIsALoss() throws Exception {
    JsonNode outcome =
        outcome(issue("information", "informational") + "," + issue("warning", "suppressed"));

    assertThat(Outcomes.isHarmless(outcome)).isFalse();
    assertThat(Outcomes.mayMeanNothingFound(outcome)).isFalse();
  }
}
