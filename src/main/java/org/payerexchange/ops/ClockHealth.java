package org.payerexchange.ops;

import java.util.Map;
import java.util.Optional;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.ledger.LedgerWatch;

/** Readiness: the clocks of the node and of its database agree. */
public final class ClockHealth extends AbstractHealthCheck {
  private final LedgerWatch ledger;

  /** Asks this. */
  public ClockHealth(LedgerWatch ledger) {
    super("payer-exchange", "clock");
    this.ledger = ledger;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    Optional<String> skew = ledger.skew();
    if (skew.isPresent()) {
      builder.message(skew.get()).down();
    } else {
      builder.up();
    }
  }
}
