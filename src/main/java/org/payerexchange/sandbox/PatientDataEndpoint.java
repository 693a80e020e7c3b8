package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.Header;
import org.apache.camel.Headers;

/**
 * What a FHIR server has of a Patient: the Patient by an identifier, {@code $everything}, searches
 * by type as US Core has them, single resources, and the CapabilityStatement.
 */
public final class PatientDataEndpoint {
  /** The system of what Patients are identified by. */
  static final String MEMBER_ID = "https://pdex.example.org/member-id";

  /** The system of identifiers that look like the id of the Patient of the next number. */
  static final String MISLEADING = "https://pdex.example.org/misleading";

  private static final Pattern TOKEN = Pattern.compile("([^|]*)\\|(?:pdex-member-|pdex-)(\\d{9})");

  /** The parameter besides the Patient that US Core demands for a type. */
  private static final Map<String, String> DEMANDED =
      Map.of(
          "CarePlan", "category",
          "CareTeam", "status",
          "Condition", "category",
          "DiagnosticReport", "category",
          "DocumentReference", "category",
          "MedicationRequest", "intent",
          "Observation", "category");

  private static final List<String> NARROWING = List.of("category", "status", "intent");

  private static final Set<String> BY_PATIENT =
      Set.of(
          "AllergyIntolerance",
          "CarePlan",
          "CareTeam",
          "Condition",
          "Coverage",
          "Device",
          "DiagnosticReport",
          "DocumentReference",
          "Encounter",
          "ExplanationOfBenefit",
          "Goal",
          "Immunization",
          "MedicationDispense",
          "MedicationRequest",
          "Observation",
          "Procedure",
          "Provenance",
          "QuestionnaireResponse",
          "RelatedPerson",
          "ServiceRequest",
          "Specimen");

  private final FhirOperation operation;
  private final HrexOptions options;
  private final PatientRecords records;
  private final HrexPages pages;
  private final Faults faults;

  PatientDataEndpoint(SandboxOptions options, PatientRecords records, Faults faults) {
    this.operation = new FhirOperation(options);
    this.options = options.hrex();
    this.records = records;
    this.pages = new HrexPages(faults, options.hrex().pageSize());
    this.faults = faults;
  }

  /** The CapabilityStatement, as far as it is about Patients. */
  public Answer capabilities(@Header("tenant") String tenant) {
    operation.requireTenant(tenant);
    ObjectNode statement = JsonNodeFactory.instance.objectNode();
    statement.put("resourceType", "CapabilityStatement").put("status", "active");
    statement.put("kind", "instance").put("fhirVersion", "4.0.1");
    ArrayNode resources =
        statement.putArray("rest").addObject().put("mode", "server").putArray("resource");
    ObjectNode patient = resources.addObject().put("type", "Patient");
    ArrayNode operations = patient.putArray("operation");
    operations.addObject().put("name", "member-match");
    if (options.offers().contains(HrexOptions.Way.EVERYTHING)) {
      operations.addObject().put("name", "everything");
    }
    if (options.offers().contains(HrexOptions.Way.EXPORT)) {
      operations.addObject().put("name", "export");
    }
    if (options.offers().contains(HrexOptions.Way.SEARCH)) {
      BY_PATIENT.stream()
          .sorted()
          .forEach(
              type ->
                  resources
                      .addObject()
                      .put("type", type)
                      .putArray("interaction")
                      .addObject()
                      .put("code", "search-type"));
    }
    return Answer.fhir(200, statement);
  }

  /** A page of all that a Patient has. */
  public Answer everything(@Headers Map<String, Object> headers) {
    operation.requireTenant(headers.get("tenant"));
    int patient = PatientRecords.number(text(headers, "patientId"));
    boolean withoutRoles = faults.isDue(Fault.ROLES_LEFT_OUT);
    List<PatientRecord.Entry> found =
        records
            .of(patient)
            .of(PatientRecords.types(text(headers, "_type")), since(headers))
            .stream()
            .filter(
                entry ->
                    !withoutRoles || !Set.of("PractitionerRole", "Location").contains(entry.type()))
            .toList();
    List<String> page = pages.page(headers, found).stream().map(PatientRecord.Entry::json).toList();
    return pages.bundle(headers, page, found.size(), stranger(patient));
  }

