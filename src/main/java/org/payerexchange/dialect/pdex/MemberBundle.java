package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.payerexchange.dialect.FieldProblem;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.dialect.member.MemberResources;
import org.payerexchange.dialect.member.Parties;

/**
 * One member in a request of {@code $bulk-member-match} (PDex 2.2, "PDex $multi-member-match
 * request").
 */
final class MemberBundle {
  private final String memberId;
  private final MemberResources resources;

  /**
   * Of a transfer.
   *
   * @param parameters FHIR R4 Parameters as they were taken in
   * @param memberId what the request calls the member
   */
  MemberBundle(JsonNode parameters, String memberId, Parties parties) {
    this.memberId = memberId;
    this.resources = new MemberResources(parameters, memberId, parties);
  }

  /** What this member lacks for PDex, as {@link MemberResources#problems}. */
  List<FieldProblem> problems() {
    return resources.problems();
  }

  /** The parameter {@code MemberBundle}; only of use where there are no problems. */
  ObjectNode parameter() {
    ObjectNode bundle = FhirJson.object().put("name", "MemberBundle");
    ArrayNode parts = bundle.putArray("part");
    resources
        .byName()
        .forEach((name, resource) -> parts.addObject().put("name", name).set("resource", resource));
    return bundle;
  }

  /** What an answer is compared with. */
  AskedMember asked() {
    return new AskedMember(
        memberId,
        resources.person(),
        CoverageFacts.of(resources.byName().get(MemberResources.COVERAGE)));
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "MemberBundle";
  }
}
