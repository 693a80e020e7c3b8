package org.payerexchange.sandbox;

/** What goes wrong, always and at the same place, in the transfer of one member. */
public enum Scenario {
  /** Nothing. */
  PLAIN,
  /** The first two kick-offs are answered 429 with Retry-After. */
  THROTTLED,
  /** The first two status requests are answered 503. */
  UNAVAILABLE,
  /** Every file's first answer breaks off in the middle. */
  RESET,
  /** All tokens end when the second file is asked for. */
  TOKEN_EXPIRES,
  /** The job ends with status "Failed". */
  JOB_FAILS,
  /** The files of the first manifest are gone when they are asked for. */
  FILES_EXPIRE,
  /** There is nothing to export. */
  EMPTY,
  /** One batch fails: the manifest names an error file. */
  PARTIAL
}
