package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.UUID;

/** Builds FHIR OperationOutcomes as the gateway's documentation prints them. */
final class OperationOutcomes {
  private OperationOutcomes() {}

  static ObjectNode error(String code, String text) {
    return outcome("error", code, text);
  }

  static ObjectNode information(String text) {
    return outcome("information", "informational", text);
  }

  private static ObjectNode outcome(String severity, String code, String text) {
    ObjectNode outcome = JsonNodeFactory.instance.objectNode();
    outcome.put("resourceType", "OperationOutcome").put("id", UUID.randomUUID().toString());
    ObjectNode issue = outcome.putArray("issue").addObject();
    issue.put("severity", severity).put("code", code);
    issue.putObject("details").put("text", text);
    return outcome;
  }
}
