package org.payerexchange.dialect.pdex;

/**
 * One thing of a member's that PDex asks for and does not get. It never repeats a value.
 *
 * @param field its place in the Parameters of the member: {@code MemberPatient.gender}
 * @param why what is wrong, to be read after the field's name: {@code is missing}
 */
record FieldProblem(String field, String why) {}
