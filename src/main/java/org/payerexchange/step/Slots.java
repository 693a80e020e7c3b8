package org.payerexchange.step;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;

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

  /** Has a claim's slot freed when its step ends, and no later than the exchange is done. */
  public Held hold(Exchange exchange) {
    Held held = new Held();
    exchange.getExchangeExtension().addOnCompletion(held);
    return held;
  }

  /** Frees the slot of a step that has ended. */
  public void free(@Variable("slot") Held slot) {
    slot.free();
  }

  private synchronized void freeOne() {
    taken--;
  }

  /** The slot of one step. */
  public final class Held extends SynchronizationAdapter {
    private final AtomicBoolean freed = new AtomicBoolean();

    private Held() {}

    /** Frees it, once. */
    public void free() {
      if (freed.compareAndSet(false, true)) {
        freeOne();
      }
    }

    @Override
    public void onDone(Exchange exchange) {
      free();
    }
  }
}
