package org.payerexchange.ledger.store;

import java.util.Locale;

/** What people do to transfers. */
public enum OperatorAction {
  /** A FAILED or NO_MATCH transfer goes on from the step that failed; what was done is kept. */
  RETRY("transfer.state IN ('FAILED', 'NO_MATCH')", NotDone.NOT_FAILED),
  /** An open transfer is given up; its jobs are released at the payer. */
  CANCEL("transfer.state IN ('RECEIVED', 'MATCHED')", NotDone.ENDED),
  /** What failed and is to be tried again later is due at once. */
  NOW(
      "EXISTS (SELECT 1 FROM step WHERE step.transfer_id = transfer.id AND %s)"
          .formatted(OperatorAction.WAITS),
      NotDone.NOTHING_WAITS);

  /** Whether a step that nobody has in hand waits for its next try. */
  static final String WAITS =
      "failing_since IS NOT NULL AND lease_until IS NULL AND due_at > CURRENT_TIMESTAMP";

  private final String maybe;
  private final NotDone otherwise;

  OperatorAction(String maybe, NotDone otherwise) {
    this.maybe = maybe;
    this.otherwise = otherwise;
  }

  /** What it is called by commands and in the API. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What is to hold of a row of {@code transfer} that it may be done to. */
  String maybe() {
    return maybe;
  }

  /** Why it is not done to any other. */
  NotDone otherwise() {
    return otherwise;
  }

  /** Why something was not done to a transfer. */
  public enum NotDone {
    /** It is neither FAILED nor NO_MATCH. */
    NOT_FAILED,
    /** It needs its request once more, and that is not kept any more. */
    REQUEST_REMOVED,
    /** Its member withdrew the consent. */
    WITHDRAWN,
    /** It is over. */
    ENDED,
    /** None of its steps waits for its next try. */
    NOTHING_WAITS,
    /** Its payer or sink is paused already, or goes on already. */
    ALREADY,
    /** It is a batch: it is done to its members. */
    BATCH,
    /** It is not in the ledger. */
    GONE,
    /** It was done to as many others as were asked for at most. */
    LEFT
  }
}
