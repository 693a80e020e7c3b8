package org.payerexchange.ledger;

import java.util.Set;

/** The states of an output file, and which may follow which. */
public enum FileState {
  PENDING,
  FETCHED,
  DELIVERED,
  FAILED;

  /** States that end a file until an operator's retry or a new export. */
  public boolean terminal() {
    return this == DELIVERED || this == FAILED;
  }

  /**
   * Returns {@code next}.
   *
   * @throws IllegalStateException if a file in this state cannot become that
   */
  public FileState to(FileState next) {
    Set<FileState> allowed =
        switch (this) {
          case PENDING -> Set.of(FETCHED, DELIVERED, FAILED);
          case FETCHED -> Set.of(PENDING, DELIVERED, FAILED);
          case DELIVERED -> Set.of(PENDING);
          case FAILED -> Set.of(PENDING, FETCHED);
        };
    if (!allowed.contains(next)) {
      throw new IllegalStateException("An output file cannot go from " + this + " to " + next);
    }
    return next;
  }
}
