package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The member that {@code $member-match} was sent for. The received Patient that is this member gets
 * the identifiers that the member was asked for with, those that it does not have already: {@code
 * MemberPatient.identifier}, and the member id of the request under {@code
 * urn:payer-exchange:member}. It is the transfer's only Patient, or where there are several the one
 * that shares an identifier's value, or birth date and family name, with the request.
 */
final class ReceivedMember {
  /** The system of the identifier that is the request's member id. */
  static final String MEMBER_SYSTEM = "urn:payer-exchange:member";

  private final JsonNode patient;
  private final List<ObjectNode> identifiers;
  private final boolean only;

  private ReceivedMember(JsonNode patient, List<ObjectNode> identifiers, boolean only) {
    this.patient = patient;
    this.identifiers = List.copyOf(identifiers);
    this.only = only;
  }

  /**
   * Reads the request.
   *
   * @param requestJson the Parameters that were taken in; PHI
   * @param patients how many Patients the transfer's files hold
   */
  static ReceivedMember of(String requestJson, long patients) {
    JsonNode parameters = parse(requestJson);
    JsonNode patient = JsonNodeFactory.instance.objectNode();
    for (JsonNode parameter : parameters.path("parameter")) {
      if (parameter.path("name").asText().equalsIgnoreCase("MemberPatient")) {
        patient = parameter.path("resource");
      }
    }
    List<ObjectNode> identifiers = new ArrayList<>();
    for (JsonNode identifier : patient.path("identifier")) {
      if (identifier instanceof ObjectNode object && !value(object).isBlank()) {
        identifiers.add(object);
      }
    }
    String memberId = patient.path("id").asText(parameters.path("id").asText());
    if (!memberId.isBlank()) {
      identifiers.add(
          JsonNodeFactory.instance
              .objectNode()
              .put("system", MEMBER_SYSTEM)
              .put("value", memberId));
    }
    return new ReceivedMember(patient, identifiers, patients == 1);
  }

  private static JsonNode parse(String requestJson) {
    try {
      return FhirJson.read(requestJson);
    } catch (JsonProcessingException unreadable) {
      return JsonNodeFactory.instance.objectNode();
    }
  }

  /** Joins a received Patient with the member, if it is the same. */
  boolean join(ObjectNode received) {
    if (!only && !sharesIdentifier(received) && !sharesNameAndBirthDate(received)) {
      return false;
    }
    ArrayNode all = received.withArrayProperty("identifier");
    for (ObjectNode identifier : identifiers) {
      if (!holds(all, identifier)) {
        all.add(withoutReference(identifier));
      }
    }
    return true;
  }

  /** Who assigned it is a resource of the sender's, which the server need not have. */
  private static ObjectNode withoutReference(ObjectNode identifier) {
    ObjectNode copy = identifier.deepCopy();
    if (copy.get("assigner") instanceof ObjectNode assigner) {
      assigner.remove("reference");
      if (assigner.isEmpty()) {
        copy.remove("assigner");
      }
    }
    return copy;
  }

  private boolean sharesIdentifier(ObjectNode received) {
    for (JsonNode identifier : received.path("identifier")) {
      if (identifiers.stream().anyMatch(mine -> value(mine).equals(value(identifier)))) {
        return true;
      }
    }
    return false;
  }

  private boolean sharesNameAndBirthDate(ObjectNode received) {
    String birthDate = patient.path("birthDate").asText();
    if (birthDate.isBlank() || !birthDate.equals(received.path("birthDate").asText())) {
      return false;
    }
    for (JsonNode mine : patient.path("name")) {
      for (JsonNode other : received.path("name")) {
        String family = mine.path("family").asText();
        if (!family.isBlank() && family.equalsIgnoreCase(other.path("family").asText())) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean holds(ArrayNode all, ObjectNode identifier) {
    for (JsonNode each : all) {
      if (value(each).equals(value(identifier))
          && each.path("system").asText().equals(identifier.path("system").asText())) {
        return true;
      }
    }
    return false;
  }

  private static String value(JsonNode identifier) {
    return identifier.path("value").asText();
  }

  /** Nothing of it: it is PHI. */
  @Override
  public String toString() {
    return "ReceivedMember";
  }
}
