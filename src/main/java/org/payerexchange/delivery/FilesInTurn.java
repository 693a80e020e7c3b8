package org.payerexchange.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.StoredFile;

/**
 * The files that a sink takes with one claim, one after the other. Once it is over time no other is
 * begun, so that no transfer keeps others from a sink. What it knows of failures is safe for any
 * thread.
 */
public final class FilesInTurn implements Iterator<StoredFile> {
  private final Iterator<StoredFile> files;
  private final Clock clock;
  private final Instant until;
  private volatile int failures;
  private boolean begun;

  FilesInTurn(DeliveryClaim claim, List<StoredFile> files, Clock clock, Duration time) {
    this.files = files.iterator();
    this.clock = clock;
    this.until = clock.instant().plus(time);
    this.failures = claim.attempts();
  }

  @Override
  public boolean hasNext() {
    return files.hasNext() && (!begun || clock.instant().isBefore(until));
  }

  @Override
  public StoredFile next() {
    begun = true;
    return files.next();
  }

  /** The sink has taken something, so that what failed before is over. */
  public void gotOn() {
    failures = 0;
  }

  /** How often the delivery has failed where it stands. */
  public int failures() {
    return failures;
  }
}
