package org.payerexchange.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.ledger.FileKind;

class DeliveryOrderTest {

  /** What Synthea's resources refer to, but for the circle of Encounter and Condition. */
  @ParameterizedTest
  @CsvSource({
    "PractitionerRole, Practitioner Organization Location HealthcareService Endpoint",
    "Location, Organization",
    "Patient, Practitioner Organization",
    "Coverage, Patient RelatedPerson Organization",
    "Device, Patient Organization",
    "Encounter, Patient Practitioner Organization Location EpisodeOfCare Appointment",
    "Condition, Patient Encounter",
    "AllergyIntolerance, Patient Encounter",
    "CareTeam, Patient Encounter Condition Practitioner Organization",
    "Goal, Patient Condition",
    "CarePlan, Patient Encounter CareTeam Condition Goal",
    "ServiceRequest, Encounter Condition CarePlan",
    "Procedure, Encounter Condition Location CarePlan ServiceRequest",
    "Observation, Encounter Device Specimen QuestionnaireResponse Media",
    "ImagingStudy, Encounter Procedure Location",
    "DiagnosticReport, Encounter Observation Specimen ImagingStudy Media",
    "MedicationRequest, Encounter Condition Medication Practitioner Observation",
    "MedicationAdministration, Encounter Condition Medication MedicationRequest",
    "Immunization, Encounter Location",
    "DocumentReference, Encounter Practitioner Organization Binary",
    "SupplyDelivery, Patient Encounter",
    "Claim, Encounter Condition Procedure MedicationRequest Coverage Organization Location",
    "ExplanationOfBenefit, Claim ClaimResponse Coverage Encounter",
    "Composition, Claim ExplanationOfBenefit DocumentReference",
    "Provenance, Claim ExplanationOfBenefit List Composition Patient"
  })
  void whatATypeRefersToComesBeforeIt(String type, String targets) {
    for (String target : targets.split(" ", -1)) {
      assertThat(DeliveryOrder.turn(FileKind.OUTPUT, target, 9))
          .as(target)
          .isLessThan(DeliveryOrder.turn(FileKind.OUTPUT, type, 1));
    }
  }

  @Test
  void whatIsDeletedComesLast() {
    assertThat(DeliveryOrder.turn(FileKind.DELETED, "Bundle", 1))
        .isGreaterThan(DeliveryOrder.turn(FileKind.OUTPUT, "Provenance", 9));
  }
}
