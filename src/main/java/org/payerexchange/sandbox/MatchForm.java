package org.payerexchange.sandbox;

/** How {@code $bulk-member-match} answers who was found. */
public enum MatchForm {
  /** PDex 2.2: a manifest that names one file, a Group a line. */
  GROUPS,
  /** PDex 2.2: a manifest that names a file for each Group. */
  GROUP_FILES,
  /** PDex 2.1: a manifest that names one file, whose line is Parameters. */
  PARAMETERS,
  /** A manifest that names both the Groups and the Parameters. */
  GROUPS_AND_PARAMETERS,
  /** No manifest: the last status has the Parameters for its body. */
  BODY,
  /** No job: the request itself is answered 200 with the Parameters. */
  AT_ONCE,
  /**
   * As HL7's reference server does: Groups for a request with {@code X-PDex-Spec-Version: 2.2} or
   * {@code Prefer: pdex-spec=2.2}, else Parameters.
   */
  AS_ASKED
}
