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

  /** How many times as long as it is good for a lease lasts. */
  static final int LASTS = 3;

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
   * @param goodFor after how long it is renewed: the {@link #LASTS}th part of how long it lasts
   *     from now on, and from each renewal, as long as the step is not dropped
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

  /** Whether it is ours for certain. */
  boolean renew() {
    long now = System.nanoTime();
    boolean ours = isOurs(renewal);
    if (ours) {
      renewed = now;
    }
    return ours;
  }

  private long age() {
    return System.nanoTime() - renewed;
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
   * cancel or a retry may have dropped the step. Where nobody can be asked it is kept for as long
   * as it lasts.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if it is another's by now, or may be
   */
  public void confirm() {
    boolean ours = age() < goodFor ? isOurs(look) : renew();
    if (!ours && age() >= LASTS * goodFor) {
      lost = true;
    }
    check();
  }

  /**
   * The same before something that is taken back where the step was dropped. What has begun, or was
   * renewed, within a second is not looked at.
   */
  public void confirmUnlessNew() {
    if (age() >= Math.min(NEW, goodFor)) {
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
