package org.payerexchange.ops;

import java.util.Map;
import org.apache.camel.Exchange;
import org.payerexchange.intake.IntakeRefusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a failed request of the ops API into its HTTP status and a reason without PHI. */
public final class OpsAnswer {
  private static final Logger LOG = LoggerFactory.getLogger(OpsAnswer.class);

  /** The body {@code {"error": …}}; sets the HTTP status. */
  public Map<String, String> error(Throwable failure, Exchange exchange) {
    OpsRefusal refusal =
        failure instanceof OpsRefusal given
            ? given
            : failure instanceof IntakeRefusal body
                ? new OpsRefusal(body.status(), "the request " + body.why())
                : null;
    if (refusal == null) {
      LOG.warn("The ops API failed in route {}: {}", exchange.getFromRouteId(), failure.getClass());
      refusal = new OpsRefusal(500, "internal error");
    }
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, refusal.status());
    return Map.of("error", refusal.getMessage());
  }
}
