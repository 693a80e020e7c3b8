package org.payerexchange.ledger;

import java.util.List;
import java.util.Optional;
import org.payerexchange.step.FailureReason;

/**
 * What a retry does to a transfer that failed: it goes back to the state before the failed step. A
 * job goes on from what the payer still has; where that is nothing, it is kicked off again.
 *
 * @param state the transfer's from now on
 * @param jobs those that go on
 * @param seals whether nothing is left to be done but the manifest of the transfer
 */
public record RetryPlan(TransferState state, List<Again> jobs, boolean seals) {

  /**
   * A job as it is.
   *
   * @param kind whose it is
   * @param known whether it was given a status URL
   * @param reason why it ended, or null
   * @param released whether the payer was told to delete it
   * @param files how many it has
   * @param openFiles how many of them are PENDING
   * @param failedFiles how many of them are FAILED
   * @param failedHere how many of these are none of the payer's: they were written here
   * @param failedOptional how many of them the job is complete without
   */
  public record Job(
      long id,
      JobKind kind,
      JobState state,
      boolean known,
      FailureReason reason,
      boolean released,
      int files,
      int openFiles,
      int failedFiles,
      int failedHere,
      int failedOptional) {

    /** How many of the payer's files are to come again. */
    private int toComeAgain() {
      return failedFiles - failedHere;
    }

    /** Whether it may still be had from the payer, which has not said otherwise. */
    private boolean isAlive() {
      return known
          && !released
          && reason != FailureReason.JOB_FAILED
          && reason != FailureReason.JOB_GONE
          && reason != FailureReason.JOB_EXPIRED;
    }
  }

  /**
   * A job that goes on.
   *
   * @param state READY: its files are downloaded; RUNNING: it is polled; REQUESTED: it is kicked
   *     off, once the payer was told that the one before is not needed
   * @param members whether it is a part of an export that others share
   * @param files whether its failed files are to come again
   * @param openFiles how many are to come now
   */
  public record Again(long id, JobState state, boolean members, boolean files, int openFiles) {
    /** Whether its member is to be matched again: a shared export is not kept for one of them. */
    public boolean isAskedForAnew() {
      return members && state == JobState.REQUESTED;
    }
  }

  /**
   * Empty where the transfer has not failed, or cannot be asked for again.
   *
   * @param requestIsKept whether what is sent to match the member is still there
   * @param deliveriesFailed whether any of its deliveries did
   */
  public static Optional<RetryPlan> of(
      TransferState state, boolean requestIsKept, List<Job> jobs, boolean deliveriesFailed) {
    if (!isFor(state)) {
      return Optional.empty();
    }
    if (jobs.isEmpty()) {
      return requestIsKept
          ? Optional.of(new RetryPlan(state.to(TransferState.RECEIVED), List.of(), false))
          : Optional.empty();
    }
    List<Again> again =
        jobs.stream()
            .filter(job -> job.state() != JobState.COMPLETE)
            .map(job -> again(job, deliveriesFailed))
            .toList();
    if (again.stream().anyMatch(Again::isAskedForAnew)) {
      return requestIsKept
          ? Optional.of(new RetryPlan(state.to(TransferState.RECEIVED), again, false))
          : Optional.empty();
    }
    return Optional.of(new RetryPlan(state.to(TransferState.MATCHED), again, again.isEmpty()));
  }

  /** Whether a transfer ended so that it may be retried. */
  public static boolean isFor(TransferState state) {
    return state == TransferState.FAILED || state == TransferState.NO_MATCH;
  }

  private static Again again(Job job, boolean deliveriesFailed) {
    boolean hasFiles = job.files() > 0;
    JobState next =
        hasFiles
                && deliveriesFailed
                && job.failedFiles() == job.failedOptional()
                && job.kind() != JobKind.MIXED
            ? JobState.READY
            : job.kind().isExportOfOne()
                    && job.isAlive()
                    && (hasFiles || job.reason() != FailureReason.BAD_ANSWER)
                // URLs do not live long: those of a new manifest take the place of the old ones
                ? JobState.RUNNING
                : JobState.REQUESTED;
    boolean files = next != JobState.REQUESTED;
    return new Again(
        job.id(),
        job.state().to(next),
        job.kind() == JobKind.MEMBER,
        files && job.toComeAgain() > 0,
        job.openFiles() + (files ? job.toComeAgain() : 0));
  }
}
