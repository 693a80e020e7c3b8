package org.payerexchange.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.Holds;
import org.payerexchange.ledger.PayerHolds;
import org.springframework.dao.DataAccessException;

/**
 * A detail of readiness: the payers and sinks that transfers wait for, since when and why, and the
 * payers that do not bear their calls now.
 */
public final class PayersHealth extends AbstractHealthCheck {
  private final PayerHolds payerHolds;
  private final Holds holds;

  /** Asks the ledger. */
  public PayersHealth(PayerHolds payerHolds, Holds holds) {
    super("payer-exchange", "payers");
    this.payerHolds = payerHolds;
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
      List<Hold> held = holds.all();
      List<String> parts = new ArrayList<>();
      held.forEach(
          hold ->
              parts.add(
                  "%s %s is held since %s: %s"
                      .formatted(hold.kind(), hold.name(), hold.since(), hold.why())));
      List<String> troubled = new ArrayList<>(payerHolds.troubled());
      held.forEach(hold -> troubled.remove(hold.name()));
      if (!troubled.isEmpty()) {
        parts.add("busy or away: " + String.join(", ", troubled));
      }
      return parts.isEmpty() ? "none is away" : String.join("; ", parts);
    } catch (DataAccessException away) {
      return "not known";
    }
  }
}
