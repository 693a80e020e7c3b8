package org.payerexchange.ledger;

import java.util.List;

/**
 * What an export manifest says beside its files.
 *
 * @param transactionTime the instant that the export reflects, as the payer wrote it, or null
 * @param resourceCount resources announced over all output files, or null; a difference from what
 *     arrived becomes a warning when the job completes
 * @param warnings what was wrong with the export, such as failed batches; without PHI
 */
public record ManifestFacts(String transactionTime, Long resourceCount, List<String> warnings) {

  /** Copies the list. */
  public ManifestFacts {
    warnings = List.copyOf(warnings);
  }
}
