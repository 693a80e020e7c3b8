package org.payerexchange.match;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.Coverage;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;

/**
 * The Parameters of a {@code $member-match}, so that they serve the 1upHealth page and HRex 1.2.0
 * alike: what the sender said, as it was written, and under it what is form: ids, local references,
 * the payer that is asked, the consent's scope, category, actors and action. No fact is filled in.
 */
final class MatchRequest {
  private static final String TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/";
  private static final String UNNAMED_MEMBER = "member";
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9.-]{1,64}");
  private static final Pattern PATIENT = Pattern.compile("Patient/(" + ID + ")");

  private final JsonNode given;

  private MatchRequest(JsonNode given) {
    this.given = given;
  }

  /**
   * What every such request has, with nothing of the sender's but the member's id.
   *
   * @param given MemberPatient, CoverageToMatch, Consent and perhaps CoverageToLink
   * @param payer what the source payer is called
   */
  static Parameters form(JsonNode given, String payer) {
    String memberId = new MatchRequest(given).memberId();
    Reference member = new Reference("Patient/" + memberId);
    Coverage match = new Coverage().setBeneficiary(member.copy());
    match.addPayor(new Reference().setDisplay(payer)).setId("coverage-to-match");
    Coverage link = new Coverage().setBeneficiary(member.copy());
    link.setId("coverage-to-link");
    Parameters form = new Parameters();
    form.addParameter().setName("MemberPatient").setResource(patient(memberId));
    form.addParameter().setName("CoverageToMatch").setResource(match);
    form.addParameter().setName("CoverageToLink").setResource(link);
    form.addParameter().setName("Consent").setResource(consent(member, payer));
    return form;
  }

  /** The sender's elements, each as it is, and those of the form that the sender left out. */
  static ObjectNode complete(ObjectNode given, JsonNode form) {
    ObjectNode whole = ordered(given);
    ArrayNode parameters = whole.putArray("parameter");
    for (JsonNode parameter : given.path("parameter")) {
      String name = parameter.path("name").asText();
      parameters.add(
          elements(form.path("parameter"))
              .filter(each -> each.path("name").asText().equals(name))
              .findFirst()
              .map(each -> joined(parameter, each))
              .orElse(parameter));
    }
    return whole;
  }

  private static JsonNode joined(JsonNode given, JsonNode form) {
    if (!(given instanceof ObjectNode mine) || !form.isObject()) {
      return given;
    }
    ObjectNode both = ordered(mine);
    for (Map.Entry<String, JsonNode> entry : form.properties()) {
      JsonNode own = mine.get(entry.getKey());
      if (own == null && !mine.has("_" + entry.getKey())) {
        both.set(entry.getKey(), entry.getValue());
      } else if (own != null && IN_PARTS.contains(entry.getKey())) {
        both.set(entry.getKey(), joined(own, entry.getValue()));
      }
    }
    return both;
  }

  /** What is filled in within; any other element is the sender's as a whole. */
  private static final Set<String> IN_PARTS = Set.of("resource", "provision");

  /** The type first, as people expect it. */
  private static ObjectNode ordered(ObjectNode object) {
    ObjectNode ordered = object.objectNode();
    if (object.has("resourceType")) {
      ordered.set("resourceType", object.get("resourceType"));
    }
    return ordered.setAll(object);
  }

  private static Patient patient(String id) {
    Patient patient = new Patient();
    patient.setId(id);
    return patient;
  }

  private static Consent consent(Reference member, String payer) {
    Consent consent =
        new Consent()
            .setScope(concept("consentscope", "patient-privacy"))
            .addCategory(concept("v3-ActCode", "IDSCL"))
            .setPatient(member.copy())
            .addPerformer(member.copy());
    consent.setId("consent");
    consent
        .getProvision()
        .addAction(concept("consentaction", "disclose"))
        .addActor(actor("provenance-participant-type", "performer", payer))
        .addActor(actor("v3-ParticipationType", "IRCP", "requesting payer"));
    return consent;
  }

  private static Consent.provisionActorComponent actor(String system, String role, String name) {
    return new Consent.provisionActorComponent()
        .setRole(concept(system, role))
        .setReference(new Reference().setDisplay(name));
  }

  /** The Patient's own id, or the one that the references name, or that of the request. */
  private String memberId() {
    String own = resource("MemberPatient").path("id").asText();
    if (!own.isEmpty()) {
      return own;
    }
    Set<String> named =
        Stream.of(
                Stream.of(resource("CoverageToMatch").path("beneficiary")),
                Stream.of(resource("CoverageToLink").path("beneficiary")),
                Stream.of(resource("Consent").path("patient")),
                elements(resource("Consent").path("performer")))
            .flatMap(references -> references)
            .map(reference -> PATIENT.matcher(reference.path("reference").asText()))
            .filter(Matcher::matches)
            .map(matcher -> matcher.group(1))
            .collect(Collectors.toSet());
    if (named.size() == 1) {
      return named.iterator().next();
    }
    return Optional.of(given.path("id").asText())
        .filter(id -> ID.matcher(id).matches())
        .orElse(UNNAMED_MEMBER);
  }

  private static CodeableConcept concept(String system, String code) {
    return new CodeableConcept(new Coding(TERMINOLOGY + system, code, null));
  }

  private JsonNode resource(String name) {
    return elements(given.path("parameter"))
        .filter(parameter -> name.equals(parameter.path("name").asText()))
        .map(parameter -> parameter.path("resource"))
        .findFirst()
        .orElse(given.path("resource"));
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    return array.valueStream();
  }
}
