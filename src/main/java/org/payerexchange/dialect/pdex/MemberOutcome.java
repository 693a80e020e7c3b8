package org.payerexchange.dialect.pdex;

/**
 * What a match says of one member.
 *
 * @param groupId the Group to export; null unless matched
 * @param patientId the payer's Patient, by whom files are split; null unless matched
 * @param why what is wrong with the answer, without data; null unless uncorrelated
 */
record MemberOutcome(Kind kind, String groupId, String patientId, String why) {
  /** What becomes of a member. */
  enum Kind {
    /** Its Group may be exported for it. */
    MATCHED,
    /** The payer knows no such member. */
    NO_MATCH,
    /** The payer knows the member, and does not honour the consent. */
    CONSENT_CONSTRAINED,
    /** Several are meant, or several mean one. */
    AMBIGUOUS,
    /** The answer cannot be read for this member. It is asked for once more, alone. */
    UNCORRELATED
  }

  static final MemberOutcome NO_MATCH = new MemberOutcome(Kind.NO_MATCH, null, null, null);
  static final MemberOutcome CONSENT_CONSTRAINED =
      new MemberOutcome(Kind.CONSENT_CONSTRAINED, null, null, null);
  static final MemberOutcome AMBIGUOUS = new MemberOutcome(Kind.AMBIGUOUS, null, null, null);

  static MemberOutcome matched(String groupId, String patientId) {
    return new MemberOutcome(Kind.MATCHED, groupId, patientId, null);
  }

  static MemberOutcome uncorrelated(String why) {
    return new MemberOutcome(Kind.UNCORRELATED, null, null, why);
  }

  /** Not the ids, which lead to a person. */
  @Override
  public String toString() {
    return "MemberOutcome[%s%s]".formatted(kind, why == null ? "" : ": " + why);
  }
}
