package org.payerexchange.step;

import java.io.Closeable;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lease that is renewed in the background until it is closed or lost. */
public final class KeptLease implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(KeptLease.class);

  private final BooleanSupplier renewal;
  private final long goodFor;
  private volatile long renewed = System.nanoTime();
  private volatile boolean lost;
  private Future<?> renewals;
  private volatile Runnable atEnd = () -> {};

  /**
   * Keeps one.
   *
   * @param renewal prolongs the lease; false if it is another's by now
   * @param goodFor how long it certainly is ours from now on, and from each renewal
   */
  public KeptLease(BooleanSupplier renewal, Duration goodFor) {
    this.renewal = renewal;
    this.goodFor = goodFor.toNanos();
  }

  void renewedBy(Future<?> scheduled) {
    this.renewals = scheduled;
  }

  /** Has something done when the step has ended. */
  public void atEnd(Runnable work) {
    atEnd = work;
  }

  void renew() {
    long now = System.nanoTime();
    try {
      if (!lost && !renewal.getAsBoolean()) {
        lost = true;
      }
      renewed = now;
    } catch (RuntimeException away) {
      LOG.warn("A lease could not be renewed: {}", away.getClass().getSimpleName());
    }
  }

  /**
   * Makes sure of it: renews it, unless that was just done.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if it is another's by now
   */
  public void confirm() {
    if (System.nanoTime() - renewed >= goodFor) {
      renew();
    }
    check();
  }

  /**
   * Passes as long as no renewal was refused.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} otherwise
   */
  public void check() {
    if (lost) {
      throw new TransferException(FailureReason.LEASE_LOST, "the lease was lost while it was used");
    }
  }

  /** Renews no more. */
  @Override
  public void close() {
    renewals.cancel(false);
    atEnd.run();
  }
}
