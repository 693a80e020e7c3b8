package org.payerexchange.ledger;

import java.time.Duration;
import org.payerexchange.step.FailureReason;

/** Learns what this process has changed, each once it is committed. It must not call the ledger. */
public interface LedgerListener {
  /**
   * A record has come.
   *
   * @param payer null of one that was rejected
   */
  default void registered(String payer, Registration.Status status) {}

  /** A batch of members has been opened, for the next one of its payer's. */
  default void batchOpened(String batchId, String payer) {}

  /** A transfer was matched, so long after its intake. */
  default void matched(String payer, Duration age) {}

  /** The first file of a transfer is in the outbox, so long after its intake. */
  default void firstFile(String payer, Duration age) {}

  /** Bytes of files have come from a payer, checked and whole. */
  default void received(String payer, long bytes) {}

  /**
   * A sink has all of a transfer, or will not take it.
   *
   * @param end DONE or FAILED
   */
  default void deliveryEnded(String sink, DeliveryState end) {}

  /**
   * A transfer has ended, so long after its intake; one that is retried may end again.
   *
   * @param why null where it is COMPLETE
   */
  default void ended(
      String transferId, String payer, TransferState end, FailureReason why, Duration age) {}
}
