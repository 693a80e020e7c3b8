package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * What is left over of a transfer once all its files were sent. It is tried again, in passes, for
 * as long as each pass gets something through: what refers to what is left over can only follow it.
 * Not thread-safe.
 */
final class Remainder {
  private static final int MOST_PASSES = 10;

  private final Leftovers[] turns;
  private List<Leftovers> from;
  private long left;
  private int passes;
  private boolean open;

  /**
   * Before the first pass.
   *
   * @param from what the files left over
   * @param even where one pass keeps what it leaves over
   * @param odd where the next one does
   */
  Remainder(List<Leftovers> from, Leftovers even, Leftovers odd) throws IOException {
    this.from = from;
    this.turns = new Leftovers[] {even, odd};
    this.left = count(leftover -> true);
    this.open = left > 0;
  }

  /** Whether another pass may get something through. */
  boolean isOpen() {
    return open;
  }

  LeftoverParcels parcels(BundleLimits limits) throws IOException {
    to().clear();
    return new LeftoverParcels(from, limits);
  }

  void add(List<Leftover> leftovers) throws IOException {
    to().add(leftovers);
  }

  void endPass() throws IOException {
    from = List.of(to());
    passes++;
    long before = left;
    left = count(leftover -> true);
    open = left > 0 && left < before && passes < MOST_PASSES;
  }

  /** How many are left. */
  long count() {
    return left;
  }

  /** Whether one of those that are left is like this. */
  boolean has(Predicate<Leftover> like) throws IOException {
    return count(like) > 0;
  }

  /** Where they lie after the last pass. */
  Leftovers file() {
    return from.get(0);
  }

  private Leftovers to() {
    return turns[passes % 2];
  }

  /** How many of those that are left are like this. */
  long count(Predicate<Leftover> like) throws IOException {
    AtomicLong count = new AtomicLong();
    for (Leftovers each : from) {
      each.read(
          leftover -> {
            if (like.test(leftover)) {
              count.incrementAndGet();
            }
          });
    }
    return count.get();
  }
}
