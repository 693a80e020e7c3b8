package org.payerexchange.dialect;

/**
 * The payer's Patient as a match names it; PHI.
 *
 * @param reference to it, as the answer has it, which may be absolute; empty if it has none
 * @param system of the identifier that the payer gave the member for this match; may be empty
 * @param value of that identifier, which is never an id; empty if there is none
 */
public record MatchedPatient(String reference, String system, String value) {
  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "MatchedPatient";
  }
}
