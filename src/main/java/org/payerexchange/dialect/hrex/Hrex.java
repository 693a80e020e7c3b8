package org.payerexchange.dialect.hrex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.payerexchange.dialect.Dialect;
import org.payerexchange.dialect.ExportLimits;
import org.payerexchange.dialect.FieldProblem;
import org.payerexchange.dialect.GatewayRequest;
import org.payerexchange.dialect.JobReport;
import org.payerexchange.dialect.JobWord;
import org.payerexchange.dialect.MatchOutcome;
import org.payerexchange.dialect.MatchedPatient;
import org.payerexchange.dialect.NamedJob;
import org.payerexchange.dialect.PageSource;
import org.payerexchange.dialect.PathSegment;
import org.payerexchange.dialect.PatientData;
import org.payerexchange.dialect.SingleMatch;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.dialect.member.MemberResources;
import org.payerexchange.dialect.member.Parties;
import org.payerexchange.dialect.member.PersonFacts;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Payers that are asked for one member by HRex (HL7 Da Vinci Health Record Exchange 1.0 to 1.2):
 * {@code Patient/$member-match}, then the member's Patient.
 *
 * @param parties who asks and who is asked
 * @param version of HRex that the payer has
 * @param way how data is had; empty: as the payer's CapabilityStatement says
 */
