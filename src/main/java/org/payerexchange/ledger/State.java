package org.payerexchange.ledger;

import java.util.Set;

/**
 * The state of a ledger row.
 *
 * @param <S> the states of that kind of row
 */
public sealed interface State<S extends State<S>>
    permits TransferState, JobState, FileState, DeliveryState {

  /** The states that may follow. */
  Set<S> successors();

  /** Whether work on the row is over, until an operator's retry or a new export. */
  boolean terminal();

  /**
   * Returns {@code next}.
   *
   * @throws IllegalStateException if {@code next} may not follow
   */
  default S to(S next) {
    if (!successors().contains(next)) {
      throw new IllegalStateException(
          "%s %s cannot become %s".formatted(getClass().getSimpleName(), this, next));
    }
    return next;
  }
}
