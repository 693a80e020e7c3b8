package org.payerexchange.ledger;

import java.util.Set;

/** The states of a delivery: a transfer for one sink. */
public enum DeliveryState implements State<DeliveryState> {
  PENDING,
  DONE,
  FAILED;

  @Override
  public Set<DeliveryState> successors() {
    return this == PENDING ? Set.of(DONE, FAILED) : Set.of(PENDING);
  }

  @Override
  public boolean terminal() {
    return this != PENDING;
  }
}
