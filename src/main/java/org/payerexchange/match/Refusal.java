package org.payerexchange.match;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.payerexchange.step.FailureReason;

/**
 * Why a payer answers 422 (HRex, "Member Match Operation"): it knows no such member, or several, or
 * does not honour the consent. No code is fixed for that: what an issue's code does not tell, its
 * text does. The text is not kept, as it may hold PHI.
 */
final class Refusal {
  private Refusal() {}

  /**
   * NO_MATCH, AMBIGUOUS_MATCH or CONSENT_CONSTRAINED.
   *
   * @param outcome an OperationOutcome, or whatever else the payer sent
   */
  static FailureReason reason(JsonNode outcome) {
    List<JsonNode> issues = outcome.path("issue").valueStream().toList();
    return Stream.concat(
            issues.stream().map(issue -> byCode(issue.path("code").asText())),
            issues.stream().map(Refusal::byText))
        .flatMap(Optional::stream)
        .findFirst()
        .orElse(FailureReason.NO_MATCH);
  }

  private static Optional<FailureReason> byCode(String code) {
    return switch (code) {
      case "not-found" -> Optional.of(FailureReason.NO_MATCH);
      case "multiple-matches" -> Optional.of(FailureReason.AMBIGUOUS_MATCH);
      case "security", "forbidden", "suppressed", "business-rule" ->
          Optional.of(FailureReason.CONSENT_CONSTRAINED);
      default -> Optional.empty();
    };
  }

  private static Optional<FailureReason> byText(JsonNode issue) {
    String text =
        (issue.path("diagnostics").asText() + " " + issue.path("details").path("text").asText())
            .toLowerCase(Locale.ROOT);
    if (text.contains("consent")) {
      return Optional.of(FailureReason.CONSENT_CONSTRAINED);
    }
    return text.contains("multiple") || text.contains("more than one")
        ? Optional.of(FailureReason.AMBIGUOUS_MATCH)
        : Optional.empty();
  }
}
