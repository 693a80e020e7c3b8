package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The member that {@code $member-match} was sent for. The received Patient that is this member gets
 * the identifiers that the member was asked for with, those that it does not have already: {@code
 * MemberPatient.identifier}, and the member id of the request under {@code
 * urn:payer-exchange:member}. Which one that is, {@link ChosenMember} says.
 */
final class ReceivedMember {
  /** The system of the identifier that is the request's member id. */
  static final String MEMBER_SYSTEM = "urn:payer-exchange:member";

  private final JsonNode patient;
  private final List<ObjectNode> identifiers;

  private ReceivedMember(JsonNode patient, List<ObjectNode> identifiers) {
    this.patient = patient;
    this.identifiers = List.copyOf(identifiers);
  }

  /**
   * Reads the request.
   *
   * @param requestJson the Parameters that were taken in; PHI
   */
  static ReceivedMember of(String requestJson) {
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
    return new ReceivedMember(patient, identifiers);
  }

  private static JsonNode parse(String requestJson) {
    try {
      return FhirJson.read(requestJson);
    } catch (JsonProcessingException unreadable) {
      return JsonNodeFactory.instance.objectNode();
    }
  }

  /** Whether the member was asked for with anything that a Patient could get. */
  boolean isIdentified() {
    return !identifiers.isEmpty();
  }

  /** Joins the received Patient that is the member with it. */
  void join(ObjectNode received) {
    ArrayNode all = received.withArrayProperty("identifier");
    for (ObjectNode identifier : identifiers) {
      if (!holds(all, identifier)) {
        all.add(withoutReference(identifier));
      }
    }
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

  /** In what a received Patient is like the member; empty if it cannot be the member. */
  Optional<MemberLikeness> likeness(JsonNode received) {
    MemberLikeness likeness =
        new MemberLikeness(
            sharesIdentifier(received, true),
            sharesIdentifier(received, false),
            hasSameBirthDate(received) && sharesName(received, ReceivedMember::families),
            sharesName(received, ReceivedMember::givens));
    return Optional.of(likeness).filter(any -> any.isAny() && !isAnotherByBirthDate(received));
  }

  private boolean sharesIdentifier(JsonNode received, boolean withSystem) {
    return received
        .path("identifier")
        .valueStream()
        .filter(theirs -> !OwnSystems.isOne(theirs.path("system").asText()))
        .anyMatch(
            theirs ->
                identifiers.stream()
                    .anyMatch(
                        mine ->
                            value(mine).equals(value(theirs))
                                && (!withSystem
                                    || (!system(mine).isBlank()
                                        && system(mine).equals(system(theirs))))));
  }

  private boolean hasSameBirthDate(JsonNode received) {
    return !birthDate(patient).isBlank() && birthDate(patient).equals(birthDate(received));
  }

  /** Whether its birth date says that it is not the member; a date may be told in part. */
  boolean isAnotherByBirthDate(JsonNode received) {
    String mine = birthDate(patient);
    String other = birthDate(received);
    return !mine.startsWith(other) && !other.startsWith(mine);
  }

  private boolean sharesName(JsonNode received, Function<JsonNode, Stream<String>> part) {
    Set<String> mine = part.apply(patient).collect(Collectors.toSet());
    return part.apply(received).anyMatch(mine::contains);
  }

  private static Stream<String> families(JsonNode of) {
    return words(of.path("name").valueStream().map(name -> name.path("family")));
  }

  private static Stream<String> givens(JsonNode of) {
    return words(of.path("name").valueStream().flatMap(name -> name.path("given").valueStream()));
  }

  private static Stream<String> words(Stream<JsonNode> texts) {
    return texts
        .map(text -> text.asText().strip().toLowerCase(Locale.ROOT))
        .filter(text -> !text.isEmpty());
  }

  private static String birthDate(JsonNode of) {
    return of.path("birthDate").asText();
  }

  private static boolean holds(ArrayNode all, ObjectNode identifier) {
    for (JsonNode each : all) {
      if (value(each).equals(value(identifier)) && system(each).equals(system(identifier))) {
        return true;
      }
    }
    return false;
  }

  private static String system(JsonNode identifier) {
    return identifier.path("system").asText();
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
