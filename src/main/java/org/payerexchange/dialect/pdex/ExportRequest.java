package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.payerexchange.dialect.member.FhirJson;

/**
 * The Parameters of {@code POST Group/<id>/$davinci-data-export} (PDex 2.2; Da Vinci ATR 2.1).
 *
 * @param exportType what the export is for, a canonical; {@link #PAYER_TO_PAYER} as the standard
 *     has it, some payers have their own word
 * @param types resource types, separated by commas; empty: {@link #TYPES}
 * @param typeFilter searches, as the standard writes them; empty: none
 * @param since asks for what changed after it; empty: for all
 * @param until asks for what changed before it; empty: up to now
 * @param patients the payer's Patients to export alone; empty: all of the Group
 * @param joined whether they stand in one value, separated by commas, rather than in one each
 */
record ExportRequest(
    String exportType,
    String types,
    String typeFilter,
    Optional<Instant> since,
    Optional<Instant> until,
    List<String> patients,
    boolean joined) {
  static final String PAYER_TO_PAYER = "hl7.fhir.us.davinci-pdex#payertopayer";

  /** Always named: some payers export but Group, Patient and Coverage without. */
  static final String TYPES =
      "AllergyIntolerance,CarePlan,CareTeam,Condition,Coverage,Device,DiagnosticReport,"
          + "DocumentReference,Encounter,ExplanationOfBenefit,Goal,Immunization,Location,Medication,"
          + "MedicationDispense,MedicationRequest,Observation,Organization,Patient,Practitioner,"
          + "PractitionerRole,Procedure,Provenance";

  /**
   * Checks what could not be sent.
   *
   * @throws IllegalArgumentException if there is no exportType, or a Patient's id is none
   */
  ExportRequest {
    if (exportType.isBlank()) {
      throw new IllegalArgumentException("an export has an exportType");
    }
    if (!patients.stream().allMatch(FhirJson::isId)) {
      throw new IllegalArgumentException("a Patient's id cannot stand in a reference");
    }
    types = types.isBlank() ? TYPES : types.strip();
    typeFilter = typeFilter.strip();
    patients = List.copyOf(patients);
  }

  /** The body: exportType and types always, nothing that is not asked for. */
  ObjectNode parameters() {
    ObjectNode body = FhirJson.resource("Parameters");
    ArrayNode parameters = body.putArray("parameter");
    add(parameters, "exportType").put("valueCanonical", exportType);
    since.ifPresent(time -> add(parameters, "_since").put("valueInstant", time.toString()));
    until.ifPresent(time -> add(parameters, "_until").put("valueInstant", time.toString()));
    add(parameters, "_type").put("valueString", types);
    if (!typeFilter.isEmpty()) {
      add(parameters, "_typeFilter").put("valueString", typeFilter);
    }
    List<String> references = patients.stream().map(id -> "Patient/" + id).toList();
    List<String> values =
        joined && !references.isEmpty() ? List.of(String.join(",", references)) : references;
    values.forEach(
        value -> add(parameters, "patient").set("valueReference", FhirJson.reference(value)));
    return body;
  }

  private static ObjectNode add(ArrayNode parameters, String name) {
    return parameters.addObject().put("name", name);
  }

  /** Not the Patients. */
  @Override
  public String toString() {
    return "ExportRequest[%s patients]".formatted(patients.size());
  }
}
