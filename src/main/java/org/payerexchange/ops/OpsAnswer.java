package org.payerexchange.ops;

import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a failed request of the ops API into its HTTP status and a reason without PHI. */
public final class OpsAnswer {
  private static final Logger LOG = LoggerFactory.getLogger(OpsAnswer.class);

  /** The body {@code {"error": …}}; sets the HTTP status. */
  public Map<String, String> error(@ExchangeException Throwable failure, Exchange exchange) {
    boolean refused = failure instanceof OpsRefusal;
    int status = failure instanceof OpsRefusal refusal ? refusal.status() : 500;
    if (!refused) {
      LOG.warn("The ops API failed in route {}: {}", exchange.getFromRouteId(), failure.getClass());
    }
    exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
    return Map.of("error", refused ? failure.getMessage() : "internal error");
  }
}
