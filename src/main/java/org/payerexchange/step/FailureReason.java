package org.payerexchange.step;

/**
 * Why a step did not succeed. The names are stored in the ledger, shown to operators and sent in
 * outcome messages, so that they never change.
 */
public enum FailureReason {
  /** The transfer names a payer that is not (or no longer) configured. */
  UNKNOWN_PAYER,
  /** The token endpoint refused the client's credentials. */
  TOKEN_REFUSED,
  /** A file of ours with a secret or a key cannot be used there, so that no token is asked for. */
  CREDENTIALS_UNUSABLE,
  /** No answer, a broken connection, 408 or 5xx. */
  PAYER_UNAVAILABLE,
  /** 429, or 503 with a Retry-After. */
  PAYER_BUSY,
  /** An answer that will not change: another 4xx, a second 401, an unexpected status. */
  PAYER_REFUSED,
  /** An answer whose body cannot be read as what it should be. */
  BAD_ANSWER,
  /** More than is taken: an answer, a match or a manifest beyond a bound, whose key is told. */
  TOO_LARGE,
  /** The member's record lacks what the payer is to be told. */
  INCOMPLETE_RECORD,
  /** The payer knows no such member. */
  NO_MATCH,
  /** The payer knows more than one member who could be meant. */
  AMBIGUOUS_MATCH,
  /** The payer knows the member, and does not honour the consent. */
  CONSENT_CONSTRAINED,
  /** The member matched, but the answer holds no groupId. */
  NO_GROUP_ID,
  /** The consent's last day (UTC) is over. */
  CONSENT_EXPIRED,
  /** The payer says that its export job failed. */
  JOB_FAILED,
  /** The payer does not know the export job any more. */
  JOB_GONE,
  /** The export job was not ready within the poll deadline. */
  JOB_EXPIRED,
  /** The payer does not know the output file any more. */
  FILE_GONE,
  /** A downloaded file holds something other than the announced resources. */
  FILE_INVALID,
  /** An answer leads to a host that is neither the payer's nor trusted. */
  FOREIGN_HOST,
  /** A delivery target does not answer, or asks to be left alone for a while. */
  SINK_UNAVAILABLE,
  /** A delivery target asks for a pause: 429, or 503. It gets one, and as many as it asks for. */
  SINK_BUSY,
  /** A delivery target will not take the file. */
  SINK_REFUSED,
  /** What could have passed did not pass within the retry deadline. */
  RETRY_DEADLINE,
  /** An operator has paused the payer or the sink. */
  PAUSED,
  /** The payer is not to be called at this hour. */
  OUTSIDE_HOURS,
  /** The payer has had all calls that its limits allow for now. */
  AT_LIMIT,
  /** An operator gave the transfer up. */
  CANCELLED,
  /** The member withdrew the consent. */
  WITHDRAWN,
  /** The row belongs to another node by now; nothing is recorded by this one. */
  LEASE_LOST,
  /** The ledger's database does not answer. */
  LEDGER_UNAVAILABLE,
  /** A fault of Payer Exchange itself. */
  INTERNAL;

  /** Whether there is no token, and none comes before somebody has done something. */
  public boolean isOfTokens() {
    return this == TOKEN_REFUSED || this == CREDENTIALS_UNUSABLE;
  }
}
