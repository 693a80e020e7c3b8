package org.payerexchange.ledger;

import java.time.LocalDate;
import java.util.Set;

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
   * @param consentStart the first day of the consent (UTC), or null where that is not known
   * @param consentEnd the last day of the consent (UTC), or null where it has no end
   * @param consentPolicy how far the consent goes: the URIs of its policies, sorted and separated
   *     by spaces; or null where that is not known
   * @param enrolledOn since when the member is ours, or null where the sender does not say
   * @param ids of the member, its coverage and consent, each behind a letter for its kind and a
   *     colon: {@code m:}, {@code v:} and {@code s:}; PHI, of which keyed hashes are kept
   * @param repeat whether and how often it is asked again; null: it is not
   */
  record Accepted(
      String source,
      int recordNumber,
      String requestId,
      String payer,
      String requestSha256,
      String requestJson,
      LocalDate consentStart,
      LocalDate consentEnd,
      String consentPolicy,
      LocalDate enrolledOn,
      Set<String> ids,
      Repeat repeat)
      implements IntakeEntry {

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
