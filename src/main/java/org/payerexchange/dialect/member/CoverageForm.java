package org.payerexchange.dialect.member;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;
import org.payerexchange.dialect.FieldProblem;

/**
 * CoverageToMatch and CoverageToLink (HRex 1.2, "HRex Coverage"). Status and relationship are facts
 * that the profile demands: where the sender did not tell them, the request says that they are
 * unknown (FHIR R4, "data-absent-reason").
 */
final class CoverageForm {
  private final JsonNode given;

  CoverageForm(JsonNode given) {
    this.given = given;
  }

  /**
   * The coverage with the old payer.
   *
   * @param payer who is its payor, unless the sender names one by an identifier
   */
  ObjectNode toMatch(String memberId, Parties.Organization payer) {
    List<JsonNode> identified =
        FhirJson.items(given.path("payor"))
            .filter(payor -> !FhirJson.text(payor.path("identifier"), "value").isEmpty())
            .map(FhirJson.only("identifier", "display"))
            .toList();
    return resource(
        memberId, identified.size() == 1 ? identified.get(0) : FhirJson.reference(payer));
  }

  /** The coverage with us. */
  ObjectNode toLink(String memberId, Parties.Organization own) {
    return resource(memberId, FhirJson.reference(own));
  }

  /** A member id it must have (US Core, us-core-15): as its identifier of that type, or else. */
  void check(Consumer<FieldProblem> problems) {
    if (FhirJson.text(given, "subscriberId").isEmpty()
        && FhirJson.identifiers(given).noneMatch(CoverageForm::isMemberId)) {
      problems.accept(
          new FieldProblem(
              "CoverageToMatch.identifier.value",
              "of type MB is missing, and there is no subscriberId"));
    }
  }

  private static boolean isMemberId(JsonNode identifier) {
    return FhirJson.items(identifier.path("type").path("coding"))
        .anyMatch(
            type ->
                FhirJson.text(type, "system")
                        .equals("http://terminology.hl7.org/CodeSystem/v2-0203")
                    && FhirJson.text(type, "code").equals("MB"));
  }

  private ObjectNode resource(String memberId, JsonNode payor) {
    ObjectNode coverage = FhirJson.resource("Coverage");
    FhirJson.putList(coverage, "identifier", FhirJson.identifiers(given));
    if (FhirJson.text(given, "status").isEmpty()) {
      coverage
          .putObject("_status")
          .putArray("extension")
          .addObject()
          .put("url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason")
          .put("valueCode", "unknown");
    }
    FhirJson.copy(given, coverage, "status", "type", "subscriberId");
    coverage.set("beneficiary", FhirJson.reference("Patient/" + memberId));
    FhirJson.copy(given, coverage, "dependent");
    coverage.set(
        "relationship",
        given.path("relationship").isObject()
            ? given.path("relationship")
            : FhirJson.concept("data-absent-reason", "unknown"));
    FhirJson.copy(given, coverage, "period");
    coverage.putArray("payor").add(payor);
    return FhirJson.copy(given, coverage, "class");
  }
}
