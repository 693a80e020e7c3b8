package org.payerexchange.intake;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.payerexchange.ledger.store.DatabaseAway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that intake waits for the ledger, without what the database's message may quote. */
public final class LedgerAway implements Processor {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerAway.class);

  @Override
  public void process(Exchange exchange) {
    // once: it tries until the ledger is back; of a database that is away the watch tells
    if (Integer.valueOf(1).equals(exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER))
        && !DatabaseAway.isWhy(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class))) {
      LOG.warn("route {} waits: the ledger cannot be written", exchange.getFromRouteId());
    }
  }
}
