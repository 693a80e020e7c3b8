package org.payerexchange.delivery.fhir;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * The parcels of a file that are sent at the same time: as many as the server bears, and none
 * beside another that it has to do with, so that the server sees the changes of one resource, and a
 * resource and what refers to it, in their order. What became of them is recorded in their order
 * too, so that all is settled up to the place of the delivery. Behind a parcel that failed no other
 * begins. Safe for any number of threads.
 */
final class ParcelsInFlight implements Iterator<Parcel>, Closeable {
  private final ReadAhead<Parcel, FhirParcels> parcels;
  private final String file;
  private final ServerPace pace;
  private final LeftSoFar left;
  private final SentSoFar sent;
  private final Deque<Parcel> unrecorded = new ArrayDeque<>();
  private final Set<Parcel> settled = new HashSet<>();
  private boolean promised;
  private boolean failed;
  private int sending;

  /**
   * Before the first.
   *
   * @param parcels used by one thread at a time
   * @param file the name of their file
   * @param pace how many the server bears
   * @param left keeps what they leave over
   * @param sent learns how far the file has got
   */
  ParcelsInFlight(
      ReadAhead<Parcel, FhirParcels> parcels,
      String file,
      ServerPace pace,
      LeftSoFar left,
      SentSoFar sent) {
    this.parcels = parcels;
    this.file = file;
    this.pace = pace;
    this.left = left;
    this.sent = sent;
  }

  /** Whether there is another; once it was promised, it is there. */
  @Override
  public synchronized boolean hasNext() {
    promised |= !failed && parcels.hasNext();
    return promised;
  }

  /** The next one, once it may be sent; one of nothing where another has failed by then. */
  @Override
  public Parcel next() {
    Parcel next = parcels.next();
    synchronized (this) {
      promised = false;
      awaitTurn(next);
      sending++;
      if (failed) {
        return new Parcel(0, List.of(), false, new KnownTargets());
      }
      left.holdBack(next);
      unrecorded.add(next);
      return next;
    }
  }

  private boolean mayGo(Parcel next) {
    return unrecorded.size() < pace.atOnce() && unrecorded.stream().noneMatch(next::meets);
  }

  private synchronized void awaitTurn(Parcel next) {
    try {
      while (!failed && !mayGo(next)) {
        wait();
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      failed = true;
    }
  }

  /**
   * Records what became of a parcel, once all before it are settled.
   *
   * @throws IOException if the work directory cannot be used
   */
  synchronized void settle(Parcel parcel) throws IOException {
    if (parcel.leftovers().stream().anyMatch(Leftover::isOfACrowd)) {
      pace.slowDown();
    }
    settled.add(parcel);
    while (!unrecorded.isEmpty() && settled.remove(unrecorded.peek())) {
      Parcel next = unrecorded.remove();
      left.settle(file, next);
      sent.advance(next.lastLine());
    }
    notifyAll();
  }

  /** A parcel is sent no more, for good or ill. */
  synchronized void end(boolean well) {
    sending--;
    failed |= !well;
    if (failed && sending == 0) {
      sent.record();
    }
    notifyAll();
  }

  @Override
  public void close() throws IOException {
    parcels.close();
  }
}
