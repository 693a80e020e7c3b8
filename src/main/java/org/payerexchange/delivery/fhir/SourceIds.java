package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The ids that a payer's resources have at the payer, as identifiers: the system is the payer's
 * base URL and the type, {@code https://gateway.1up.health/v1/bison/Patient}. A resource that got
 * another id keeps its own so, and a reference that leads nowhere says so what it meant: whoever
 * searches for the one finds the other.
 *
 * @param payer the payer's base URL
 * @param types know which resources have identifiers
 */
record SourceIds(String payer, FhirTypes types) {
  private static final String IDENTIFIER = "identifier";

  /**
   * Adds the identifier to a resource, if its type has room for it and it is not there yet.
   *
   * @param id the resource's at the payer, empty if it had none
   */
  void keep(ObjectNode resource, String type, String id) {
    FhirTypes.Identifiers room = types.identifiers(type);
    if (id.isBlank() || room == FhirTypes.Identifiers.NONE) {
      return;
    }
    JsonNode present = resource.path(IDENTIFIER);
    if (present.isMissingNode() || present.isNull()) {
      boolean many = room == FhirTypes.Identifiers.MANY;
      fill(
          many ? resource.putArray(IDENTIFIER).addObject() : resource.putObject(IDENTIFIER),
          payer,
          type,
          id);
    } else if (present instanceof ArrayNode all && !holds(all, type, id)) {
      fill(all.addObject(), payer, type, id);
    }
  }

  private boolean holds(ArrayNode all, String type, String id) {
    for (JsonNode each : all) {
      if (each.path("system").asText().equals(system(payer, type))
          && each.path("value").asText().equals(id)) {
        return true;
      }
    }
    return false;
  }

  /** Gives a reference the identifier of what it meant. */
  static void identify(ObjectNode reference, String payer, String type, String id) {
    fill(reference.putObject(IDENTIFIER), payer, type, id);
  }

  private static void fill(ObjectNode identifier, String payer, String type, String id) {
    identifier.put("system", system(payer, type)).put("value", id);
  }

  private static String system(String payer, String type) {
    return payer + "/" + type;
  }
}
