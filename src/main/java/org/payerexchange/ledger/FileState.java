package org.payerexchange.ledger;

import java.util.Set;

/** The states of an output file. */
public enum FileState implements State<FileState> {
  PENDING,
  /** Whole and checked in the outbox. */
  STORED,
  /** It was whole, and is not kept: what members shared was split, or is not going to be. */
  REMOVED,
  FAILED;

  @Override
  public Set<FileState> successors() {
    return switch (this) {
      case PENDING -> Set.of(STORED, FAILED);
      case STORED -> Set.of(PENDING, REMOVED, FAILED);
      case REMOVED -> Set.of();
      case FAILED -> Set.of(PENDING);
    };
  }

  @Override
  public boolean terminal() {
    return this != PENDING;
  }
}
