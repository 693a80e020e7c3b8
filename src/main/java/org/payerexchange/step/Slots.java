package org.payerexchange.step;

import java.io.Closeable;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;

/**
 * How many steps of one kind may run at once on this node: only what fits the free slots is
 * claimed.
 */
public final class Slots {
  private final int most;
  private int taken;

  /**
   * Starts with all slots free.
   *
   * @param most how many there are, at least 1
   */
  public Slots(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("at least one step must be able to run, not " + most);
    }
    this.most = most;
  }

  /**
   * Claims what fits.
   *
   * @param claim claims at most so many rows
   */
  public synchronized <T> List<T> fill(IntFunction<List<T>> claim) {
    if (taken >= most) {
      return List.of();
    }
    List<T> claimed = claim.apply(most - taken);
    taken += claimed.size();
    return claimed;
  }

  /** The slot of a claimed step. */
  public Slot hold() {
    return new Slot();
  }

  private synchronized void freeOne() {
    taken--;
  }

  /** The slot of one step, free again once it is closed. */
  public final class Slot implements Closeable {
    private final AtomicBoolean freed = new AtomicBoolean();

    private Slot() {}

    /** Frees it, once. */
    @Override
    public void close() {
      if (freed.compareAndSet(false, true)) {
        freeOne();
      }
    }
  }
}
