package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for tables that a step of the schema needs to itself. Whatever wants a table queues behind
 * a step that waits for it, so it gives up soon, and is made once more later: a backup has all
 * tables locked for as long as it takes.
 */
final class LockedTables {
  /** How long a step of the schema, and all others behind it, wait for a lock at once. */
  static final Duration IN_THE_WAY = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(LockedTables.class);
  private static final Duration BETWEEN = Duration.ofSeconds(10);

  /** A lock that was waited for too long, and one that was waited for in a circle. */
  private static final Set<String> IS_LOCKED = Set.of("55P03", "40P01");

  private boolean told;

  /**
   * Does the work, as often as it takes.
   *
   * @throws RuntimeException if it fails for anything but a lock
   */
  void await(Runnable work) {
    boolean done = false;
    while (!done) {
      try {
        work.run();
        done = true;
      } catch (RuntimeException e) {
        if (!SqlStates.isAny(e, IS_LOCKED)) {
          throw e;
        }
        tell();
        pause(e);
      }
    }
  }

  private void tell() {
    if (!told) {
      told = true;
      LOG.warn(
          "The ledger's schema is not brought up to date yet: something has a table locked, such as a backup (pg_dump). It is tried again every {} s; nodes of before go on meanwhile",
          BETWEEN.toSeconds());
    }
  }

  private static void pause(RuntimeException why) {
    try {
      TimeUnit.NANOSECONDS.sleep(BETWEEN.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw why;
    }
  }
}
