package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.Headers;

/**
 * {@code Patient/$member-match} of HRex 1.0 to 1.2 for the members of {@link PdexMember}. A request
 * that is not as the version has it is 400; no match, several, and a consent that is not honoured
 * are 422.
 */
public final class PatientMatchEndpoint {
  private static final String RELATIONSHIP = "relationship";

  private final FhirOperation operation;
  private final HrexOptions.Version version;
  private final PatientRecords records;
  private final Matching matching;
  private final Faults faults;
  private final RequestLog log;

  PatientMatchEndpoint(
      SandboxOptions options, PatientRecords records, Faults faults, RequestLog log) {
    this.operation = new FhirOperation(options);
    this.version = options.hrex().version();
    this.records = records;
    this.matching = new Matching(faults, options.clock());
    this.faults = faults;
    this.log = log;
  }

  /** Answers one request. */
  public Answer match(@Headers Map<String, Object> headers, @Body byte[] body) {
    JsonNode request = operation.resource(headers, body);
    String tenant = FhirOperation.text(headers.get("tenant"));
    Map<MatchBucket, List<Matching.Entry>> sorted = matching.sort(tenant, bundles(request));
    List<Matching.Entry> matched = sorted.get(MatchBucket.MATCHED);
    if (!sorted.get(MatchBucket.CONSTRAINED).isEmpty()) {
      throw GatewayRefusal.outcome(422, "suppressed", "The consent cannot be honoured");
    }
    if (matched.isEmpty()) {
      throw GatewayRefusal.outcome(422, "not-found", "No match was found");
    }
    if (matched.size() > 1 || faults.isDue(Fault.AMBIGUOUS_MATCH)) {
      throw GatewayRefusal.outcome(422, "multiple-matches", "More than one member matches");
    }
    int patient = matched.get(0).member().orElseThrow().patient();
    log.matched(tenant, List.of(PdexMember.patientId(patient)));
    return Answer.fhir(200, answer(patient));
  }

  private List<MemberBundle> bundles(JsonNode request) {
    ObjectNode many = JsonNodeFactory.instance.objectNode();
    ArrayNode parts =
        many.putArray("parameter").addObject().put("name", "MemberBundle").putArray("part");
    FhirOperation.elements(request.path("parameter"))
        .map(this::asLaterVersionsHaveIt)
        .forEach(parts::add);
    try {
      return MemberBundle.of(many);
    } catch (GatewayRefusal refusal) {
      throw GatewayRefusal.outcome(400, "invalid", refusal.getMessage());
    }
  }

  /** Version 1.0 leaves the relationship open, and forbids it in one of the coverages. */
  private JsonNode asLaterVersionsHaveIt(JsonNode parameter) {
    JsonNode resource = parameter.path("resource");
    if (version == HrexOptions.Version.V1_1
        || !"Coverage".equals(resource.path("resourceType").asText())) {
      return parameter;
    }
    if (!resource.has(RELATIONSHIP)) {
      ObjectNode copy = parameter.deepCopy();
      ((ObjectNode) copy.path("resource"))
          .putObject(RELATIONSHIP)
          .putArray("extension")
          .addObject()
          .put("url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason");
      return copy;
    }
    if ("CoverageToLink".equals(parameter.path("name").asText())) {
      throw GatewayRefusal.outcome(400, "invalid", "CoverageToLink has a relationship");
    }
    return parameter;
  }

  private ObjectNode answer(int patient) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode().put("resourceType", "Parameters");
    ArrayNode parameters = answer.putArray("parameter");
    if (faults.isDue(Fault.BALLOT_ANSWER)) {
      ObjectNode resource =
          HrexPages.read(records.resource("Patient", PdexMember.patientId(patient))).deepCopy();
      resource.set("identifier", JsonNodeFactory.instance.arrayNode().add(identifier(patient)));
      parameters.addObject().put("name", "MemberPatient").set("resource", resource);
      return answer;
    }
    parameters
        .addObject()
        .put("name", "MemberIdentifier")
        .set("valueIdentifier", identifier(patient));
    if (!faults.isDue(Fault.MEMBER_ID_LEFT_OUT)) {
      GroupHistory.refer(
          parameters.addObject().put("name", "MemberId"),
          "valueReference",
          "Patient/" + PdexMember.patientId(patient));
    }
    if (faults.isDue(Fault.MATCH_DETAILS)) {
      parameters.addObject().put("name", "matchAlgorithm").put("valueString", "DETERMINISTIC");
      parameters.addObject().put("name", "matchedFields").put("valueString", "birthDate,family");
    }
    return answer;
  }

  private ObjectNode identifier(int patient) {
    ObjectNode identifier = JsonNodeFactory.instance.objectNode();
    boolean first = version == HrexOptions.Version.V1_0;
    identifier
        .putObject("type")
        .putArray("coding")
        .addObject()
        .put(
            "system",
            first
                ? "http://terminology.hl7.org/CodeSystem/v2-0203"
                : "http://hl7.org/fhir/us/davinci-hrex/CodeSystem/hrex-temp")
        .put("code", first ? "MB" : "UMB");
    return faults.isDue(Fault.IDENTIFIER_OF_ANOTHER)
        ? identifier
            .put("system", PatientDataEndpoint.MISLEADING)
            .put("value", PdexMember.patientId(patient + 1))
        : identifier
            .put("system", PatientDataEndpoint.MEMBER_ID)
            .put("value", "pdex-member-" + PdexMember.digits(patient));
  }
}
