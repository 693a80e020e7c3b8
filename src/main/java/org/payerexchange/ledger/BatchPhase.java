package org.payerexchange.ledger;

/** What a batch of members is at, in a word. */
public enum BatchPhase {
  /** Members may still join it. */
  GATHERING,
  /** Nobody joins it any more; the payer is to be asked who its members are. */
  ASKING,
  /** The match job runs at the payer. */
  MATCHING,
  /** The exports that its members share run, or their files come. */
  EXPORTING,
  /** All files are there, and each member gets its own. */
  SPLITTING,
  /** Its jobs are over, and the payer is to be told that they are not needed. */
  RELEASING,
  /** Nothing is left to be done of it. */
  ENDED;

  /**
   * Tells it by what the ledger says.
   *
   * @param batch the state of the batch
   * @param hasSteps whether anything is to be done of it
   * @param gathers whether members may join it
   * @param match the state of its match job
   * @param exports whether files of a shared export are still to come
   */
  public static BatchPhase of(
      TransferState batch, boolean hasSteps, boolean gathers, JobState match, boolean exports) {
    if (batch.terminal()) {
      return hasSteps ? RELEASING : ENDED;
    }
    if (match == JobState.REQUESTED) {
      return gathers ? GATHERING : ASKING;
    }
    if (!match.terminal()) {
      return MATCHING;
    }
    return exports ? EXPORTING : SPLITTING;
  }
}
