package org.payerexchange.dialect;

/**
 * One thing of a member's that a payer is to be told and that is not there as it should be. It
 * never repeats a value.
 *
 * @param field its place in the Parameters of the member: {@code MemberPatient.gender}
 * @param why what is wrong, to be read after the field's name: {@code is missing}
 */
public record FieldProblem(String field, String why) {
  /** As a person reads it: {@code MemberPatient.gender is missing}. */
  @Override
  public String toString() {
    return field + " " + why;
  }
}
