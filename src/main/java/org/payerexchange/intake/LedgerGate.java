package org.payerexchange.intake;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Route;
import org.apache.camel.support.RoutePolicySupport;
import org.payerexchange.ledger.LedgerDatabase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy of the intake routes: while the ledger cannot be reached they take in nothing new, so
 * that files stay in the inbox and messages in their queue. A file or message that was being taken
 * in when the ledger went away waits in its route.
 */
public final class LedgerGate extends RoutePolicySupport {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerGate.class);

  private final LedgerDatabase ledger;
  private final List<Route> routes = new CopyOnWriteArrayList<>();
  private boolean closed;

  /** Watches this ledger. */
  public LedgerGate(LedgerDatabase ledger) {
    this.ledger = ledger;
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
   * Suspends the routes while the ledger is away, and resumes them once it is back.
   *
   * @throws Exception if a consumer can be neither suspended nor resumed
   */
  public synchronized void check() throws Exception {
    boolean away = !ledger.answers();
    boolean back = closed && !away;
    if (away && !closed) {
      LOG.warn("the ledger does not answer: intake of files and messages is suspended");
    } else if (back) {
      LOG.info("the ledger answers again: intake of files and messages goes on");
    }
    closed = away;
    for (Route route : routes) {
      if (away) {
        suspendOrStopConsumer(route.getConsumer());
      } else if (back) {
        resumeOrStartConsumer(route.getConsumer());
      }
    }
  }
}
