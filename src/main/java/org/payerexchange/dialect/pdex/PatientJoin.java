package org.payerexchange.dialect.pdex;

/** How the members stand in the request of an export that is for some of a Group. */
public enum PatientJoin {
  /** A parameter {@code patient} each, as the standard has it. */
  REPEAT,
  /** One parameter, in which commas separate them. */
  COMMA,
  /** Nowhere: the payer exports whole Groups only. */
  NONE;
}
