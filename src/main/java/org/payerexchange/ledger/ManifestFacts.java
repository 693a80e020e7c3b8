package org.payerexchange.ledger;

import java.time.Instant;
import java.util.List;

/**
 * What an export manifest says beside its files.
 *
 * @param transactionTime the instant that the export reflects, as the payer wrote it, or null
 * @param resourceCount resources announced over all output files, or null; a difference from what
 *     arrived becomes a warning when the job completes
 * @param warnings what was wrong with the export, such as failed batches; without PHI
 * @param remarks what is worth a warning although nothing is missing; without PHI
 * @param filesUntil until when the payer keeps the files, or null
 */
public record ManifestFacts(
    String transactionTime,
    Long resourceCount,
    List<String> warnings,
    List<String> remarks,
    Instant filesUntil) {

  /** Copies the lists. */
  public ManifestFacts {
    warnings = List.copyOf(warnings);
    remarks = List.copyOf(remarks);
  }
}
