package org.payerexchange.split;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whose a resource is, by its type: the one table of owner elements.
 *
 * <p>Source: FHIR R4 (4.0.1), CompartmentDefinition {@code patient} and the definitions of its
 * resources. Of the elements that put a resource into a patient's compartment, the owner element is
 * the one that says whom the resource is about; who wrote, paid or asked for it is no owner.
 * Coverage is the beneficiary's alone: subscriber, policy holder and payor may be the spouse. All
 * that US Core, CARIN Blue Button and PDex exchange is here, and what else of the compartment has
 * such an element.
 *
 * <p>Nobody's are Appointment, AuditEvent, Group, List, Person and Schedule, which are about
 * several people, and whatever is not named here.
 *
 * @param rule how the owner is found
 * @param element the top-level element that names the owner, or what the resource targets; empty
 *     where there is none
 */
record Ownership(Rule rule, String element) {

  /** How the owner of a resource is found. */
  enum Rule {
    /** It is the Patient. */
    ITSELF,
    /** Its owner element names a Patient. */
    OWNED,
    /** It is nobody's own, and goes to each member whose resources refer to it. */
    SHAREABLE,
    /**
     * It is one member's if all that refers to it, and all that it targets, is that member's; else
     * nobody's.
     */
    CONDITIONAL,
    /** It goes to nobody. */
    NOBODYS
  }

  private static final Map<String, List<String>> OWNED =
      Map.of(
          "patient",
          List.of(
              "AllergyIntolerance",
              "BodyStructure",
              "Claim",
              "ClaimResponse",
              "Consent",
              "CoverageEligibilityRequest",
              "CoverageEligibilityResponse",
              "DetectedIssue",
              "EpisodeOfCare",
              "ExplanationOfBenefit",
              "FamilyMemberHistory",
              "Immunization",
              "ImmunizationEvaluation",
              "ImmunizationRecommendation",
              "MolecularSequence",
              "NutritionOrder",
              "RelatedPerson",
              "SupplyDelivery",
              "VisionPrescription"),
          "subject",
          List.of(
              "Account",
              "AdverseEvent",
              "Basic",
              "CarePlan",
              "CareTeam",
              "ChargeItem",
              "ClinicalImpression",
              "Communication",
              "CommunicationRequest",
              "Composition",
              "Condition",
              "DeviceRequest",
              "DeviceUseStatement",
              "DiagnosticReport",
              "DocumentManifest",
              "DocumentReference",
              "Encounter",
              "Flag",
              "Goal",
              "ImagingStudy",
              "Invoice",
              "MeasureReport",
              "Media",
              "MedicationAdministration",
              "MedicationDispense",
              "MedicationRequest",
              "MedicationStatement",
              "Observation",
              "Procedure",
              "QuestionnaireResponse",
              "RequestGroup",
              "RiskAssessment",
              "ServiceRequest",
              "Specimen"),
          "actor",
          List.of("AppointmentResponse"),
          "beneficiary",
          List.of("Coverage"),
          "candidate",
          List.of("EnrollmentRequest"),
          "deliverTo",
          List.of("SupplyRequest"),
          "individual",
          List.of("ResearchSubject"));

  private static final List<String> SHAREABLE =
      List.of(
          "Endpoint",
          "HealthcareService",
          "InsurancePlan",
          "Location",
          "Medication",
          "Organization",
          "Practitioner",
          "PractitionerRole",
          "Substance");

  private static final Map<String, String> CONDITIONAL =
      Map.of("Binary", "securityContext", "Device", "patient", "Provenance", "target");

  private static final Ownership NOBODYS = new Ownership(Rule.NOBODYS, "");
  private static final Map<String, Ownership> TABLE = table();

  private static Map<String, Ownership> table() {
    Map<String, Ownership> table = new HashMap<>();
    OWNED.forEach(
        (element, types) ->
            types.forEach(type -> table.put(type, new Ownership(Rule.OWNED, element))));
    SHAREABLE.forEach(type -> table.put(type, new Ownership(Rule.SHAREABLE, "")));
    CONDITIONAL.forEach((type, target) -> table.put(type, new Ownership(Rule.CONDITIONAL, target)));
    table.put("Patient", new Ownership(Rule.ITSELF, "id"));
    return Map.copyOf(table);
  }

  /** The types that the table names; of all others resources are nobody's. */
  static Map<String, Ownership> byType() {
    return TABLE;
  }

  /** That of resources of a type, whatever the type is called. */
  static Ownership of(String type) {
    return TABLE.getOrDefault(type, NOBODYS);
  }

  /** Whether an element of this name tells of a {@link Rule#CONDITIONAL} resource whose it is. */
  static boolean isAimed(String element) {
    return CONDITIONAL.containsValue(element);
  }

  /** Whether resources have an owner of their own. */
  boolean isOwned() {
    return rule == Rule.ITSELF || rule == Rule.OWNED;
  }

  /** Whether resources are nobody's own, and may go to anybody. */
  boolean isShareable() {
    return rule == Rule.SHAREABLE;
  }

  /** Whether resources may go to members who do not own them. */
  boolean isShared() {
    return rule == Rule.SHAREABLE || rule == Rule.CONDITIONAL;
  }
}
