package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A record of any form as FHIR Parameters, before it is checked. It holds PHI.
 *
 * @param parameters complete with resource types and the names that are sent
 * @param payer the payer that the record names, or null
 * @param requestId the request id that the record gives, or null
 * @param enrolledOn the day that the record gives, as it is written, or null
 * @param problems what could not be brought into this form
 */
record Parsed(
    ObjectNode parameters,
    String payer,
    String requestId,
    String enrolledOn,
    List<IntakeProblem> problems) {

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "Parsed[%d problems]".formatted(problems.size());
  }
}
