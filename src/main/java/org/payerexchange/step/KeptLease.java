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

  /** How old a lease may be that is as good as one that was just looked at. */
  private static final long NEW = Duration.ofSeconds(1).toNanos();

  private final BooleanSupplier renewal;
  private final BooleanSupplier look;
  private final long goodFor;
  private volatile long renewed = System.nanoTime();
  private volatile boolean lost;
  private Future<?> renewals;
  private volatile Runnable atEnd = () -> {};

  /**
   * Keeps one.
   *
   * @param renewal prolongs the lease; false if it is another's by now
   * @param look whether it is still ours, without prolonging it
   * @param goodFor how long it lasts from now on, and from each renewal, as long as the step is not
   *     dropped
   */
  public KeptLease(BooleanSupplier renewal, BooleanSupplier look, Duration goodFor) {
    this.renewal = renewal;
    this.look = look;
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
    if (isOurs(renewal)) {
      renewed = now;
    }
  }

  private boolean isOurs(BooleanSupplier question) {
    try {
      if (!lost && !question.getAsBoolean()) {
        lost = true;
      }
      return !lost;
    } catch (RuntimeException away) {
      LOG.warn("Whether a lease is still kept is not known: {}", away.getClass().getSimpleName());
      return false;
    }
  }

  /**
   * Makes sure of it: renews it, unless that was just done; then it is looked at alone, because a
   * cancel or a retry may have dropped the step.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if it is another's by now
   */
  public void confirm() {
    if (System.nanoTime() - renewed >= goodFor) {
      renew();
    } else {
      isOurs(look);
    }
    check();
  }

  /**
   * The same before something that is taken back where the step was dropped. What has begun, or was
   * renewed, within a second is not looked at.
   */
  public void confirmUnlessNew() {
    if (System.nanoTime() - renewed >= Math.min(NEW, goodFor)) {
      confirm();
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