public record Hrex(Parties parties, HrexVersion version, Optional<Way> way)
    implements Dialect, SingleMatch, PatientData {
  /** The value of {@code p2p.payers.<id>.dialect}. */
  public static final String KEY = "hrex";

  private static final String FHIR = "application/fhir+json";
  private static final Map<String, String> ACCEPT = Map.of("Accept", FHIR);

  /** What the request calls the member. */
  private static final String MEMBER = "member";

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public Optional<SingleMatch> singleMatch() {
    return Optional.of(this);
  }

  @Override
  public Optional<PatientData> patientData() {
    return Optional.of(this);
  }

  @Override
  public List<FieldProblem> problems(JsonNode parameters) {
    return new MemberResources(parameters, MEMBER, parties).problems();
  }

  @Override
  public GatewayRequest match(JsonNode parameters) {
    Map<String, ObjectNode> resources = new MemberResources(parameters, MEMBER, parties).byName();
    if (version == HrexVersion.V1_0 && resources.containsKey(MemberResources.OWN_COVERAGE)) {
      resources.get(MemberResources.OWN_COVERAGE).remove("relationship");
    }
    ObjectNode request = FhirJson.resource("Parameters");
    ArrayNode list = request.putArray("parameter");
    resources.forEach(
        (name, resource) -> list.addObject().put("name", name).set("resource", resource));
    return new GatewayRequest("POST", "/Patient/$member-match", ACCEPT, request.toString(), FHIR);
  }

  @Override
  public MatchOutcome outcome(JsonNode answer) {
    return MatchAnswer.read(answer);
  }

  @Override
  public GatewayRequest find(MatchedPatient patient) {
    String token =
        (patient.system().isEmpty() ? "" : escaped(patient.system()) + "|")
            + escaped(patient.value());
    return get("/Patient?identifier=" + URLEncoder.encode(token, StandardCharsets.UTF_8));
  }

  /** FHIR R4, "Escaping Search Parameters". */
  private static String escaped(String text) {
    return text.replaceAll("([\\\\,$|])", "\\\\$1");
  }

  /** A server that does not know the parameter may answer with anybody. */
  @Override
  public List<String> found(JsonNode bundle, MatchedPatient patient, JsonNode parameters) {
    PersonFacts member = new MemberResources(parameters, MEMBER, parties).person();
    List<JsonNode> named =
        FhirJson.items(bundle.path("entry"))
            .map(entry -> entry.path("resource"))
            .filter(resource -> FhirJson.text(resource, "resourceType").equals("Patient"))
            .filter(resource -> PathSegment.isSafe(FhirJson.text(resource, "id")))
            .filter(resource -> has(resource, patient, member))
            .toList();
    List<String> ids =
        named.stream().map(resource -> FhirJson.text(resource, "id")).distinct().toList();
    // what is a member's at the payer for certain outweighs a name that the payer has not changed
    Predicate<PersonFacts> another =
        patient.system().isEmpty() ? member::isAnother : member::isAnotherThroughout;
    if (ids.size() == 1 && named.stream().map(PersonFacts::of).anyMatch(another)) {
      throw new TransferException(
          FailureReason.BAD_ANSWER,
          "the Patient with the identifier that the payer answered the match with is another person");
    }
    return ids;
  }

  /** A value without a system may be a number of any kind. */
  private static boolean has(JsonNode resource, MatchedPatient patient, PersonFacts member) {
    return FhirJson.identifiers(resource)
        .filter(identifier -> FhirJson.text(identifier, "value").equals(patient.value()))
        .anyMatch(
            identifier ->
                patient.system().isEmpty()
                    ? isOfMembers(identifier) || isSurely(member, PersonFacts.of(resource))
                    : FhirJson.text(identifier, "system").equals(patient.system()));
  }

  private static boolean isOfMembers(JsonNode identifier) {
    JsonNode type = identifier.path("type");
    boolean isBare =
        FhirJson.text(identifier, "system").isEmpty()
            && FhirJson.items(type.path("coding")).findAny().isEmpty();
    return isBare || FhirJson.hasCode(type, "UMB") || FhirJson.hasCode(type, "MB");
  }

  private static boolean isSurely(PersonFacts member, PersonFacts found) {
    return !found.keys().isEmpty() && !member.isAnother(found);
  }

  @Override
  public GatewayRequest capabilities() {
    return get("/metadata");
  }

  /**
   * What it has for a Patient: {@code $everything}, which is one way for all; else an export; else
   * searches. A payer that says nothing is asked for {@code $everything}, which PDex 2.2 demands.
   */
  @Override
  public Way way(JsonNode statement) {
    return Offered.of(statement).way().orElse(Way.EVERYTHING);
  }

  /** Payers that export by their token alone are told the Patient all the same. */
  @Override
  public GatewayRequest export(String patientId, ExportLimits limits) {
    ObjectNode request = FhirJson.resource("Parameters");
    ArrayNode list = request.putArray("parameter");
    list.addObject()
        .put("name", "patient")
        .set("valueReference", FhirJson.reference("Patient/" + PathSegment.encoded(patientId)));
    limits.addTo(list);
    return new GatewayRequest(
        "POST", "/Patient/$export", limits.headers(), request.toString(), FHIR);
  }

  @Override
  public List<PageSource> pages(Way by, String patientId, String types) {
    if (by != Way.EVERYTHING) {
      return Searches.of(patientId, types);
    }
    String everything =
        "/Patient/%s/$everything?_count=100%s"
            .formatted(PathSegment.encoded(patientId), types.isEmpty() ? "" : "&_type=" + types);
    return List.of(new PageSource("all types", List.of(List.of(everything)), true));
  }

  @Override
  public Map<String, String> headers() {
    return ACCEPT;
  }

  private static GatewayRequest get(String path) {
    return new GatewayRequest("GET", path, ACCEPT, null, null);
  }

  /** Of a member who was matched with a Group before the payer's dialect was changed. */
  @Override
  public GatewayRequest kickoff(String groupId, ExportLimits limits) {
    return limits.kickoff("/Group/" + PathSegment.encoded(groupId) + "/$export");
  }

  @Override
  public NamedJob job(URI baseUrl, JsonNode answer, byte[] body) {
    throw new TransferException(
        FailureReason.PAYER_REFUSED, "the answer to the kick-off has no Content-Location");
  }

  @Override
  public JobReport report(JsonNode answer) {
    String status = FhirJson.text(answer, "status");
    return new JobReport(JobWord.of(status), status, Optional.empty(), null);
  }

  /** Nothing of the parties. */
  @Override
  public String toString() {
    return "Hrex[%s]".formatted(version);
  }
}
