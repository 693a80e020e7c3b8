package org.payerexchange.boot;

import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeFailedEvent;
import org.apache.camel.support.EventNotifierSupport;
import org.payerexchange.ledger.store.DatabaseAway;
import org.payerexchange.step.Causes;
import org.payerexchange.step.Claim;
import org.payerexchange.step.TransferException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each exchange that failed and that no route handled, nor Java that called a route
 * and was told. A part of a step that failed in our own words, or that no route of its own failed,
 * is told by the step. Camel's own line is off: it repeats the message of any exception, which may
 * quote what could not be parsed or stored.
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
    Optional<TransferException> ours =
        Causes.find(exchange.getException(), TransferException.class);
    String of = "";
    if (exchange.getVariable("claim") instanceof Claim claim) {
      if (route == null || ours.isPresent()) {
        return;
      }
      of = "%s %s %s, ".formatted(claim.subject(), claim.transferId(), claim.inWords());
    }
    LOG.warn(
        "{}route {}: {}",
        of,
        route == null ? exchange.getFromRouteId() : route,
        ours.map(Throwable::getMessage).orElseGet(() -> where(exchange.getException())));
  }

  private static String where(Throwable failure) {
    if (failure == null) {
      return "failed";
    }
    Throwable cause = Causes.innermost(failure);
    StackTraceElement[] stack = cause.getStackTrace();
    return cause.getClass().getName() + (stack.length == 0 ? "" : " at " + stack[0]);
  }
}
