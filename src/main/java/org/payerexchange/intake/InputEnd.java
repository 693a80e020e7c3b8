package org.payerexchange.intake;

/** Says of an input that may still grow what becomes of a last record that is not finished. */
interface InputEnd {

  /**
   * Asked when a record reaches up to the end of the input and may go on behind it.
   *
   * @return true if the input counts as whole; false to leave the record out, because the input
   *     will be read again
   */
  boolean isJudged();
}
