package org.payerexchange.step;

import java.util.HashMap;
import java.util.Map;

/**
 * Shares free slots out among payers. Where slots may be held for hours, a quarter of all is left
 * to payers that have none, so that a few slow ones never have them all.
 */
public final class Shares {
  private static final int KEPT_FREE = 4;

  private final Map<String, Integer> held;
  private final int kept;
  private int left;

  private Shares(int left, Map<String, Integer> held, int kept) {
    this.left = left;
    this.held = new HashMap<>(held);
    this.kept = kept;
  }

  /** Slots that come back soon: all of them are shared out. */
  public static Shares ofAll(int free) {
    return new Shares(free, Map.of(), 0);
  }

  /**
   * Slots that may be held for long.
   *
   * @param held those that are not free, by payer
   */
  public static Shares keepingSome(int free, Map<String, Integer> held) {
    int all = free + held.values().stream().mapToInt(Integer::intValue).sum();
    return new Shares(free, held, all / KEPT_FREE);
  }

  /** Whether there is anything left to share out. */
  public boolean isEmpty() {
    return left < 1;
  }

  /**
   * The most that a payer may take now.
   *
   * @param waiting how many payers, this one included, are still to get their share
   */
  public int of(String payer, int waiting) {
    int even = (left + waiting - 1) / waiting;
    int atLeast = held.getOrDefault(payer, 0) == 0 ? 1 : 0;
    return Math.min(even, Math.max(atLeast, left - kept));
  }

  /** The payer has taken so many. */
  public void take(String payer, int slots) {
    held.merge(payer, slots, Integer::sum);
    left -= slots;
  }
}
