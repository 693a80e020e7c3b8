package org.payerexchange.step;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Renews, while they run, the leases of the steps that may take longer than a lease lasts. */
public final class Renewals implements AutoCloseable {
  private final Predicate<Claim> renewal;
  private final Predicate<Claim> look;
  private final Duration every;
  private final ScheduledExecutorService timer;

  /**
   * Starts the thread that renews.
   *
   * @param renewal renews a claim, unless it is another node's by now
   * @param look whether a claim is still ours, without renewing it
   * @param lease how long a lease lasts; it is renewed at every third of that
   */
  public Renewals(Predicate<Claim> renewal, Predicate<Claim> look, Duration lease) {
    this.renewal = renewal;
    this.look = look;
    this.every = lease.dividedBy(KeptLease.LASTS);
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "lease-renewal");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Keeps a claim's lease until that is closed. */
  public KeptLease keep(Claim claim) {
    KeptLease lease = new KeptLease(() -> renewal.test(claim), () -> look.test(claim), every);
    lease.renewedBy(
        timer.scheduleWithFixedDelay(
            lease::renew, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS));
    return lease;
  }

  /** Stops renewing. */
  @Override
  public void close() {
    timer.shutdownNow();
  }
}
