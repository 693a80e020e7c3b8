package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;

/** How a payer is asked for one member at a time, and answers at once. */
public interface SingleMatch {
  /**
   * The request that asks for a member.
   *
   * @param parameters FHIR {@code Parameters}: MemberPatient, CoverageToMatch, Consent and perhaps
   *     CoverageToLink
   */
  GatewayRequest match(JsonNode parameters);

  /** What a JSON object says that answers a match. */
  MatchOutcome outcome(JsonNode answer);
}
