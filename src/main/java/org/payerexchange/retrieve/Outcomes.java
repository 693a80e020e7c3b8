package org.payerexchange.retrieve;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/** What an OperationOutcome that comes with a page means for what is on it. */
final class Outcomes {
  /** FHIR R4, {@code issue-type}: whatever their severity, they say that something is missing. */
  private static final Set<String> OF_LOSS =
      Set.of("incomplete", "suppressed", "too-costly", "throttled");

  private Outcomes() {}

  /** Whether nothing is missing for it: it is information, by its severity or its code. */
  static boolean isHarmless(JsonNode outcome) {
    return outcome.path("issue").valueStream().allMatch(Outcomes::isInformation);
  }

  /**
   * Whether it may say that a search has found nothing, as Epic's servers do by a warning. Beside
   * anything else, or of a page that does not count nothing, it says something else.
   */
  static boolean mayMeanNothingFound(JsonNode resource) {
    return resource.path("resourceType").asText().equals("OperationOutcome")
        && resource
            .path("issue")
            .valueStream()
            .allMatch(issue -> isInformation(issue) || isWarning(issue, "processing"));
  }

  private static boolean isInformation(JsonNode issue) {
    return (issue.path("severity").asText().equals("information")
            && !OF_LOSS.contains(issue.path("code").asText()))
        || isWarning(issue, "informational");
  }

  private static boolean isWarning(JsonNode issue, String code) {
    return issue.path("severity").asText().equals("warning")
        && issue.path("code").asText().equals(code);
  }
}
