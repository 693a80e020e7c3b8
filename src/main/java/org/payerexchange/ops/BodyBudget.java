package org.payerexchange.ops;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that the bodies of all requests may take at once. */
final class BodyBudget {
  private final long most;
  private final AtomicLong taken = new AtomicLong();

  /**
   * Of so many bytes.
   *
   * @param most {@code p2p.ops.max-bytes-at-once}
   */
  BodyBudget(long most) {
    this.most = most;
  }

  /** Whether there was room for so many bytes; they are taken then until they are given back. */
  boolean takes(long bytes) {
    if (taken.addAndGet(bytes) <= most) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }
}
