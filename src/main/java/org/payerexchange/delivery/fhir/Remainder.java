package org.payerexchange.delivery.fhir;

import java.io.IOException;
import java.util.function.Predicate;

/**
 * What is left over of a transfer once all its files were sent. It is tried again in a first pass
 * without the references that lead nowhere yet, and where there were some in a second one with
 * those that lead somewhere now: so resources arrive that refer to each other in circles, however
 * long and however far apart, and those that refer to what the server will not have. Not
 * thread-safe.
 */
final class Remainder {
  private static final int PASSES = 2;

  private final Leftovers from;
  private final Leftovers to;
  private long left;
  private int passes;
  private boolean cut;
  private long cutReferences;
  private boolean open;

  /**
   * Before the first pass.
   *
   * @param from what the files left over
   * @param to where a pass keeps what it leaves over
   */
  Remainder(Leftovers from, Leftovers to) throws IOException {
    this.from = from;
    this.to = to;
    to.clear();
    left = from.count(leftover -> true);
    open = left > 0;
  }

  /** Whether another pass may get something through. */
  boolean isOpen() {
    return open;
  }

  /** Begins a pass. */
  LeftoverParcels parcels(BundleLimits limits) throws IOException {
    to.clear();
    cutReferences = 0;
    return new LeftoverParcels(from.read(), limits);
  }

  /** Keeps what a parcel has left over; it was tried for the second time at least. */
  void add(Parcel parcel) throws IOException {
    to.add(parcel.leftovers().stream().filter(left -> !parcel.isLeftToOthers(left)).toList());
    cut |= parcel.hasCut();
    cutReferences += parcel.cutReferences();
  }

  void endPass() throws IOException {
    passes++;
    long before = left;
    left = count(leftover -> true);
    open = passes < PASSES && (cut || (left > 0 && left < before));
  }

  /** How many references lead nowhere: of the files, and those that the last pass cut. */
  long cutReferences() throws IOException {
    return from.cutReferences() + cutReferences;
  }

  /** How many resources the payer says to be parts. */
  long subsetted() throws IOException {
    return from.subsetted();
  }

  /** How many the last pass left over. */
  long count() {
    return left;
  }

  /** Whether one of them is like this. */
  boolean has(Predicate<Leftover> like) throws IOException {
    return count(like) > 0;
  }

  /** How many of them are like this. */
  long count(Predicate<Leftover> like) throws IOException {
    return to.count(like);
  }

  /** Where they lie. */
  Leftovers file() {
    return to;
  }
}
