package org.payerexchange.http;

import java.io.Closeable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * The memory that answers may take, all together: one budget for a node. A peer gets half of it, so
 * that its answers leave room for those of others. What does not fit waits, for a time; one answer
 * may always go on beyond the budget, so that they never wait for each other in a circle.
 */
public final class AnswerRoom {
  private final long bytes;
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition freed = lock.newCondition();
  private final Map<String, Long> byPeer = new HashMap<>();
  private long taken;
  private Share beyond;

  /**
   * An empty one.
   *
   * @param bytes of the budget
   * @param patience how long an answer waits for room
   */
  public AnswerRoom(long bytes, Duration patience) {
    this.bytes = bytes;
    this.patience = patience;
  }

  /** Nothing yet for one answer of this peer. */
  Share share(String peer) {
    return new Share(peer);
  }

  /** What one answer takes, until it is closed. */
  final class Share implements Closeable {
    private final String peer;
    private long held;

    private Share(String peer) {
      this.peer = peer;
    }

    /**
     * Takes more, and waits for it if need be.
     *
     * @throws TransferException {@link FailureReason#PAYER_UNAVAILABLE} if there is no room in time
     */
    void take(long more) {
      try {
        lock.lockInterruptibly();
        try {
          long left = patience.toNanos();
          while (!fits(more)) {
            if (left <= 0) {
              throw noRoom();
            }
            left = freed.awaitNanos(left);
          }
          add(more);
        } finally {
          lock.unlock();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw noRoom();
      }
    }

    private boolean fits(long more) {
      if (taken + more <= bytes && byPeer.getOrDefault(peer, 0L) + more <= bytes / 2) {
        return true;
      }
      if (beyond == null) {
        beyond = this;
      }
      return beyond == this;
    }

    private void add(long more) {
      held += more;
      taken += more;
      byPeer.merge(peer, more, (one, other) -> one + other == 0 ? null : one + other);
    }

    private TransferException noRoom() {
      return new TransferException(
          FailureReason.PAYER_UNAVAILABLE,
          "no memory for the answer within %s beside the others (p2p.http.max-memory)"
              .formatted(TimeUnit.NANOSECONDS.toSeconds(patience.toNanos()) + " s"));
    }

    /** Gives all of it back. */
    @Override
    public void close() {
      lock.lock();
      try {
        add(-held);
        if (beyond == this) {
          beyond = null;
        }
        freed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
