package org.payerexchange.delivery.fhir;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * How many Bundles of one file the FHIR server gets at once: one, for a time after it was busy or
 * saw changes in conflict. Safe for any number of threads.
 */
public final class ServerPace {
  private static final Duration CAUTION = Duration.ofMinutes(10);

  private final int most;
  private final Clock clock;
  private volatile Instant careful = Instant.MIN;

  /**
   * Begins at full pace.
   *
   * @param most how many where the server bears it
   * @param clock tells when it is asked to bear them again
   */
  public ServerPace(int most, Clock clock) {
    this.most = most;
    this.clock = clock;
  }

  int atOnce() {
    return clock.instant().isBefore(careful) ? 1 : most;
  }

  /** The server was asked for too much. */
  void slowDown() {
    careful = clock.instant().plus(CAUTION);
  }
}
