package org.payerexchange.ledger;

import java.util.Set;

/** The states of an export job, and which may follow which. */
public enum JobState {
  REQUESTED,
  RUNNING,
  READY,
  COMPLETE,
  FAILED,
  EXPIRED,
  CANCELLED;

  /** States that end a job. FAILED and EXPIRED may be left by an operator's retry only. */
  public boolean terminal() {
    return switch (this) {
      case REQUESTED, RUNNING, READY -> false;
      case COMPLETE, FAILED, EXPIRED, CANCELLED -> true;
    };
  }

  /**
   * Returns {@code next}.
   *
   * @throws IllegalStateException if a job in this state cannot become that
   */
  public JobState to(JobState next) {
    Set<JobState> allowed =
        switch (this) {
          case REQUESTED -> Set.of(RUNNING, FAILED, CANCELLED);
          case RUNNING -> Set.of(READY, REQUESTED, FAILED, EXPIRED, CANCELLED);
          case READY -> Set.of(RUNNING, REQUESTED, COMPLETE, FAILED, CANCELLED);
          case FAILED, EXPIRED -> Set.of(REQUESTED, RUNNING, READY);
          case COMPLETE, CANCELLED -> Set.of();
        };
    if (!allowed.contains(next)) {
      throw new IllegalStateException("An export job cannot go from " + this + " to " + next);
    }
    return next;
  }
}
