package org.payerexchange.delivery.fhir;

/**
 * In what a received Patient is like the member that was asked for.
 *
 * @param identifier whether they share an identifier, its system included
 * @param value whether they share an identifier's value
 * @param nameAndBirthDate whether they share family name and birth date
 * @param given whether they share a given name
 */
record MemberLikeness(boolean identifier, boolean value, boolean nameAndBirthDate, boolean given) {

  /** Whether the Patient may be the member at all. */
  boolean isAny() {
    return value || nameAndBirthDate;
  }

  /** Whether name and birth date say that it is the member; a payer may have two records of it. */
  boolean isOfTheSamePerson() {
    return nameAndBirthDate && given;
  }

  /** Whether the Patient is like the member in all that another is, and in more. */
  boolean isMoreThan(MemberLikeness other) {
    return !equals(other)
        && (identifier || !other.identifier)
        && (value || !other.value)
        && (nameAndBirthDate || !other.nameAndBirthDate)
        && (given || !other.given);
  }
}
