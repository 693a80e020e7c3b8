package org.payerexchange.download;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;
import org.payerexchange.ledger.Claim;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.DeliveryLedger;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.OutputFileLedger;

/** Renews, while they run, the leases of the steps that may take longer than a lease lasts. */
public final class Renewals implements AutoCloseable {
  private final OutputFileLedger files;
  private final DeliveryLedger deliveries;
  private final Duration every;
  private final ScheduledExecutorService timer;

  /**
   * Starts the thread that renews.
   *
   * @param files where downloads are renewed
   * @param deliveries where deliveries are renewed
   * @param lease how long a lease lasts; it is renewed at every third of that
   */
  public Renewals(OutputFileLedger files, DeliveryLedger deliveries, Duration lease) {
    this.files = files;
    this.deliveries = deliveries;
    this.every = lease.dividedBy(3);
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "lease-renewal");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Keeps a claim's lease until the exchange is done.
   *
   * @return what tells whether it is still kept; the route's variable {@code lease}
   */
  public KeptLease keep(Exchange exchange, @Variable("claim") Claim claim) {
    KeptLease lease = keep(renewal(claim));
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                lease.close();
              }
            });
    return lease;
  }

  KeptLease keep(BooleanSupplier renewal) {
    KeptLease lease = new KeptLease(renewal);
    lease.renewedBy(
        timer.scheduleWithFixedDelay(
            lease::renew, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS));
    return lease;
  }

  private BooleanSupplier renewal(Claim claim) {
    if (claim instanceof OutputFileClaim file) {
      return () -> files.renew(file);
    }
    if (claim instanceof DeliveryClaim delivery) {
      return () -> deliveries.renew(delivery);
    }
    throw new IllegalArgumentException("the leases of stage " + claim.stage() + " are short");
  }

  /** Stops renewing. */
  @Override
  public void close() {
    timer.shutdownNow();
  }
}
