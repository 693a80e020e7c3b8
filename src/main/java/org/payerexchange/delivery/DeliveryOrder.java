package org.payerexchange.delivery;

import java.util.List;
import org.payerexchange.ledger.FileKind;

/**
 * In which order a FHIR server gets a transfer's files, so that references lead to what is there
 * already: who and where first, then the person, what happened at a visit, claims, and what lists
 * them; what is deleted comes last.
 */
public final class DeliveryOrder {
  private static final List<String> FIRST =
      List.of(
          "Organization",
          "Endpoint",
          "Practitioner",
          "Location",
          "HealthcareService",
          "PractitionerRole",
          "Patient",
          "RelatedPerson",
          "InsurancePlan",
          "Coverage",
          "Group",
          "Substance",
          "Medication",
          "Device",
          "Binary",
          "Questionnaire",
          "EpisodeOfCare",
          "Account",
          "Appointment",
          "Encounter",
          "Condition",
          "CareTeam",
          "AllergyIntolerance",
          "Goal",
          "CarePlan",
          "ServiceRequest",
          "Specimen",
          "Procedure",
          "Media",
          "QuestionnaireResponse",
          "Observation",
          "ImagingStudy",
          "DiagnosticReport",
          "MedicationRequest");
  private static final List<String> LAST =
      List.of("Claim", "ClaimResponse", "ExplanationOfBenefit", "Composition", "List");
  private static final int OTHERS = FIRST.size();
  private static final int PROVENANCE = OTHERS + 1 + LAST.size();
  private static final int DELETED = PROVENANCE + 1;
  private static final long MOST_FILES = 1_000_000_000;

  private DeliveryOrder() {}

  /** The turn of a file among those of its transfer. */
  public static long turn(FileKind kind, String resourceType, int number) {
    return rank(kind, resourceType) * MOST_FILES + number;
  }

  private static int rank(FileKind kind, String resourceType) {
    if (kind == FileKind.DELETED) {
      return DELETED;
    }
    if (resourceType.equals("Provenance")) {
      return PROVENANCE;
    }
    if (LAST.contains(resourceType)) {
      return OTHERS + 1 + LAST.indexOf(resourceType);
    }
    int place = FIRST.indexOf(resourceType);
    return place < 0 ? OTHERS : place;
  }
}
