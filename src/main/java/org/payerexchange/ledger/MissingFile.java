package org.payerexchange.ledger;

import java.util.Optional;
import org.payerexchange.step.FailureReason;

/**
 * A stored file that is not in the outbox, or not as it was: it is downloaded again, a few times.
 * Of a job that has failed nothing comes any more: sinks go past the file, so that it is to be
 * delivered anew after a retry.
 *
 * @param madeHere whether it is no download: it was written of what members share, or of pages
 * @param job the state of its job
 * @param missed how often that had happened before
 */
public record MissingFile(long id, String name, boolean madeHere, JobState job, int missed) {
  /** How often it may happen until the file is given up. */
  private static final int MAX_MISSED = 3;

  private static final String MISSING = "not in the outbox as it was stored";

  /** What becomes of it. */
  public FileState next() {
    return FileState.STORED.to(failure().isEmpty() ? FileState.PENDING : FileState.FAILED);
  }

  /** Why it is given up. */
  public Optional<Failure> failure() {
    if (job.terminal() && job != JobState.COMPLETE) {
      return Optional.of(gone(MISSING + ", and its export job has ended"));
    }
    if (madeHere) {
      return Optional.of(
          gone(MISSING + ", and it is no file of the payer's that could come again"));
    }
    return missed < MAX_MISSED
        ? Optional.empty()
        : Optional.of(
            gone(
                "taken out of the outbox, or changed there, again and again before manifest.json"));
  }

  /** For the audit trail. */
  public String inWords() {
    return name + ": " + failure().map(Failure::detail).orElse(MISSING);
  }

  private static Failure gone(String detail) {
    return new Failure(FailureReason.FILE_GONE, detail);
  }
}
