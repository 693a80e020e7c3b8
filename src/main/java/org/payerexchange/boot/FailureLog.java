package org.payerexchange.boot;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeFailedEvent;
import org.apache.camel.support.EventNotifierSupport;
import org.payerexchange.ledger.DatabaseAway;
import org.payerexchange.step.Causes;
import org.payerexchange.step.TransferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each exchange that failed and that no route handled, nor Java that called a route
 * and was told. A part of a step, which no route of its own failed, is told by the step. Camel's
 * own line is off: it repeats the message of any exception, which may quote what could not be
 * parsed or stored.
 */
final class FailureLog extends EventNotifierSupport {
  private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);

  FailureLog() {
    setIgnoreCamelContextEvents(true);
    setIgnoreCamelContextInitEvents(true);
    setIgnoreRouteEvents(true);
    setIgnoreServiceEvents(true);
    setIgnoreStepEvents(true);
    setIgnoreExchangeCreatedEvent(true);
    setIgnoreExchangeCompletedEvent(true);
    setIgnoreExchangeSentEvents(true);
    setIgnoreExchangeSendingEvents(true);
    setIgnoreExchangeRedeliveryEvents(true);
  }

  @Override
  public boolean isEnabled(CamelEvent event) {
    return event instanceof ExchangeFailedEvent failed
        && !(failed.getExchange().getFromEndpoint() instanceof DirectEndpoint);
  }

  @Override
  public void notify(CamelEvent event) {
    Exchange exchange = ((ExchangeFailedEvent) event).getExchange();
    if (DatabaseAway.isWhy(exchange.getException())) {
      // every route at every tick; ledger.LedgerWatch says once that it is away, and that it is
      // back
      LOG.debug("route {}: the ledger's database is away", exchange.getFromRouteId());
      return;
    }
    String route = exchange.getProperty(ExchangePropertyKey.FAILURE_ROUTE_ID, String.class);
    if (route != null || exchange.getVariable("claim") == null) {
      LOG.warn(
          "route {}: {}",
          route == null ? exchange.getFromRouteId() : route,
          words(exchange.getException()));
    }
  }

  private static String words(Throwable failure) {
    if (failure == null) {
      return "failed";
    }
    return Causes.find(failure, TransferException.class)
        .map(Throwable::getMessage)
        .orElseGet(() -> where(Causes.innermost(failure)));
  }

  private static String where(Throwable cause) {
    StackTraceElement[] stack = cause.getStackTrace();
    return cause.getClass().getName() + (stack.length == 0 ? "" : " at " + stack[0]);
  }
}
