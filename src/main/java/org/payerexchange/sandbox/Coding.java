package org.payerexchange.sandbox;

import java.util.List;

/**
 * A code of one of the terminologies that claims and records use, and the few of them that the
 * synthetic data draws from.
 */
record Coding(String system, String code, String display) {
  private static final String SNOMED = "http://snomed.info/sct";
  private static final String LOINC = "http://loinc.org";
  private static final String RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm";
  private static final String HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets";
  private static final String TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/";

  static final List<Coding> CONDITIONS =
      List.of(
          new Coding(SNOMED, "38341003", "Hypertensive disorder"),
          new Coding(SNOMED, "44054006", "Diabetes mellitus type 2"),
          new Coding(SNOMED, "195967001", "Asthma"),
          new Coding(SNOMED, "55822004", "Hyperlipidemia"),
          new Coding(SNOMED, "396275006", "Osteoarthritis"),
          new Coding(SNOMED, "444814009", "Viral sinusitis"),
          new Coding(SNOMED, "10509002", "Acute bronchitis"),
          new Coding(SNOMED, "37796009", "Migraine"));

  static final List<Measure> MEASURES =
      List.of(
          new Measure(new Coding(LOINC, "8867-4", "Heart rate"), "/min", 55, 100),
          new Measure(new Coding(LOINC, "8480-6", "Systolic blood pressure"), "mm[Hg]", 100, 160),
          new Measure(new Coding(LOINC, "8462-4", "Diastolic blood pressure"), "mm[Hg]", 60, 100),
          new Measure(new Coding(LOINC, "8310-5", "Body temperature"), "Cel", 36, 39),
          new Measure(new Coding(LOINC, "29463-7", "Body weight"), "kg", 50, 120),
          new Measure(new Coding(LOINC, "8302-2", "Body height"), "cm", 150, 195),
          new Measure(
              new Coding(LOINC, "2339-0", "Glucose [Mass/volume] in Blood"), "mg/dL", 70, 190),
          new Measure(
              new Coding(LOINC, "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"), "%", 4, 10));

  static final List<Coding> MEDICATIONS =
      List.of(
          new Coding(RXNORM, "314076", "lisinopril 10 MG Oral Tablet"),
          new Coding(
              RXNORM, "860975", "metformin hydrochloride 500 MG Extended Release Oral Tablet"),
          new Coding(RXNORM, "617311", "atorvastatin 40 MG Oral Tablet"),
          new Coding(RXNORM, "245314", "albuterol 5 MG/ML Inhalation Solution"),
          new Coding(RXNORM, "310965", "ibuprofen 200 MG Oral Tablet"));

  static final List<Coding> SERVICES =
      List.of(
          new Coding(HCPCS, "G0463", "Hospital outpatient clinic visit"),
          new Coding(HCPCS, "G0439", "Annual wellness visit, subsequent"),
          new Coding(HCPCS, "G0008", "Administration of influenza virus vaccine"),
          new Coding(HCPCS, "J1885", "Injection, ketorolac tromethamine, per 15 mg"),
          new Coding(HCPCS, "A4253", "Blood glucose test strips, per 50"));

  static final List<Coding> VISITS =
      List.of(
          new Coding(SNOMED, "185349003", "Encounter for check up"),
          new Coding(SNOMED, "185345009", "Encounter for symptom"),
          new Coding(SNOMED, "390906007", "Follow-up encounter"));

  static final Coding AMBULATORY = terminology("v3-ActCode", "AMB", "ambulatory");
  static final Coding TEST_DATA = terminology("v3-ActReason", "HTEST", "test health data");
  static final Coding HEALTH_PLAN = terminology("v3-ActCode", "EHCPOL", "extended healthcare");
  static final Coding MEMBER_NUMBER = terminology("v2-0203", "MB", "Member Number");
  static final Coding PAYER = terminology("organization-type", "pay", "Payer");
  static final Coding PROVIDER = terminology("organization-type", "prov", "Healthcare Provider");
  static final Coding ACTIVE = terminology("condition-clinical", "active", "Active");
  static final Coding RESOLVED = terminology("condition-clinical", "resolved", "Resolved");
  static final Coding CONFIRMED = terminology("condition-ver-status", "confirmed", "Confirmed");
  static final Coding DIAGNOSIS =
      terminology("condition-category", "encounter-diagnosis", "Encounter Diagnosis");
  static final Coding VITAL_SIGNS =
      terminology("observation-category", "vital-signs", "Vital Signs");
  static final Coding PROFESSIONAL = terminology("claim-type", "professional", "Professional");
  static final Coding SUBMITTED = terminology("adjudication", "submitted", "Submitted Amount");
  static final Coding BENEFIT = terminology("adjudication", "benefit", "Benefit Amount");
  static final Coding SELF = terminology("subscriber-relationship", "self", "Self");

  /** What an Observation measures, in which unit and between which values. */
  record Measure(Coding coding, String unit, int low, int high) {}

  private static Coding terminology(String system, String code, String display) {
    return new Coding(TERMINOLOGY + system, code, display);
  }
}
