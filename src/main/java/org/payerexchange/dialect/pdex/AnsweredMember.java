package org.payerexchange.dialect.pdex;

import org.payerexchange.dialect.member.PersonFacts;

/**
 * An entry of a Group that a match answered.
 *
 * @param requested what the request called the member, as far as the payer repeats it; else what
 *     the payer calls it within the Group; empty if nothing
 * @param person what the Group's contained Patient says, nothing if there is none
 * @param coverage what its contained Coverage says, nothing if there is none
 * @param patientId the payer's Patient; empty if it names none
 * @param usable whether the entry can be believed: it is in force, and names one Patient of the
 *     request
 */
record AnsweredMember(
    String requested,
    PersonFacts person,
    CoverageFacts coverage,
    String patientId,
    boolean usable) {
  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "AnsweredMember";
  }
}
