package org.payerexchange.ledger;

import java.util.Set;

/** The states of a delivery (one file for one sink), and which may follow which. */
public enum DeliveryState {
  PENDING,
  DONE,
  FAILED;

  /**
   * Returns {@code next}.
   *
   * @throws IllegalStateException if a delivery in this state cannot become that
   */
  public DeliveryState to(DeliveryState next) {
    Set<DeliveryState> allowed =
        switch (this) {
          case PENDING -> Set.of(DONE, FAILED);
          case DONE, FAILED -> Set.of(PENDING);
        };
    if (!allowed.contains(next)) {
      throw new IllegalStateException("A delivery cannot go from " + this + " to " + next);
    }
    return next;
  }
}
