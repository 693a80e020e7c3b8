package org.payerexchange.sandbox;

/** What a gateway or the network before it can do wrong. */
public enum Fault {
  /** 429 with Retry-After: 1. */
  THROTTLE,
  /** 503. */
  UNAVAILABLE,
  /** The connection ends before the request was looked at. */
  RESET,
  /** The request is carried out, but the connection ends instead of the answer. */
  LOSE_ANSWER,
  /** The connection is kept and no answer comes for as long as the sandbox runs. */
  HANG,
  /** Every token ends now; the request is answered 401. */
  EXPIRE_TOKENS,
  /** A file breaks off somewhere before its end. */
  TRUNCATE,
  /** A file comes at one byte a second. */
  SLOW,
  /** A file's URL has expired: 410. */
  FILE_EXPIRED,
  /** A new job ends with status "Failed". */
  JOB_FAILED
}
