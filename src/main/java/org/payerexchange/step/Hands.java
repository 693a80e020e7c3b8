package org.payerexchange.step;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What this node has in its hands: steps, files, messages. What may have ended a process before is
 * taken while there is nothing else, and nothing else is taken beside it.
 *
 * <p>While something waits for that, the node takes nothing new for the time of a lease, so that
 * its hands become empty; then it goes on for as long, so that a download of hours holds nobody up.
 */
public final class Hands {
  private final long lease;
  private final ReentrantLock taking = new ReentrantLock(true);
  private final Map<Object, Held> held = new HashMap<>();
  private Object alone;
  private Object next;
  private long nextSince;

  /**
   * Empty ones.
   *
   * @param lease how long what is taken is in hand without being prolonged
   */
  public Hands(Duration lease) {
    this.lease = lease.toNanos();
  }

  /** Looks for what may be taken, and takes it, while nobody else does. */
  public <T> T taking(Supplier<T> work) {
    taking.lock();
    try {
      return work.get();
    } finally {
      taking.unlock();
    }
  }

  /** Whether something may be taken beside what is there. */
  public synchronized boolean mayTake() {
    dropOld();
    if (alone == null && next != null && System.nanoTime() - nextSince > 2 * lease) {
      next = null;
    }
    return alone == null && (next == null || System.nanoTime() - nextSince > lease);
  }

  /**
   * Takes something.
   *
   * @param counted whether a process ended with it before
   */
  public synchronized void take(Object what, boolean counted) {
    held.put(what, new Held(System.nanoTime() + lease, counted));
  }

  /** Takes something at once beside what is there, unless something is alone or is to be. */
  public synchronized boolean takeUnlessAlone(Object what) {
    boolean may = mayTake();
    if (may) {
      take(what, false);
    }
    return may;
  }

  /** Takes something beside what is there, unless something is alone or is to be. */
  public boolean takeBeside(Object what) {
    return taking(
        () -> {
          boolean may = mayTake();
          if (may) {
            take(what, false);
          }
          return may;
        });
  }

  /**
   * Takes something alone or beside what is there, and waits until it may.
   *
   * @return whether it was taken as it should be; after {@code patience} it is taken beside
   */
  public boolean takeWithin(Object what, boolean byItself, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (!(byItself ? takeAlone(what) : takeBeside(what))) {
      if (!awaitChange(end)) {
        take(what, byItself);
        return false;
      }
    }
    return true;
  }

  private synchronized boolean awaitChange(long end) {
    long left = end - System.nanoTime();
    try {
      TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, TimeUnit.SECONDS.toNanos(1)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return left > 0;
  }

  /** Takes something if there is nothing else; if there is, it is the next to be taken so. */
  public boolean takeAlone(Object what) {
    return taking(() -> takeIfEmpty(what));
  }

  private synchronized boolean takeIfEmpty(Object what) {
    dropOld();
    if (what.equals(alone)) {
      return true;
    }
    if (held.values().stream().anyMatch(Held::isFresh)) {
      if (next == null) {
        next = what;
        nextSince = System.nanoTime();
      }
      return false;
    }
    take(what, true);
    alone = what;
    next = null;
    return true;
  }

  /** It stays in hand for another lease. */
  public synchronized void prolong(Object what) {
    held.computeIfPresent(what, (each, now) -> new Held(System.nanoTime() + lease, now.counted()));
  }

  /** Whether at least half of its lease is left. */
  public synchronized boolean isFresh(Object what) {
    Held now = held.get(what);
    return now != null && now.until() - System.nanoTime() > lease / 2;
  }

  /** Whether a process ended with it before. */
  public synchronized boolean isCounted(Object what) {
    Held now = held.get(what);
    return now != null && now.counted();
  }

  /** Gives something out of the hands. */
  public synchronized void drop(Object what) {
    held.remove(what);
    if (what.equals(alone)) {
      alone = null;
    }
    notifyAll();
  }

  /** What is counted is kept: however late it gets on, that is forgiven. */
  private void dropOld() {
    held.values().removeIf(each -> !each.isFresh() && !each.counted());
    if (alone != null && !(held.containsKey(alone) && held.get(alone).isFresh())) {
      alone = null;
    }
  }

  private record Held(long until, boolean counted) {
    boolean isFresh() {
      return until - System.nanoTime() >= 0;
    }
  }
}
