package org.payerexchange.ledger;

import java.util.Set;

/** The states of a transfer, and which may follow which. */
public enum TransferState {
  RECEIVED,
  MATCHED,
  COMPLETE,
  NO_MATCH,
  FAILED,
  CANCELLED,
  /** A record that intake refused; it was never a transfer. */
  REJECTED;

  /** States that end a transfer. FAILED and NO_MATCH may be left by an operator's retry only. */
  public boolean terminal() {
    return this != RECEIVED && this != MATCHED;
  }

  /**
   * Returns {@code next}.
   *
   * @throws IllegalStateException if a transfer in this state cannot become that
   */
  public TransferState to(TransferState next) {
    Set<TransferState> allowed =
        switch (this) {
          case RECEIVED -> Set.of(MATCHED, NO_MATCH, FAILED, CANCELLED);
          case MATCHED -> Set.of(COMPLETE, FAILED, CANCELLED);
          case NO_MATCH -> Set.of(RECEIVED);
          case FAILED -> Set.of(RECEIVED, MATCHED);
          case COMPLETE, CANCELLED, REJECTED -> Set.of();
        };
    if (!allowed.contains(next)) {
      throw new IllegalStateException("A transfer cannot go from " + this + " to " + next);
    }
    return next;
  }
}
