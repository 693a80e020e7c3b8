package org.payerexchange.ledger.store;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.payerexchange.ledger.LedgerListener;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells in the log how each transfer that ends on this node has ended. */
public final class EndedTransfers implements LedgerListener {
  private static final Logger LOG = LoggerFactory.getLogger(EndedTransfers.class);

  @Override
  public void ended(
      String transferId, String payer, TransferState end, FailureReason why, Duration age) {
    LOG.info(
        "transfer {} of payer {}: {}{} after {}",
        transferId,
        payer,
        end,
        why == null || why.name().equals(end.name()) ? "" : " (" + why + ")",
        age.truncatedTo(ChronoUnit.MILLIS));
  }
}
