package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * What each member of a bulk match's Group has: a Patient, a Coverage, and resources of ten types
 * in turn, each of which refers to its owner by the element that its type has for that.
 */
final class GroupHistory {
  private static final String MEMBER = "@@MEMBER@";
  private static final String PATIENT = "Patient/pdex-" + MEMBER;
  private static final String FIRST_ENCOUNTER = "Encounter/encounter-" + MEMBER + "-000000";
  private static final String DOCTOR = "Practitioner/doctor-@A@";
  private static final String CLINIC = "Organization/clinic-@B@";
  private static final String DAY = "@@SERVED@@";
  private static final List<String> IN_TURN =
      List.of(
          "Encounter",
          "Observation",
          "Condition",
          "ExplanationOfBenefit",
          "MedicationRequest",
          "Procedure",
          "AllergyIntolerance",
          "Immunization",
          "DocumentReference",
          "Provenance");

  private final GroupShape shape;
  private final Map<String, LinePattern> patterns = new LinkedHashMap<>();

  GroupHistory(GroupShape shape) {
    this.shape = shape;
    patterns.put("Patient", new LinePattern(patient()));
    patterns.put("Coverage", new LinePattern(coverage()));
    IN_TURN.forEach(type -> patterns.put(type, new LinePattern(padded(resource(type)))));
  }

  /** Of which types a member has something, and how its lines look. */
  Map<String, LinePattern> patterns() {
    return patterns;
  }

  /** The ranks of the resources of a type that each member has. */
  IntStream ranks(String type) {
    int others = shape.resourcesPerMember() - 2;
    int turn = IN_TURN.indexOf(type);
    int count = turn < 0 ? 1 : others / IN_TURN.size() + (turn < others % IN_TURN.size() ? 1 : 0);
    return IntStream.range(0, count);
  }

  private static ObjectNode patient() {
    ObjectNode patient = start("Patient", "pdex-" + MEMBER).put("active", true);
    patient
        .putArray("identifier")
        .addObject()
        .put("system", "https://pdex.example.org/member-id")
        .put("value", "pdex-member-" + MEMBER);
    patient
        .putArray("name")
        .addObject()
        .put("family", "Testcase-" + MEMBER)
        .putArray("given")
        .add("Pdexina");
    patient.put("gender", "female").put("birthDate", "@@BIRTH@@@");
    patient.putArray("generalPractitioner").addObject().put("reference", DOCTOR);
    refer(patient, "managingOrganization", "Organization/payer");
    return patient;
  }

  private static ObjectNode coverage() {
    ObjectNode coverage = start("Coverage", "coverage-" + MEMBER).put("status", "active");
    coverage.put("subscriberId", "PDEX-" + MEMBER);
    refer(coverage, "beneficiary", PATIENT);
    coverage.putArray("payor").addObject().put("reference", "Organization/payer");
    return coverage;
  }

  private static ObjectNode resource(String type) {
    ObjectNode resource = start(type, type.toLowerCase(Locale.ROOT) + "-" + MEMBER + "-@RANK@");
    Consumer<ObjectNode> content =
        switch (type) {
          case "Encounter" -> GroupHistory::encounter;
          case "Observation" -> GroupHistory::observation;
          case "Condition" -> GroupHistory::condition;
          case "ExplanationOfBenefit" -> GroupHistory::claim;
          case "MedicationRequest" -> GroupHistory::prescription;
          case "Procedure" -> GroupHistory::procedure;
          case "AllergyIntolerance" -> GroupHistory::allergy;
          case "Immunization" -> GroupHistory::immunization;
          case "DocumentReference" -> GroupHistory::document;
          default -> GroupHistory::provenance;
        };
    content.accept(resource);
    return resource;
  }

  private static void encounter(ObjectNode encounter) {
    encounter.put("status", "finished").putObject("class").put("code", "AMB");
    refer(encounter, "subject", PATIENT);
    refer(encounter.putArray("participant").addObject(), "individual", "PractitionerRole/role-@A@");
    encounter.putObject("period").put("start", DAY).put("end", DAY);
    refer(encounter.putArray("location").addObject(), "location", "Location/place-@B@");
  }

