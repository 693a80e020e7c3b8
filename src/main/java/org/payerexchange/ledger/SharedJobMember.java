package org.payerexchange.ledger;

import java.time.LocalDate;
import java.util.Map;

/**
 * A member that a shared export serves.
 *
 * @param transferId the member's transfer
 * @param jobId the member's own part of the export
 * @param patientId the payer's Patient; PHI
 * @param consentEnd the last day of the consent (UTC), or null where it has no end
 * @param open whether it still waits for its files: neither served, nor failed, nor cancelled
 * @param served whether it has its files of this export already
 * @param files how many files have been given a number in the transfer
 * @param numbers those that an earlier export of the member gave, by resource type
 */
public record SharedJobMember(
    String transferId,
    long jobId,
    String patientId,
    LocalDate consentEnd,
    boolean open,
    boolean served,
    int files,
    Map<String, Integer> numbers) {
  /** Keeps a copy. */
  public SharedJobMember {
    numbers = Map.copyOf(numbers);
  }

  /** The number of the member's file of a type: what it had before, else the next. */
  public int number(String resourceType, int newOnes) {
    return numbers.getOrDefault(resourceType, files + newOnes + 1);
  }

  /** Not the Patient. */
  @Override
  public String toString() {
    return "SharedJobMember[" + transferId + "]";
  }
}