  /** A page of what a search finds. */
  public Answer search(@Headers Map<String, Object> headers) {
    operation.requireTenant(headers.get("tenant"));
    String type = text(headers, "type");
    if (type.equals("Patient")) {
      return identified(headers);
    }
    if (!BY_PATIENT.contains(type)) {
      throw GatewayRefusal.outcome(404, "not-supported", "Searches of this type are not supported");
    }
    if (text(headers, "patient").isEmpty()) {
      throw GatewayRefusal.outcome(400, "required", "patient is missing");
    }
    String demanded = DEMANDED.get(type);
    if (options.strict() && demanded != null && !headers.containsKey(demanded)) {
      throw GatewayRefusal.outcome(400, "required", demanded + " is missing");
    }
    int patient = PatientRecords.number(text(headers, "patient").replaceFirst("^Patient/", ""));
    List<PatientRecord.Entry> found =
        records.of(patient).of(Set.of(type), Instant.EPOCH).stream()
            .filter(entry -> isAsked(entry, headers))
            .toList();
    List<String> page =
        new ArrayList<>(
            pages.page(headers, found).stream().map(PatientRecord.Entry::json).toList());
    if (text(headers, "_revinclude").equals("Provenance:target")) {
      page.addAll(provenances(patient, List.copyOf(page)).toList());
    }
    return pages.bundle(headers, page, found.size(), stranger(patient));
  }

  /** One resource. */
  public Answer read(
      @Header("tenant") String tenant, @Header("type") String type, @Header("id") String id) {
    operation.requireTenant(tenant);
    return Answer.fhir(200, HrexPages.read(records.resource(type, id)));
  }

  private Answer identified(Map<String, Object> headers) {
    Matcher token = TOKEN.matcher(text(headers, "identifier"));
    List<String> found = new ArrayList<>();
    if (token.matches() && !faults.isDue(Fault.PATIENT_LOST)) {
      boolean misleading = token.group(1).equals(MISLEADING);
      int number = Integer.parseInt(token.group(2)) - (misleading ? 1 : 0);
      ObjectNode patient =
          HrexPages.read(records.resource("Patient", PdexMember.patientId(number))).deepCopy();
      if (misleading) {
        patient
            .withArray("identifier")
            .addObject()
            .put("system", MISLEADING)
            .put("value", PdexMember.patientId(number + 1));
      }
      found.add(patient.toString());
      if (faults.isDue(Fault.PATIENT_TWICE)) {
        found.add(patient.deepCopy().put("id", PdexMember.patientId(number) + "-again").toString());
      }
    }
    return pages.bundle(headers, found, found.size(), stranger(0));
  }

  private Stream<String> provenances(int patient, List<String> targets) {
    Set<String> references = new HashSet<>();
    targets.stream()
        .map(HrexPages::read)
        .forEach(
            r -> references.add(r.path("resourceType").asText() + '/' + r.path("id").asText()));
    return records.of(patient).of(Set.of("Provenance"), Instant.EPOCH).stream()
        .map(PatientRecord.Entry::json)
        .filter(
            json -> references.contains(HrexPages.read(json).at("/target/0/reference").asText()));
  }

  private static boolean isAsked(PatientRecord.Entry entry, Map<String, Object> headers) {
    return NARROWING.stream()
        .filter(headers::containsKey)
        .allMatch(name -> isAny(HrexPages.read(entry.json()).path(name), text(headers, name)));
  }

  /** A code by itself, or one of a concept's. */
  private static boolean isAny(JsonNode element, String codes) {
    List<String> wanted =
        Arrays.stream(codes.split(",")).map(code -> code.replaceFirst("^.*\\|", "")).toList();
    return wanted.contains(element.asText())
        || element.findValuesAsText("code").stream().anyMatch(wanted::contains);
  }

  /** What is plainly another's: the Patient of the next number. */
  private String stranger(int patient) {
    return records.of(patient + 1).own().get(0).json();
  }

  private static Instant since(Map<String, Object> headers) {
    String since = text(headers, "_since");
    try {
      return since.isEmpty() ? Instant.EPOCH : OffsetDateTime.parse(since).toInstant();
    } catch (DateTimeException e) {
      throw GatewayRefusal.outcome(400, "invalid", "_since is no instant");
    }
  }

  private static String text(Map<String, Object> headers, String name) {
    return FhirOperation.text(headers.get(name));
  }
}
