package org.payerexchange.dialect.member;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.payerexchange.dialect.FieldProblem;

/**
 * One member in a request to a payer (HRex 1.2, "Member Match"; PDex 2.2, "PDex $multi-member-match
 * request"): MemberPatient, CoverageToMatch, Consent, and CoverageToLink if the sender gave one.
 * Form is filled in: ids, references, both payers, fixed codes. Facts are not; what the profiles do
 * not ask for stays at home.
 */
public final class MemberResources {
  /** The parameter that holds the Patient. */
  public static final String PATIENT = "MemberPatient";

  /** The parameter that holds the coverage with the old payer. */
  public static final String COVERAGE = "CoverageToMatch";

  /** The parameter that holds the coverage with us, which need not be there. */
  public static final String OWN_COVERAGE = "CoverageToLink";

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
  public MemberResources(JsonNode parameters, String memberId, Parties parties) {
    this.memberId = memberId;
    this.parties = parties;
    coverageToMatch = given(parameters, COVERAGE);
    coverageToLink = given(parameters, OWN_COVERAGE);
    demographics = new Demographics(given(parameters, PATIENT), coverageToMatch, coverageToLink);
    consent = new ConsentForm(given(parameters, "Consent"), parties);
  }

  /**
   * What this member lacks, however it is called in a request.
   *
   * @return empty if it can be asked for
   */
  public List<FieldProblem> problems() {
    List<FieldProblem> problems = new ArrayList<>();
    demographics.check(problems::add);
    new CoverageForm(coverageToMatch).check(problems::add);
    consent.check(problems::add);
    return List.copyOf(problems);
  }

  /** The resources by their parameters' names; only of use where there are no problems. */
  public Map<String, ObjectNode> byName() {
    Map<String, ObjectNode> resources = new LinkedHashMap<>();
    resources.put(PATIENT, demographics.resource(memberId));
    resources.put(COVERAGE, new CoverageForm(coverageToMatch).toMatch(memberId, parties.payer()));
    resources.put("Consent", consent.resource(memberId));
    if (coverageToLink.isObject()) {
      resources.put(OWN_COVERAGE, new CoverageForm(coverageToLink).toLink(memberId, parties.own()));
    }
    return resources;
  }

  /** What the sender says of the person. */
  public PersonFacts person() {
    return PersonFacts.of(demographics.resource(memberId));
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
    return "MemberResources";
  }
}
