package org.payerexchange.intake;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Route;
import org.apache.camel.support.RoutePolicySupport;
import org.payerexchange.files.DiskReserve;
import org.payerexchange.ledger.store.LedgerWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy of the intake routes: they take in nothing new while the ledger cannot be reached or
 * written, while the clocks do not agree, by which consents are judged, and while a disk is nearly
 * full, so that files stay in the inbox and messages in their queue; requests are refused by the
 * door. A file or message that was being taken in meanwhile waits in its route.
 */
public final class LedgerGate extends RoutePolicySupport {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerGate.class);

  private final LedgerWatch ledger;
  private final DiskReserve disk;
  private final List<Route> routes = new CopyOnWriteArrayList<>();
  private volatile boolean closed;
  private boolean isTold;

  /** Watches this ledger, and the disks. */
  public LedgerGate(LedgerWatch ledger, DiskReserve disk) {
    this.ledger = ledger;
    this.disk = disk;
  }

  /** Whether nothing new is taken in, by the last look. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void onStart(Route route) {
    routes.add(route);
  }

  @Override
  public void onStop(Route route) {
    routes.remove(route);
  }

  /**
   * Looks, suspends the routes where it has to, and resumes them once all is well again.
   *
   * @throws Exception if a consumer can be neither suspended nor resumed
   */
  public synchronized void check() throws Exception {
    ledger.look();
    boolean well = ledger.answers() && ledger.commits() && ledger.clocksAgree() && disk.isKept();
    boolean back = closed && well;
    // the watch says that the ledger is away, and when it is back
    if (!well && !isTold && ledger.answers()) {
      LOG.warn("intake is suspended, readiness says why");
      isTold = true;
    } else if (back && isTold) {
      LOG.info("intake goes on");
      isTold = false;
    }
    closed = !well;
    for (Route route : routes) {
      if (!well) {
        suspendOrStopConsumer(route.getConsumer());
      } else if (back) {
        resumeOrStartConsumer(route.getConsumer());
      }
    }
  }
}
