package org.payerexchange.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Body;
import org.apache.camel.Header;

/**
 * {@code $member-match} as the gateway's documentation asks for it: Parameters with exactly one
 * MemberPatient, CoverageToMatch and Consent, at most one CoverageToLink. A member is found by
 * coverage id, family and given name and birth date; no match and a refused consent are 422 with an
 * OperationOutcome (HRex 1.2.0).
 */
public final class MatchEndpoint {
  private static final Set<String> NAMES =
      Set.of("MemberPatient", "CoverageToMatch", "CoverageToLink", "Consent");

  private final Members members;
  private final Set<String> tenants;
  private final GroupIdPlace defaultAnswer;
  private final Clock clock;
  private final Faults faults;
  private final RequestLog log;

  MatchEndpoint(Members members, SandboxOptions options, Faults faults, RequestLog log) {
    this.faults = faults;
    this.members = members;
    this.tenants = options.tenants();
    this.defaultAnswer = options.matchAnswer();
    this.clock = options.clock();
    this.log = log;
  }

  /** Answers one request. */
  public Answer match(@Header("tenant") String tenant, @Body byte[] body) {
    if (!tenants.contains(tenant)) {
      throw GatewayRefusal.outcome(404, "not-found", "Unknown tenant");
    }
    JsonNode parameters = parse(body);
    JsonNode patient = resource(parameters, "MemberPatient", true);
    JsonNode coverage = resource(parameters, "CoverageToMatch", true);
    JsonNode consent = resource(parameters, "Consent", true);
    resource(parameters, "CoverageToLink", false);
    requireConsent(consent);
    Member member =
        FhirOperation.elements(coverage.path("identifier"))
            .map(identifier -> identifier.path("value").asText())
            .map(id -> members.byCoverage(tenant, id))
            .flatMap(Optional::stream)
            .filter(candidate -> isSame(candidate, patient))
            .findFirst()
            .orElseThrow(
                () -> GatewayRefusal.outcome(422, "not-found", "No unique match was found"));
    if (faults.isDue(Fault.AMBIGUOUS_MATCH)) {
      throw GatewayRefusal.outcome(422, "multiple-matches", "More than one member matches");
    }
    if (faults.isDue(Fault.NOT_MATCHED)) {
      return Answer.fhir(200, nobody("NonMatchedMembers", "nomatch"));
    }
    if (faults.isDue(Fault.CONSENT_CONSTRAINED)) {
      return Answer.fhir(200, nobody("ConsentConstrainedMembers", "consentconstraint"));
    }
    log.matched(tenant, member.groups());
    return Answer.fhir(200, answer(member));
  }

  private JsonNode parse(byte[] body) {
    JsonNode parameters;
    try {
      parameters = Answer.MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      throw invalid("The request is not JSON");
    } catch (java.io.IOException e) {
      throw invalid("The request cannot be read");
    }
    if (!"Parameters".equals(parameters.path("resourceType").asText())) {
      throw invalid("resourceType must be Parameters");
    }
    if (!FhirOperation.elements(parameters.path("parameter"))
        .allMatch(p -> NAMES.contains(p.path("name").asText()))) {
      throw invalid("A parameter has an unknown name");
    }
    return parameters;
  }

  private static JsonNode resource(JsonNode parameters, String name, boolean required) {
    List<JsonNode> found =
        FhirOperation.elements(parameters.path("parameter"))
            .filter(parameter -> name.equals(parameter.path("name").asText()))
            .map(parameter -> parameter.path("resource"))
            .toList();
    if (found.size() > 1
        || (required && found.isEmpty())
        || found.stream().anyMatch(r -> !r.isObject())) {
      throw invalid("There must be %s one %s".formatted(required ? "exactly" : "at most", name));
    }
    return found.isEmpty() ? null : found.get(0);
  }

  private void requireConsent(JsonNode consent) {
    boolean given =
        "Consent".equals(consent.path("resourceType").asText())
            && "active".equals(consent.path("status").asText())
            && "permit".equals(consent.path("provision").path("type").asText())
            && FhirOperation.elements(consent.path("policy"))
                .map(policy -> policy.path("uri").asText())
                .anyMatch(uri -> uri.endsWith("#regular") || uri.endsWith("#sensitive"))
            && isToday(consent.path("provision").path("period"));
    if (!given) {
      throw GatewayRefusal.outcome(422, "suppressed", "The consent does not permit the exchange");
    }
  }

  private boolean isToday(JsonNode period) {
    LocalDate today = LocalDate.now(clock);
    try {
      return !LocalDate.parse(period.path("start").asText()).isAfter(today)
          && !LocalDate.parse(period.path("end").asText()).isBefore(today);
    } catch (DateTimeException e) {
      throw invalid("The consent's period must have a start and an end");
    }
  }

  private static boolean isSame(Member member, JsonNode patient) {
    return member.birthDate().toString().equals(patient.path("birthDate").asText())
        && FhirOperation.elements(patient.path("name"))
            .anyMatch(
                name ->
                    member.family().equalsIgnoreCase(name.path("family").asText())
                        && FhirOperation.elements(name.path("given"))
                            .anyMatch(given -> member.given().equalsIgnoreCase(given.asText())));
  }

  private ObjectNode answer(Member member) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("resourceType", "Parameters");
    ArrayNode parameters = answer.putArray("parameter");
    ObjectNode identifier = parameters.addObject().put("name", "MemberIdentifier");
    identifier
        .putObject("valueIdentifier")
        .put("system", "https://%s.example.org/member-id".formatted(member.tenant()))
        .put("value", member.memberId());
    switch (member.matchAnswer() == null ? defaultAnswer : member.matchAnswer()) {
      case TOP_LEVEL -> {
        if (member.groups().size() == 1) {
          answer.put("groupId", member.groups().get(0));
        } else {
          ArrayNode ids = answer.putArray("groupId");
          member.groups().forEach(ids::add);
        }
      }
      case VALUE_STRING ->
          member.groups().forEach(id -> groupId(parameters).put("valueString", id));
      case VALUE_REFERENCE ->
          member
              .groups()
              .forEach(
                  id ->
                      groupId(parameters)
                          .putObject("valueReference")
                          .put("reference", "Group/" + id));
      case GROUP_RESOURCE ->
          member
              .groups()
              .forEach(
                  id ->
                      parameters
                          .addObject()
                          .put("name", "MatchedMembers")
                          .putObject("resource")
                          .put("resourceType", "Group")
                          .put("id", id)
                          .put("type", "person")
                          .put("actual", true));
      case NO_GROUP_ID -> {}
    }
    return answer;
  }

  /** PDex's answer for a member who is not to be exported, in a Group that could be. */
  private static ObjectNode nobody(String name, String code) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode().put("resourceType", "Parameters");
    ObjectNode group =
        answer
            .putArray("parameter")
            .addObject()
            .put("name", name)
            .putObject("resource")
            .put("resourceType", "Group")
            .put("id", code + "-group-001")
            .put("type", "person")
            .put("actual", true);
    group
        .putObject("code")
        .putArray("coding")
        .addObject()
        .put(
            "system", "http://hl7.org/fhir/us/davinci-pdex/CodeSystem/PdexMultiMemberMatchResultCS")
        .put("code", code);
    return answer;
  }

  private static ObjectNode groupId(ArrayNode parameters) {
    return parameters.addObject().put("name", "groupId");
  }

  private static GatewayRefusal invalid(String text) {
    return GatewayRefusal.outcome(400, "invalid", text);
  }
}
