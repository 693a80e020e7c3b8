package org.payerexchange.ledger;

/**
 * What became of one intake record.
 *
 * @param transferId the transfer that the record is now or was before, never null but for {@link
 *     Status#WITHDRAWN}: for {@link Status#CONFLICT} the one that holds the request id, for {@link
 *     Status#REJECTED} the row of the rejection
 */
public record Registration(Status status, String transferId) {

  /** How the record was met. */
  public enum Status {
    /** A new transfer. */
    NEW,
    /** The same request as an earlier one, which stands for both. */
    DUPLICATE,
    /** A known request id with other content or for another payer; nothing was registered. */
    CONFLICT,
    /**
     * Its member withdrew the consent, or an earlier one that has no successor; nothing was
     * registered.
     */
    WITHDRAWN,
    /** The rejection is on record. */
    REJECTED
  }
}