  private static void observation(ObjectNode observation) {
    observation.put("status", "final").putObject("code").put("text", "Heart rate");
    categorize(observation, "vital-signs");
    refer(observation, "subject", PATIENT);
    refer(observation, "encounter", FIRST_ENCOUNTER);
    observation.put("effectiveDateTime", DAY);
    observation.putArray("performer").addObject().put("reference", DOCTOR);
    observation.putObject("valueQuantity").put("value", 70).put("unit", "/min");
  }

  private static void condition(ObjectNode condition) {
    condition.putObject("code").put("text", "Asthma");
    categorize(condition, "problem-list-item");
    refer(condition, "subject", PATIENT);
    refer(condition, "encounter", FIRST_ENCOUNTER);
    condition.put("onsetDateTime", DAY);
  }

  private static void claim(ObjectNode claim) {
    claim.put("status", "active").putObject("type").put("text", "professional");
    claim.put("use", "claim");
    refer(claim, "patient", PATIENT);
    claim.putObject("billablePeriod").put("start", DAY).put("end", DAY);
    claim.put("created", DAY);
    refer(claim, "insurer", "Organization/payer");
    refer(claim, "provider", CLINIC);
    claim.put("outcome", "complete");
    refer(
        claim.putArray("insurance").addObject().put("focal", true),
        "coverage",
        "Coverage/coverage-" + MEMBER);
  }

  private static void prescription(ObjectNode prescription) {
    prescription.put("status", "active").put("intent", "order");
    refer(prescription, "medicationReference", "Medication/drug-@C@");
    refer(prescription, "subject", PATIENT);
    prescription.put("authoredOn", DAY);
    refer(prescription, "requester", DOCTOR);
  }

  private static void procedure(ObjectNode procedure) {
    procedure.put("status", "completed").putObject("code").put("text", "Spirometry");
    refer(procedure, "subject", PATIENT);
    procedure.put("performedDateTime", DAY);
    refer(procedure.putArray("performer").addObject(), "actor", DOCTOR);
  }

  private static void allergy(ObjectNode allergy) {
    allergy.putObject("code").put("text", "Hazelnut");
    refer(allergy, "patient", PATIENT);
    allergy.put("recordedDate", DAY);
    refer(allergy, "recorder", DOCTOR);
  }

  private static void immunization(ObjectNode immunization) {
    immunization.put("status", "completed").putObject("vaccineCode").put("text", "Influenza");
    refer(immunization, "patient", PATIENT);
    immunization.put("occurrenceDateTime", DAY);
    refer(immunization, "location", "Location/place-@B@");
  }

  private static void document(ObjectNode document) {
    document.put("status", "current").putObject("type").put("text", "Summary");
    categorize(document, "clinical-note");
    refer(document, "subject", PATIENT);
    document.put("date", DAY + "T00:00:00Z");
    document.putArray("author").addObject().put("reference", DOCTOR);
    document
        .putArray("content")
        .addObject()
        .putObject("attachment")
        .put("contentType", "text/plain")
        .put("data", "bm90aGluZyBhdCBhbGw=");
  }

  static void categorize(ObjectNode resource, String code) {
    resource.putArray("category").addObject().putArray("coding").addObject().put("code", code);
  }

  private static void provenance(ObjectNode provenance) {
    provenance.putArray("target").addObject().put("reference", FIRST_ENCOUNTER);
    provenance.put("recorded", DAY + "T00:00:00Z");
    refer(provenance.putArray("agent").addObject(), "who", "Organization/payer");
  }

  /** A resource of this type, without content; all of it was changed when its rank says. */
  static ObjectNode start(String type, String id) {
    ObjectNode resource = JsonNodeFactory.instance.objectNode();
    resource.put("resourceType", type).put("id", id);
    resource.putObject("meta").put("lastUpdated", LinePattern.UPDATED);
    return resource;
  }

  static ObjectNode refer(ObjectNode resource, String element, String reference) {
    resource.putObject(element).put("reference", reference);
    return resource;
  }

  private ObjectNode padded(ObjectNode resource) {
    int missing = shape.bytesPerResource() - resource.toString().length();
    if (missing > 0) {
      resource
          .putObject("text")
          .put("status", "generated")
          .put(
              "div",
              "<div xmlns=\"http://www.w3.org/1999/xhtml\">%s</div>"
                  .formatted("x".repeat(missing)));
    }
    return resource;
  }
}
