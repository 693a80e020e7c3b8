package org.payerexchange.delivery;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeExtension;

/**
 * What comes back from a sink's endpoint. Where that is a route of the user's, its stop ends it and
 * not the delivery, and an exception that its error handler gave up on is still one for the
 * delivery's.
 */
public final class SinkAnswer implements AggregationStrategy {

  @Override
  public Exchange aggregate(Exchange none, Exchange answer) {
    ExchangeExtension state = answer.getExchangeExtension();
    state.setRedeliveryExhausted(false);
    state.setErrorHandlerHandled(null);
    state.setFailureHandled(false);
    answer.setRouteStop(false);
    return answer;
  }
}
