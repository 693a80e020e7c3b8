package org.payerexchange.intake;

/**
 * One thing that is wrong with a record. It never repeats a value.
 *
 * @param reason the kind of problem
 * @param field the field in the words of the record's form, or empty if it is the whole record
 * @param why what is wrong, to be read after the field's name: {@code is missing}
 */
public record IntakeProblem(Reason reason, String field, String why) {

  /** The kinds of problems. The names are stored and sent, so that they never change. */
  public enum Reason {
    /** Something required is not there. */
    MISSING("required"),
    /** It is there, but not well-formed. */
    INVALID("value"),
    /** It stands there more often than it may. */
    REPEATED("structure"),
    /** It is longer than what is taken. */
    TOO_LONG("too-long"),
    /** The payer is not configured. */
    UNKNOWN_PAYER("not-found"),
    /** The record and the place where it came from name different payers. */
    PAYER_DISAGREES("business-rule"),
    /** The consent does not permit the transfer today. */
    NO_CONSENT("business-rule"),
    /** What is withdrawn is not known. */
    UNKNOWN_REQUEST("not-found"),
    /** The requestId is known with other content. */
    CONFLICT("conflict"),
    /** More records were rejected than are told one by one. */
    TOO_MANY("too-costly"),
    /** The record cannot be read in any form. */
    UNREADABLE("structure");

    private final String issueType;

    Reason(String issueType) {
      this.issueType = issueType;
    }

    /** The code of FHIR's value set {@code issue-type}. */
    public String issueType() {
      return issueType;
    }
  }

  static IntakeProblem unreadable(String why) {
    return new IntakeProblem(Reason.UNREADABLE, "", why);
  }

  /** The problem as a person reads it: {@code birthDate is missing}. */
  public String text() {
    return field.isEmpty() ? "the record " + why : field + " " + why;
  }
}
