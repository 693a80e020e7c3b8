package org.payerexchange.ops;

import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.payerexchange.intake.IntakeRefusal;
import org.payerexchange.ledger.BrokenOff;
import org.payerexchange.ledger.store.DatabaseAway;
import org.payerexchange.step.Causes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a failed request of the ops API into its HTTP status and a reason without PHI. */
public final class OpsAnswer {
  private static final Logger LOG = LoggerFactory.getLogger(OpsAnswer.class);

  /** Why nothing can be asked or done. */
  static final String LEDGER_AWAY = "the ledger does not answer: see readiness";

  /** The body {@code {"error": …}}; sets the HTTP status. */
  public Map<String, String> error(Throwable failure, Exchange exchange) {
    OpsRefusal refusal = refusal(failure, exchange);
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, refusal.status());
    return Map.of("error", refusal.getMessage());
  }

  private static OpsRefusal refusal(Throwable failure, Exchange exchange) {
    if (failure instanceof OpsRefusal given) {
      return given;
    }
    if (failure instanceof IntakeRefusal body) {
      return new OpsRefusal(body.status(), "the request " + body.why());
    }
    Optional<BrokenOff> broken = Causes.find(failure, BrokenOff.class);
    if (DatabaseAway.isWhy(failure)) {
      return away(exchange.getMessage().getHeader(Exchange.HTTP_METHOD, String.class), broken);
    }
    LOG.warn(
        "The ops API failed in route {}: {}",
        exchange.getFromRouteId(),
        broken.map(Throwable::getCause).orElse(failure).getClass());
    return new OpsRefusal(
        500, "internal error" + broken.map(done -> "; " + done.getMessage()).orElse(""));
  }

  /** What was under way when the ledger went away may be done: whoever asked cannot know. */
  private static OpsRefusal away(String method, Optional<BrokenOff> broken) {
    return new OpsRefusal(
        503,
        "GET".equals(method)
            ? LEDGER_AWAY
            : "%s; %s"
                .formatted(
                    LEDGER_AWAY,
                    broken
                        .map(Throwable::getMessage)
                        .orElse("all of this, a part or nothing may be done: " + BrokenOff.AGAIN)));
  }
}
