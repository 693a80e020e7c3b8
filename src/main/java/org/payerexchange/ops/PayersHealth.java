package org.payerexchange.ops;

import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.ledger.PayerHolds;
import org.springframework.dao.DataAccessException;

/** A detail of readiness: the payers that do not bear their calls now. */
public final class PayersHealth extends AbstractHealthCheck {
  private final PayerHolds holds;

  /** Asks the ledger. */
  public PayersHealth(PayerHolds holds) {
    super("payer-exchange", "payers");
    this.holds = holds;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    builder.message(message()).up();
  }

  private String message() {
    try {
      List<String> troubled = holds.troubled();
      return troubled.isEmpty() ? "none is away" : "busy or away: " + String.join(", ", troubled);
    } catch (DataAccessException away) {
      return "not known";
    }
  }
}
