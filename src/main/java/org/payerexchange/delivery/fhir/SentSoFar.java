package org.payerexchange.delivery.fhir;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.payerexchange.delivery.FilesInTurn;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.store.DeliveryLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * How far a file has got at the FHIR server. The ledger learns of it now and then: what was sent
 * since is sent again after a crash, which changes nothing. Safe for any number of threads.
 */
final class SentSoFar {
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final DeliveryLedger ledger;
  private final DeliveryClaim claim;
  private final FilesInTurn files;
  private final StoredFile file;
  private final Clock clock;
  private Instant recorded;
  private long line;

  SentSoFar(
      DeliveryLedger ledger, DeliveryClaim claim, FilesInTurn files, StoredFile file, Clock clock) {
    this.ledger = ledger;
    this.claim = claim;
    this.files = files;
    this.file = file;
    this.clock = clock;
    this.recorded = clock.instant();
    this.line = file.position();
  }

  /**
   * Goes on.
   *
   * @param to the last line that the server has had
   * @throws TransferException {@link FailureReason#LEASE_LOST} if the row is another node's by now
   */
  synchronized void advance(long to) {
    line = to;
    if (to > file.position()) {
      files.gotOn();
    }
    Instant now = clock.instant();
    if (!now.isBefore(recorded.plus(EVERY))) {
      recorded = now;
      if (!ledger.position(claim, file, line)) {
        throw new TransferException(
            FailureReason.LEASE_LOST, "the lease was lost while resources were sent");
      }
    }
  }

  /** Tells the ledger at once. */
  synchronized void record() {
    ledger.position(claim, file, line);
  }
}
