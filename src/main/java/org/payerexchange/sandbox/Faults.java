package org.payerexchange.sandbox;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Decides which requests go wrong: the next few of a kind (for tests), or some at random, by a rate
 * and a seed (for chaos).
 */
public final class Faults {
  private final Map<RequestKind, Map<Fault, Integer>> next = new EnumMap<>(RequestKind.class);
  private final Map<Fault, Double> rates = new EnumMap<>(Fault.class);
  private final Random random;

  /** What each request meets once {@link #before} of them have gone by; null: nothing. */
  private Fault late;

  private int before;

  Faults(long seed) {
    random = new Random(seed);
  }

  /** Lets the next requests of a kind go wrong. */
  public synchronized void next(RequestKind kind, Fault fault, int times) {
    next.computeIfAbsent(kind, k -> new EnumMap<>(Fault.class)).put(fault, times);
  }

  /**
   * Lets all requests go wrong after the next few.
   *
   * @param requests how many of them, of all kinds, go as they should before
   */
  public synchronized void after(int requests, Fault fault) {
    late = fault;
    before = requests;
  }

  /**
   * Lets requests go wrong at random. A rate applies to every request that the fault can happen to.
   *
   * @param rates the share of requests, from 0 to 1; those not named are 0
   * @throws IllegalArgumentException if one is no share
   */
  public synchronized void rates(Map<Fault, Double> rates) {
    rates.forEach(
        (fault, rate) -> {
          if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("the rate of %s is from 0 to 1".formatted(fault));
          }
        });
    this.rates.clear();
    this.rates.putAll(rates);
  }

  /** The rates in force. */
  public synchronized Map<Fault, Double> rates() {
    return new EnumMap<>(rates.isEmpty() ? new EnumMap<>(Fault.class) : rates);
  }

  /** No more faults. */
  public synchronized void clear() {
    late = null;
    next.clear();
    rates.clear();
  }

  synchronized Optional<Fault> draw(RequestKind kind) {
    if (late != null && --before < 0) {
      return Optional.of(late);
    }
    Map<Fault, Integer> ordered = next.getOrDefault(kind, Map.of());
    for (Map.Entry<Fault, Integer> entry : ordered.entrySet()) {
      if (entry.getValue() > 0) {
        entry.setValue(entry.getValue() - 1);
        return Optional.of(entry.getKey());
      }
    }
    double drawn = random.nextDouble();
    for (Map.Entry<Fault, Double> entry : rates.entrySet()) {
      if (entry.getKey().meets(kind)) {
        drawn -= entry.getValue();
        if (drawn < 0) {
          return Optional.of(entry.getKey());
        }
      }
    }
    return Optional.empty();
  }

  /** Draws what a new job has from its beginning. */
  Set<Fault> ofNewJob() {
    return ofNew(Fault::isOfJob);
  }

  /** Draws what a new export has from its beginning. */
  Set<Fault> ofNewExport() {
    return ofNew(Fault::isOfExport);
  }

  private Set<Fault> ofNew(Predicate<Fault> kind) {
    return Arrays.stream(Fault.values())
        .filter(kind)
        .filter(this::isDue)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Fault.class)));
  }

  /** Draws one of the faults that no request meets on its way. */
  synchronized boolean isDue(Fault fault) {
    Double rate = rates.get(fault);
    return rate != null && random.nextDouble() < rate;
  }
}
