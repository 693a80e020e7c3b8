package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.payerexchange.dialect.FieldProblem;

/**
 * One member in a request of {@code $bulk-member-match} (PDex 2.2, "PDex $multi-member-match
 * request"): MemberPatient, CoverageToMatch, Consent, and CoverageToLink if the sender gave one.
 * Form is filled in: ids, references, both payers, fixed codes. Facts are not; what the profiles do
 * not ask for stays at home.
 */
final class MemberBundle {
  private final String memberId;
  private final Parties parties;
  private final JsonNode coverageToMatch;
  private final JsonNode coverageToLink;
  private final Demographics demographics;
  private final ConsentForm consent;

  /**
   * Of a transfer.
   *
   * @param parameters FHIR R4 Parameters as they were taken in: MemberPatient, CoverageToMatch,
   *     Consent and perhaps CoverageToLink
   * @param memberId what the request calls the member, as {@link MemberId} makes it
   */
  MemberBundle(JsonNode parameters, String memberId, Parties parties) {
    this.memberId = memberId;
    this.parties = parties;
    coverageToMatch = given(parameters, "CoverageToMatch");
    coverageToLink = given(parameters, "CoverageToLink");
    demographics =
        new Demographics(given(parameters, "MemberPatient"), coverageToMatch, coverageToLink);
    consent = new ConsentForm(given(parameters, "Consent"), parties);
  }

  /**
   * What this member lacks for PDex, however it is called in a request.
   *
   * @return empty if it can be asked for
   */
  List<FieldProblem> problems() {
    List<FieldProblem> problems = new ArrayList<>();
    demographics.check(problems::add);
    new CoverageForm(coverageToMatch).check(problems::add);
    consent.check(problems::add);
    return List.copyOf(problems);
  }

  /** The parameter {@code MemberBundle}; only of use where there are no problems. */
  ObjectNode parameter() {
    ObjectNode bundle = FhirJson.object().put("name", "MemberBundle");
    ArrayNode parts = bundle.putArray("part");
    add(parts, "MemberPatient", demographics.resource(memberId));
    add(
        parts,
        "CoverageToMatch",
        new CoverageForm(coverageToMatch).toMatch(memberId, parties.payer()));
    add(parts, "Consent", consent.resource(memberId));
    if (coverageToLink.isObject()) {
      add(
          parts,
          "CoverageToLink",
          new CoverageForm(coverageToLink).toLink(memberId, parties.own()));
    }
    return bundle;
  }

  /** What an answer is compared with. */
  AskedMember asked() {
    return new AskedMember(
        memberId,
        PersonFacts.of(demographics.resource(memberId)),
        CoverageFacts.of(coverageToMatch));
  }

  private static void add(ArrayNode parts, String name, ObjectNode resource) {
    parts.addObject().put("name", name).set("resource", resource);
  }

  private static JsonNode given(JsonNode parameters, String name) {
    return FhirJson.items(parameters.path("parameter"))
        .filter(parameter -> FhirJson.text(parameter, "name").equals(name))
        .map(parameter -> parameter.path("resource"))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "MemberBundle";
  }
}
