package org.payerexchange.ledger;

/**
 * What has become of a member of a batch: the state of its transfer, save that the ends for want of
 * a match are told apart.
 */
public enum MemberOutcome {
  RECEIVED,
  MATCHED,
  COMPLETE,
  NO_MATCH,
  AMBIGUOUS_MATCH,
  CONSENT_CONSTRAINED,
  FAILED,
  CANCELLED
}
