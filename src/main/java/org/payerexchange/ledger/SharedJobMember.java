package org.payerexchange.ledger;

import java.time.LocalDate;

/**
 * A member that a shared export serves.
 *
 * @param transferId the member's transfer
 * @param jobId the member's own part of the export
 * @param patientId the payer's Patient; PHI
 * @param consentEnd the last day of the consent (UTC), or null where it has no end
 * @param open whether it still waits for its files: neither served, nor failed, nor cancelled
 * @param served whether it has its files of this export already
 * @param numbers how its files are numbered
 */
public record SharedJobMember(
    String transferId,
    long jobId,
    String patientId,
    LocalDate consentEnd,
    boolean open,
    boolean served,
    FileNumbers numbers) {
  /** Not the Patient. */
  @Override
  public String toString() {
    return "SharedJobMember[" + transferId + "]";
  }
}
