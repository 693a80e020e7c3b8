package org.payerexchange.ledger;

import java.time.LocalDate;

/** One record of the intake, checked and about to be registered. */
public sealed interface IntakeEntry {

  /** Where the record came from: a file's path in the inbox, a queue, the ops API. */
  String source();

  /** The record's place in its source, from 1. */
  int recordNumber();

  /**
   * A record that is to become a transfer.
   *
   * @param requestId the sender's id of this request, at most 200 characters, or null
   * @param payer the source payer's id
   * @param requestSha256 lower-case hex of the canonical record
   * @param requestJson the member match Parameters; PHI
   * @param consentEnd the last day of the consent (UTC), or null where it has no end
   * @param enrolledOn since when the member is ours, or null where the sender does not say
   */
  record Accepted(
      String source,
      int recordNumber,
      String requestId,
      String payer,
      String requestSha256,
      String requestJson,
      LocalDate consentEnd,
      LocalDate enrolledOn)
      implements IntakeEntry {

    /** One of which the sender says no more than it has to. */
    public Accepted(
        String source,
        int recordNumber,
        String requestId,
        String payer,
        String requestSha256,
        String requestJson,
        LocalDate consentEnd) {
      this(source, recordNumber, requestId, payer, requestSha256, requestJson, consentEnd, null);
    }

    /** Leaves the request out: it is PHI. */
    @Override
    public String toString() {
      return "Accepted[record " + recordNumber + " of " + source + " for " + payer + "]";
    }
  }

  /**
   * A record that intake refused. The ledger keeps where it was and why, not what it said.
   *
   * @param sha256 lower-case hex of the record as it came, so that the same rejection counts once
   * @param reason which field and why, without PHI
   */
  record Rejected(String source, int recordNumber, String sha256, String reason)
      implements IntakeEntry {}
}
