package org.payerexchange.split;

/**
 * A member of a shared export.
 *
 * @param transferId whose folder gets the member's lines
 * @param patientId the member's Patient id at the payer: {@code 1} of {@code Patient/1}
 */
public record SplitMember(String transferId, String patientId) {

  /** The transfer alone: the payer's id is PHI. */
  @Override
  public String toString() {
    return "SplitMember[" + transferId + "]";
  }
}
