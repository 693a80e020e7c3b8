package org.payerexchange.payer;

import java.util.Optional;

/**
 * How often and when a payer may be called, by all nodes together.
 *
 * @param perSecond how many calls in any second; 0 for as many as there are
 * @param perMinute how many calls in any minute; 0 for as many as there are
 * @param window at what hours; empty for all
 */
public record CallLimits(int perSecond, int perMinute, Optional<CallWindow> window) {
  /** As many as there are, at all hours. */
  public static final CallLimits NONE = new CallLimits(0, 0, Optional.empty());

  /** Whether calls are counted. */
  public boolean areCounted() {
    return perSecond > 0 || perMinute > 0;
  }
}
