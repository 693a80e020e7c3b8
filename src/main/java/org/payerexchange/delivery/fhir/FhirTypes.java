package org.payerexchange.delivery.fhir;

import ca.uhn.fhir.context.BaseRuntimeChildDefinition;
import ca.uhn.fhir.context.FhirContext;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The resource types that a payer may bring to the FHIR server: those of the Patient compartment
 * (FHIR R4, CompartmentDefinition {@code patient}) and those that members share. Any other, such as
 * a Subscription, would change what the server does rather than what it knows of a member.
 *
 * @param taken all of them
 * @param fhir knows what each is made of
 */
public record FhirTypes(Set<String> taken, FhirContext fhir) {
  /** How many identifiers a resource may have. */
  enum Identifiers {
    NONE,
    ONE,
    MANY
  }

  private static final Set<String> PATIENT_COMPARTMENT =
      Set.of(
          "Account",
          "AdverseEvent",
          "AllergyIntolerance",
          "Appointment",
          "AppointmentResponse",
          "AuditEvent",
          "Basic",
          "BodyStructure",
          "CarePlan",
          "CareTeam",
          "ChargeItem",
          "Claim",
          "ClaimResponse",
          "ClinicalImpression",
          "Communication",
          "CommunicationRequest",
          "Composition",
          "Condition",
          "Consent",
          "Coverage",
          "CoverageEligibilityRequest",
          "CoverageEligibilityResponse",
          "DetectedIssue",
          "DeviceRequest",
          "DeviceUseStatement",
          "DiagnosticReport",
          "DocumentManifest",
          "DocumentReference",
          "Encounter",
          "EnrollmentRequest",
          "EpisodeOfCare",
          "ExplanationOfBenefit",
          "FamilyMemberHistory",
          "Flag",
          "Goal",
          "Group",
          "ImagingStudy",
          "Immunization",
          "ImmunizationEvaluation",
          "ImmunizationRecommendation",
          "Invoice",
          "List",
          "MeasureReport",
          "Media",
          "MedicationAdministration",
          "MedicationDispense",
          "MedicationRequest",
          "MedicationStatement",
          "MolecularSequence",
          "NutritionOrder",
          "Observation",
          "Patient",
          "Person",
          "Procedure",
          "Provenance",
          "QuestionnaireResponse",
          "RelatedPerson",
          "RequestGroup",
          "ResearchSubject",
          "RiskAssessment",
          "Schedule",
          "ServiceRequest",
          "Specimen",
          "SupplyDelivery",
          "SupplyRequest",
          "VisionPrescription");

  private static final Set<String> SHARED =
      Set.of(
          "Device",
          "Endpoint",
          "HealthcareService",
          "InsurancePlan",
          "Location",
          "Medication",
          "Organization",
          "Practitioner",
          "PractitionerRole",
          "Substance");

  /** Copies the set. */
  public FhirTypes {
    taken = Set.copyOf(taken);
  }

  /**
   * As configured.
   *
   * @param moreTypes {@code p2p.deliver.fhir.more-types}: names with commas between them, or empty
   * @param fhir knows the types of R4
   * @throws IllegalArgumentException naming the key, if one is none of R4's
   */
  public static FhirTypes configured(String moreTypes, FhirContext fhir) {
    Set<String> taken = new HashSet<>(PATIENT_COMPARTMENT);
    taken.addAll(SHARED);
    taken.add("Binary");
    Set<String> known = fhir.getResourceTypes();
    Arrays.stream(moreTypes.split(","))
        .map(String::strip)
        .filter(type -> !type.isEmpty())
        .forEach(
            type -> {
              if (!known.contains(type)) {
                throw new IllegalArgumentException(
                    "p2p.deliver.fhir.more-types: '%s' is no resource type of FHIR R4"
                        .formatted(type));
              }
              taken.add(type);
            });
    return new FhirTypes(taken, fhir);
  }

  /** Whether a payer may bring resources of this type. */
  boolean take(String type) {
    return taken.contains(type);
  }

  /** How many identifiers a resource of this type may have. */
  Identifiers identifiers(String type) {
    BaseRuntimeChildDefinition element =
        fhir.getResourceDefinition(type).getChildByName("identifier");
    if (element == null) {
      return Identifiers.NONE;
    }
    return element.getMax() == 1 ? Identifiers.ONE : Identifiers.MANY;
  }

  /**
   * Whether several members' resources refer to the same ones of this type, so that two transfers
   * may write one at the same time.
   */
  static boolean isShared(String type) {
    return SHARED.contains(type);
  }
}
