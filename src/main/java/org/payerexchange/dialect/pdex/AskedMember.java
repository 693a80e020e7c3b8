package org.payerexchange.dialect.pdex;

import org.payerexchange.dialect.member.PersonFacts;

/**
 * A member that was asked for.
 *
 * @param id what the request called it
 * @param person what the request said of the person
 * @param coverage what the request said of the coverage with the old payer
 */
record AskedMember(String id, PersonFacts person, CoverageFacts coverage) {
  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "AskedMember";
  }
}
