package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * A record of any form as FHIR Parameters, before it is checked. It holds PHI.
 *
 * @param parameters complete with resource types and the names that are sent
 * @param values what it gives by name; of FHIR Parameters only what is ours and is not sent on
 * @param problems what could not be brought into this form
 */
record Parsed(
    ObjectNode parameters, Map<IntakeField, String> values, List<IntakeProblem> problems) {

  /** What the record gives under this name, or null. */
  String value(IntakeField field) {
    return values.get(field);
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "Parsed[%s problems]".formatted(problems.size());
  }
}
