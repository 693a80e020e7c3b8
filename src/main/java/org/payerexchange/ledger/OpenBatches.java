package org.payerexchange.ledger;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.List;

/**
 * The batches of which something is left to be done, the oldest first.
 *
 * @param batches the first {@link #MOST}
 * @param total how many there are
 */
public record OpenBatches(List<BatchSummary> batches, @JsonProperty("batchesTotal") long total) {
  /** So many are shown. */
  public static final int MOST = 100;

  /** Copies the list. */
  public OpenBatches {
    batches = List.copyOf(batches);
  }

  /**
   * The open batches of a payer.
   *
   * @param count how many there are
   * @param oldest how long ago the oldest was opened
   */
  public record OfPayer(long count, Duration oldest) {}
}
