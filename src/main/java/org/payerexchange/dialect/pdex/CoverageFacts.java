package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.Set;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.dialect.member.PersonFacts;

/**
 * What tells one Coverage of a person from another.
 *
 * @param identifiers system and value of each
 * @param subscriberId empty if there is none
 */
record CoverageFacts(Set<PersonFacts.Identifier> identifiers, String subscriberId) {
  /** Nothing at all. */
  static final CoverageFacts NONE = new CoverageFacts(Set.of(), "");

  /** Those of a Coverage. */
  static CoverageFacts of(JsonNode coverage) {
    return new CoverageFacts(
        PersonFacts.Identifier.of(coverage), FhirJson.text(coverage, "subscriberId"));
  }

  /** Whether both cannot be one coverage. */
  boolean contradicts(CoverageFacts other) {
    return PersonFacts.Identifier.contradict(identifiers, other.identifiers)
        || (!subscriberId.isEmpty()
            && !other.subscriberId.isEmpty()
            && !subscriberId.equals(other.subscriberId));
  }

  /** Whether they have something in common, and nothing against it. */
  boolean agreesWith(CoverageFacts other) {
    boolean common =
        !Collections.disjoint(identifiers, other.identifiers)
            || (!subscriberId.isEmpty() && subscriberId.equals(other.subscriberId));
    return common && !contradicts(other);
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "CoverageFacts";
  }
}
