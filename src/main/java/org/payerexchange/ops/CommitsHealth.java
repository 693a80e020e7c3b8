package org.payerexchange.ops;

import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.ledger.LedgerWatch;

/**
 * Liveness: changes of the ledger are committed, or have not been for less than a minute. A new
 * process opens an embedded ledger anew, and connects to PostgreSQL anew.
 */
public final class CommitsHealth extends AbstractHealthCheck {
  private final LedgerWatch ledger;

  /** Asks this. */
  public CommitsHealth(LedgerWatch ledger) {
    super("payer-exchange", "commits");
    this.ledger = ledger;
  }

  @Override
  public boolean isLiveness() {
    return true;
  }

  @Override
  public boolean isReadiness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    if (ledger.isStuck()) {
      builder.message("nothing was committed to the ledger for a minute").down();
    } else {
      builder.up();
    }
  }
}
