package org.payerexchange.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What becomes of a payer's error file in a warning. */
class ErrorFileSummaryTest {
  @Test
  void aLineBeyondTheLimitsIsCountedAndLosesNoOther() throws IOException {
    String deep = "[".repeat(150) + "]".repeat(150);
    String file =
        """
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
        {"resourceType": "OperationOutcome", "extension": %s}
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
        """
            .formatted(deep);

    assertThat(ErrorFileSummary.of(new ByteArrayInputStream(file.getBytes(UTF_8))))
        .isEqualTo("the payer reports 3 issue(s): error/not-found 2, unreadable 1");
  }
}
