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
  CANCELLED;

  /**
   * An expression for it.
   *
   * @param member what the member's row is called
   */
  public static String of(String member) {
    return """
    CASE WHEN %1$s.reason IN ('AMBIGUOUS_MATCH', 'CONSENT_CONSTRAINED')
      THEN %1$s.reason ELSE %1$s.state END"""
        .formatted(member);
  }
}
