package org.payerexchange.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.ledger.PayerHolds;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.ledger.TokenHolds;
import org.springframework.dao.DataAccessException;

/**
 * A detail of readiness: what is held because its token endpoint refuses the client, since when and
 * why, and the payers that do not bear their calls now.
 */
public final class PayersHealth extends AbstractHealthCheck {
  private final PayerHolds holds;
  private final TokenHolds tokenHolds;

  /** Asks the ledger. */
  public PayersHealth(PayerHolds holds, TokenHolds tokenHolds) {
    super("payer-exchange", "payers");
    this.holds = holds;
    this.tokenHolds = tokenHolds;
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
      List<String> parts = new ArrayList<>();
      for (TokenHold hold : tokenHolds.all()) {
        parts.add("%s is held since %s: %s".formatted(hold.what(), hold.since(), hold.why()));
      }
      List<String> troubled = holds.troubled();
      if (!troubled.isEmpty()) {
        parts.add("busy or away: " + String.join(", ", troubled));
      }
      return parts.isEmpty() ? "none is away" : String.join("; ", parts);
    } catch (DataAccessException away) {
      return "not known";
    }
  }
}
