package org.payerexchange.ledger;

import java.util.Set;

/** The states of a transfer. FAILED and NO_MATCH are left by an operator's retry only. */
public enum TransferState implements State<TransferState> {
  RECEIVED,
  MATCHED,
  COMPLETE,
  NO_MATCH,
  FAILED,
  CANCELLED,
  /** A record that intake refused; it never was a transfer. */
  REJECTED;

  @Override
  public Set<TransferState> successors() {
    return switch (this) {
      case RECEIVED -> Set.of(MATCHED, NO_MATCH, FAILED, CANCELLED);
      case MATCHED -> Set.of(COMPLETE, FAILED, CANCELLED);
      case NO_MATCH -> Set.of(RECEIVED);
      case FAILED -> Set.of(RECEIVED, MATCHED);
      case COMPLETE, CANCELLED, REJECTED -> Set.of();
    };
  }

  @Override
  public boolean terminal() {
    return this != RECEIVED && this != MATCHED;
  }
}
