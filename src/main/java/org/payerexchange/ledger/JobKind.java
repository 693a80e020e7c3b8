package org.payerexchange.ledger;

import org.payerexchange.step.Stage;

/** The kinds of export jobs. The names are stored, so that they never change. */
public enum JobKind {
  /** The export of one transfer. */
  EXPORT,
  /** The match job of a batch. */
  MATCH,
  /** A batch's export for several members. */
  SHARED,
  /** One member's part of a shared export: it has no steps of its own. */
  MEMBER,
  /** The data of one transfer, read page by page, or by an export if the payer says that it can. */
  PAGES;

  /** The step that such a job begins with. */
  Stage begins() {
    return this == PAGES ? Stage.RETRIEVE : Stage.EXPORT_KICKOFF;
  }
}
