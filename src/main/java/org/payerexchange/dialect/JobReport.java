package org.payerexchange.dialect;

import java.util.Optional;

/**
 * What a gateway says of a job in a way of its own.
 *
 * @param word what its word for the job's state means
 * @param status that word as it was written, which may be a person's; empty for none
 * @param batches how far the job is, empty if not said
 * @param resourceCount how many resources all output files hold together, null if not said
 */
public record JobReport(
    JobWord word, String status, Optional<BatchCounts> batches, Long resourceCount) {
  /** Not the word as it was written. */
  @Override
  public String toString() {
    return "JobReport[%s]".formatted(word);
  }
}
