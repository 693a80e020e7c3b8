package org.payerexchange.intake;

import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.trace.TransferTraces;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has requests that repeat asked once more when they are due. */
public final class Repeats {
  private static final Logger LOG = LoggerFactory.getLogger(Repeats.class);

  private final TransferLedger ledger;
  private final TransferTraces traces;

  /**
   * Registers with this ledger.
   *
   * @param traces begin with what is registered
   */
  public Repeats(TransferLedger ledger, TransferTraces traces) {
    this.ledger = ledger;
    this.traces = traces;
  }

  /** Registers a transfer for each that is due. */
  public void register() {
    int repeated = 0;
    for (TransferLedger.Repeated each : ledger.repeat()) {
      traces.received(each.transferId(), each.payer());
      repeated++;
    }
    if (repeated > 0) {
      LOG.info("recurring: {} requests are asked once more", repeated);
    }
  }
}
