package org.payerexchange.ledger;

import java.util.Optional;
import org.payerexchange.step.FailureReason;

/**
 * A stored file that is not in the outbox, or not as it was: it is downloaded again, a few times.
 *
 * @param missed how often that had happened before
 */
record MissingFile(long id, String name, int missed) {
  /** How often it may happen until the file is given up. */
  private static final int MAX_MISSED = 3;

  /** What becomes of it. */
  FileState next() {
    return FileState.STORED.to(failure().isEmpty() ? FileState.PENDING : FileState.FAILED);
  }

  /** Why it is given up. */
  Optional<Failure> failure() {
    return missed < MAX_MISSED
        ? Optional.empty()
        : Optional.of(
            new Failure(
                FailureReason.FILE_GONE,
                "taken out of the outbox, or changed there, again and again before manifest.json"));
  }
}
