package org.payerexchange.ledger;

/** The kinds of export jobs. The names are stored, so that they never change. */
public enum JobKind {
  /** The export of one transfer. */
  EXPORT,
  /** The match job of a batch. */
  MATCH,
  /** A batch's export for several members. */
  SHARED,
  /** One member's part of a shared export: it has no steps of its own. */
  MEMBER
}
