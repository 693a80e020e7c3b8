package org.payerexchange.delivery.fhir;

/**
 * How much is kept of what the FHIR server answers. What it says of each change has an equal share,
 * so that much about one costs no other its status, and all of it is bounded.
 *
 * @param entries most entries of a Bundle that is sent
 * @param bytes most bytes of an answer that is read as a whole
 */
record AnswerLimits(int entries, int bytes) {
  /** How many times as much is passed over as is read as a whole. */
  static final int TIMES = 32;

  private static final int TOKENS_OF_ALL = 1 << 17;
  private static final int LEAST_TOKENS = 64;
  private static final int LEAST_CHARACTERS = 256;

  /** A character that is escaped has six bytes. */
  private static final int BYTES = 8;

  /** For Bundles of this size, and for questions. */
  static AnswerLimits of(BundleLimits bundles, int bytes) {
    return new AnswerLimits(Math.max(bundles.entries(), Parcel.MOST_QUESTIONS), bytes);
  }

  /** Most bytes of an answer that is read entry by entry. */
  long passing() {
    return (long) TIMES * bytes;
  }

  /** Brackets, names and values that are kept of what is said of one entry. */
  int tokens() {
    return Math.max(LEAST_TOKENS, TOKENS_OF_ALL / entries);
  }

  /** Characters of names and texts that are kept of what is said of one entry. */
  int characters() {
    return Math.max(LEAST_CHARACTERS, bytes / BYTES / entries);
  }
}
