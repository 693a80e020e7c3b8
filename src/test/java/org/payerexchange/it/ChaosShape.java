package org.payerexchange.it;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.payerexchange.sandbox.Fault;

/**
 * How a run of {@link Chaos} goes.
 *
 * @param transfers of members who are asked for alone, in all
 * @param batches of members who are asked for together, in all
 * @param waves how many files they come in; a node is killed during each
 * @param stops in how many of them one stands still for longer than its leases, too
 * @param files of each export
 * @param bytesPerFile about how large each is
 * @param faults the share of requests that goes wrong in each way
 * @param seed of the faults, and of who is killed when
 * @param longest when the run is given up
 */
record ChaosShape(
    int transfers,
    int batches,
    int waves,
    int stops,
    int files,
    long bytesPerFile,
    Map<Fault, Double> faults,
    long seed,
    Duration longest) {
  private static final Map<Fault, Double> FAULTS =
      Map.of(
          Fault.UNAVAILABLE, 0.04,
          Fault.THROTTLE, 0.005,
          Fault.RESET, 0.03,
          Fault.LOSE_ANSWER, 0.03,
          Fault.HANG, 0.002,
          Fault.TRUNCATE, 0.05,
          // what a match that is given back before its export takes along
          Fault.GROUPS_LOST, 1.0);

  ChaosShape {
    faults = new EnumMap<>(faults);
  }

  /** Whether a node stands still during a wave: they are spread evenly. */
  boolean standsStill(int wave) {
    return stops * (wave + 1) / waves > stops * wave / waves;
  }

  /** For a test. */
  static ChaosShape brief() {
    return new ChaosShape(60, 6, 4, 1, 4, 20_000, FAULTS, 20261123, Duration.ofMinutes(5));
  }

  /**
   * For {@code make chaos}: {@code CHAOS_TRANSFERS}, {@code CHAOS_BATCHES}, {@code CHAOS_KILLS},
   * {@code CHAOS_STOPS}, {@code CHAOS_SEED}.
   */
  static ChaosShape of(Map<String, String> environment) {
    return new ChaosShape(
        Integer.parseInt(environment.getOrDefault("CHAOS_TRANSFERS", "1000")),
        Integer.parseInt(environment.getOrDefault("CHAOS_BATCHES", "80")),
        Integer.parseInt(environment.getOrDefault("CHAOS_KILLS", "40")),
        Integer.parseInt(environment.getOrDefault("CHAOS_STOPS", "10")),
        6,
        50_000,
        FAULTS,
        Long.parseLong(environment.getOrDefault("CHAOS_SEED", "20261123")),
        Duration.ofMinutes(30));
  }
}
