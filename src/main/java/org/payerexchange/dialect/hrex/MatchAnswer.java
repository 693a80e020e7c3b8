package org.payerexchange.dialect.hrex;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.payerexchange.dialect.MatchOutcome;
import org.payerexchange.dialect.MatchedPatient;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.step.FailureReason;

/**
 * The answer to {@code $member-match} (HRex 1.0 to 1.2): a MemberIdentifier, a MemberId, or both.
 * That of the ballot version 0.2 has the member's Patient with such an identifier instead, and
 * HAPI's server gives the Patient's id with its type as a MemberIdentifier. Whatever else servers
 * add is passed over.
 */
final class MatchAnswer {
  private MatchAnswer() {}

  /** What it says; nothing at all if it names no member. */
  static MatchOutcome read(JsonNode parameters) {
    List<String> references =
        Stream.concat(
                parameters(parameters, "MemberId")
                    .map(parameter -> FhirJson.text(parameter.path("valueReference"), "reference"))
                    .filter(text -> !text.isEmpty()),
                parameters(parameters, "MemberIdentifier")
                    .map(parameter -> FhirJson.text(parameter, "valueId"))
                    .filter(text -> text.startsWith("Patient/")))
            .distinct()
            .toList();
    String reference = references.isEmpty() ? "" : references.get(0);
    Set<MatchedPatient> named = new LinkedHashSet<>();
    identifiers(parameters)
        .map(
            identifier ->
                new MatchedPatient(
                    reference,
                    FhirJson.text(identifier, "system"),
                    FhirJson.text(identifier, "value")))
        .filter(patient -> !patient.value().isEmpty())
        .forEach(named::add);
    if (named.size() > 1 || references.size() > 1) {
      return MatchOutcome.none(FailureReason.AMBIGUOUS_MATCH);
    }
    if (named.isEmpty() && references.isEmpty()) {
      return MatchOutcome.ofGroups(List.of());
    }
    return MatchOutcome.of(
        named.stream().findFirst().orElseGet(() -> new MatchedPatient(reference, "", "")));
  }

  /**
   * The old form gives back the Patient as it was sent, with the identifier of this match added.
   */
  private static Stream<JsonNode> identifiers(JsonNode answer) {
    List<JsonNode> own =
        parameters(answer, "MemberIdentifier")
            .map(parameter -> parameter.path("valueIdentifier"))
            .toList();
    List<JsonNode> ofPatient =
        parameters(answer, "MemberPatient")
            .flatMap(parameter -> FhirJson.identifiers(parameter.path("resource")))
            .toList();
    return Stream.of(own, ofType(ofPatient, "UMB"), ofType(ofPatient, "MB"))
        .filter(identifiers -> !identifiers.isEmpty())
        .findFirst()
        .orElse(List.of())
        .stream();
  }

  private static List<JsonNode> ofType(List<JsonNode> identifiers, String code) {
    return identifiers.stream()
        .filter(identifier -> FhirJson.hasCode(identifier.path("type"), code))
        .toList();
  }

  private static Stream<JsonNode> parameters(JsonNode answer, String name) {
    return FhirJson.items(answer.path("parameter"))
        .filter(parameter -> FhirJson.text(parameter, "name").equals(name));
  }
}
