package org.payerexchange.match;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.payerexchange.step.FailureReason;

/**
 * Why a payer answers 422 (HRex, "Member Match Operation"): it knows no such member, or several, or
 * does not honour the consent. No code is fixed for that: what an issue's code does not tell, its
 * text does. The text is not kept, as it may hold PHI.
 */
final class Refusal {
  private static final Pattern CONSENT = Pattern.compile("consent", Pattern.CASE_INSENSITIVE);
  private static final Pattern SEVERAL =
      Pattern.compile("multiple|more than one", Pattern.CASE_INSENSITIVE);

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
        issue.path("diagnostics").asText() + " " + issue.path("details").path("text").asText();
    if (CONSENT.matcher(text).find()) {
      return Optional.of(FailureReason.CONSENT_CONSTRAINED);
    }
    return SEVERAL.matcher(text).find()
        ? Optional.of(FailureReason.AMBIGUOUS_MATCH)
        : Optional.empty();
  }
}
