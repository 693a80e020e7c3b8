package org.payerexchange.dialect.member;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.dialect.FieldProblem;

/**
 * MemberPatient (HRex 1.2, "Patient Demographics"): name, birth date, gender or birth sex, address,
 * and of identifiers the old payer's member ids alone, since payers look for all that they get.
 */
final class Demographics {
  private static final String BIRTH_SEX =
      "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex";

  private final JsonNode given;
  private final JsonNode coverageToMatch;
  private final JsonNode coverageToLink;

  /**
   * Of a member.
   *
   * @param given as the sender has it
   * @param coverageToMatch the coverage with the old payer
   * @param coverageToLink the coverage with us, if the sender gave one
   */
  Demographics(JsonNode given, JsonNode coverageToMatch, JsonNode coverageToLink) {
    this.given = given;
    this.coverageToMatch = coverageToMatch;
    this.coverageToLink = coverageToLink;
  }

  ObjectNode resource(String memberId) {
    ObjectNode patient = FhirJson.resource("Patient").put("id", memberId);
    FhirJson.putList(patient, "extension", birthSex());
    FhirJson.putList(
        patient, "identifier", FhirJson.identifiers(given).filter(this::isOfTheOldPayer));
    FhirJson.putList(patient, "name", names());
    FhirJson.copy(given, patient, "gender", "birthDate");
    FhirJson.putList(
        patient,
        "address",
        FhirJson.items(given.path("address"))
            .map(FhirJson.only("use", "type", "line", "city", "state", "postalCode", "period"))
            .filter(address -> !address.isEmpty()));
    return patient;
  }

  void check(Consumer<FieldProblem> problems) {
    if (names().findAny().isEmpty()) {
      List<JsonNode> all = FhirJson.items(given.path("name")).toList();
      boolean family = all.stream().anyMatch(name -> !FhirJson.text(name, "family").isEmpty());
      boolean first = all.stream().anyMatch(name -> !FhirJson.texts(name.path("given")).isEmpty());
      if (family && first) {
        problems.accept(new FieldProblem("MemberPatient.name", "has none with family and given"));
      } else {
        Stream.of(family ? "" : "family", first ? "" : "given")
            .filter(missing -> !missing.isEmpty())
            .map(missing -> new FieldProblem("MemberPatient.name." + missing, "is missing"))
            .forEach(problems);
      }
    }
    if (FhirJson.text(given, "birthDate").isEmpty()) {
      problems.accept(new FieldProblem("MemberPatient.birthDate", "is missing"));
    }
    if (FhirJson.text(given, "gender").isEmpty() && birthSex().findAny().isEmpty()) {
      problems.accept(
          new FieldProblem(
              "MemberPatient.gender", "is missing, and there is no extension us-core-birthsex"));
    }
  }

  /** A name needs both; one without is left out, as payers refuse it. */
  private Stream<ObjectNode> names() {
    return FhirJson.items(given.path("name"))
        .filter(name -> !FhirJson.text(name, "family").isEmpty())
        .filter(name -> !FhirJson.texts(name.path("given")).isEmpty())
        .map(
            name -> {
              ObjectNode whole = FhirJson.object();
              FhirJson.copy(name, whole, "use", "family");
              whole.set("given", FhirJson.array(FhirJson.texts(name.path("given"))));
              return FhirJson.copy(name, whole, "prefix", "suffix", "period");
            });
  }

  private Stream<JsonNode> birthSex() {
    return FhirJson.items(given.path("extension"))
        .filter(extension -> FhirJson.text(extension, "url").equals(BIRTH_SEX))
        .filter(extension -> !FhirJson.text(extension, "valueCode").isEmpty());
  }

  private boolean isOfTheOldPayer(JsonNode identifier) {
    JsonNode type = identifier.path("type");
    boolean memberId =
        FhirJson.items(type.path("coding")).findAny().isEmpty()
            || FhirJson.hasCode(type, "MB")
            || FhirJson.hasCode(type, "UMB");
    return memberId && !isOurOwn(identifier);
  }

  /** Whether the coverage with us has it, or has others of its system that the old one has not. */
  private boolean isOurOwn(JsonNode identifier) {
    String value = FhirJson.text(identifier, "value");
    Set<String> ownSystems = systems(coverageToLink);
    ownSystems.removeAll(systems(coverageToMatch));
    boolean isOfTheLink =
        value.equals(FhirJson.text(coverageToLink, "subscriberId"))
            || FhirJson.identifiers(coverageToLink)
                .anyMatch(own -> value.equals(FhirJson.text(own, "value")));
    boolean isOfTheMatch =
        value.equals(FhirJson.text(coverageToMatch, "subscriberId"))
            || FhirJson.identifiers(coverageToMatch)
                .anyMatch(old -> value.equals(FhirJson.text(old, "value")));
    return ownSystems.contains(FhirJson.text(identifier, "system"))
        || (isOfTheLink && !isOfTheMatch);
  }

  private static Set<String> systems(JsonNode coverage) {
    return FhirJson.identifiers(coverage)
        .map(identifier -> FhirJson.text(identifier, "system"))
        .filter(system -> !system.isEmpty())
        .collect(Collectors.toSet());
  }
}
