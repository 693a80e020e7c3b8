package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The systems of the tags, identifiers and extensions that are ours alone: what a payer says under
 * them is not ours, and nobody is to take it for that.
 */
final class OwnSystems {
  private static final String PREFIX = "urn:payer-exchange:";

  private OwnSystems() {}

  /** Whether a tag, an identifier or an extension is under one of them. */
  static boolean mark(ObjectNode object) {
    return isOne(object.get("system")) || isOne(object.get("url"));
  }

  private static boolean isOne(JsonNode system) {
    return system != null && system.isTextual() && isOne(system.textValue());
  }

  /** Whether a system is one of them, however it is written; null is not. */
  static boolean isOne(String system) {
    return system != null && system.strip().regionMatches(true, 0, PREFIX, 0, PREFIX.length());
  }
}
