package org.payerexchange.intake;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that intake waits for the ledger, without what the database's message may quote. */
public final class LedgerAway implements Processor {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerAway.class);

  @Override
  public void process(Exchange exchange) {
    LOG.warn(
        "route {} waits: the ledger cannot be written, try {}",
        exchange.getFromRouteId(),
        exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER));
  }
}
