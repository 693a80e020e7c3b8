package org.payerexchange.dialect.pdex;

/**
 * How much an answer to a match may hold, over all of its files.
 *
 * @param bytes as they are read, without compression
 * @param values JSON objects, lists, texts that are kept
 * @param members entries of Groups
 */
record AnswerLimits(long bytes, int values, int members) {
  private static final int BYTES = 1 << 20;
  private static final int BYTES_A_MEMBER = 1 << 16;
  private static final int VALUES = 1_000;
  private static final int VALUES_A_MEMBER = 200;

  /** A member stands in one of three Groups; a payer that cannot count may name it in each. */
  private static final int ENTRIES_A_MEMBER = 3;

  /**
   * What is enough for any answer.
   *
   * @param asked how many members were asked for
   */
  static AnswerLimits of(int asked) {
    return new AnswerLimits(
        BYTES + (long) BYTES_A_MEMBER * asked,
        VALUES + VALUES_A_MEMBER * asked,
        ENTRIES_A_MEMBER * asked);
  }
}
