package org.payerexchange.ledger;

import java.util.List;
import java.util.Optional;

/**
 * What becomes of a transfer whose jobs have all ended.
 *
 * @param failure of the first job that is not complete: the transfer is FAILED. None: it is
 *     COMPLETE once its manifest stands
 */
public record TransferEnd(Optional<Failure> failure) {

  /**
   * A job.
   *
   * @param failure why it ended otherwise than complete; null where it did not
   */
  public record Job(JobState state, Failure failure) {}

  /** Empty while any job is open. */
  public static Optional<TransferEnd> of(List<Job> jobs) {
    return jobs.stream().allMatch(job -> job.state().terminal())
        ? Optional.of(
            new TransferEnd(
                jobs.stream()
                    .filter(job -> job.state() != JobState.COMPLETE)
                    .map(Job::failure)
                    .findFirst()))
        : Optional.empty();
  }
}
