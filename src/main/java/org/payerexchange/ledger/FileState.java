package org.payerexchange.ledger;

import java.util.Set;

/** The states of an output file. */
public enum FileState implements State<FileState> {
  PENDING,
  FETCHED,
  DELIVERED,
  FAILED;

  @Override
  public Set<FileState> successors() {
    return switch (this) {
      case PENDING -> Set.of(FETCHED, FAILED);
      case FETCHED -> Set.of(PENDING, DELIVERED, FAILED);
      case DELIVERED -> Set.of(PENDING);
      case FAILED -> Set.of(PENDING, FETCHED);
    };
  }

  @Override
  public boolean terminal() {
    return this == DELIVERED || this == FAILED;
  }
}
