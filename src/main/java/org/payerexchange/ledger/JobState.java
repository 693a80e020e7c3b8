package org.payerexchange.ledger;

import java.util.Set;

/**
 * The states of an export job. FAILED and EXPIRED are left by an operator's retry only, COMPLETE by
 * a file that was taken away before its time.
 */
public enum JobState implements State<JobState> {
  REQUESTED,
  RUNNING,
  READY,
  /** All files of an export that members share are there, and each gets its own. */
  SPLITTING,
  COMPLETE,
  FAILED,
  EXPIRED,
  CANCELLED;

  @Override
  public Set<JobState> successors() {
    return switch (this) {
      case REQUESTED -> Set.of(RUNNING, READY, COMPLETE, FAILED, CANCELLED);
      case RUNNING -> Set.of(READY, COMPLETE, REQUESTED, FAILED, EXPIRED, CANCELLED);
      case READY -> Set.of(RUNNING, REQUESTED, SPLITTING, COMPLETE, FAILED, CANCELLED);
      case SPLITTING -> Set.of(READY, COMPLETE, FAILED, CANCELLED);
      case FAILED, EXPIRED -> Set.of(REQUESTED, RUNNING, READY);
      case COMPLETE -> Set.of(READY);
      case CANCELLED -> Set.of();
    };
  }

  @Override
  public boolean terminal() {
    return this != REQUESTED && this != RUNNING && this != READY && this != SPLITTING;
  }
}
