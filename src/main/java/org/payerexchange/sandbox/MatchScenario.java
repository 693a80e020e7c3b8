package org.payerexchange.sandbox;

/**
 * What becomes of a generated member in a bulk match; the coverage id names it: {@code
 * PDEX-17-NO_BUCKET}.
 */
public enum MatchScenario {
  /** Is matched, and has data. */
  PLAIN,
  /** Is matched, and has no data. */
  EMPTY,
  /** Is among those whose consent constrains the exchange. */
  CONSENT_CONSTRAINED,
  /** Is not matched. */
  UNKNOWN,
  /** Is nowhere in the answer. */
  NO_BUCKET,
  /** Is among the matched and among those that are not. */
  TWO_BUCKETS,
  /** Is twice among the matched. */
  TWICE,
  /** Is answered with the Patient of the member before, {@code PDEX-16} for {@code PDEX-17}. */
  SAME_PATIENT,
  /** Is matched; the answer does not contain the Patient that its entry refers to. */
  WITHOUT_PATIENT,
  /** Is matched; whatever its entry refers to is nowhere, the payer's Patient neither. */
  NOWHERE,
  /** Somebody else is matched in its place, by an id of another request, and has data. */
  STRANGER,
  /** The request is refused whole: 400. */
  INVALID,
  /** The request is refused whole: 422. */
  UNPROCESSABLE
}
