package org.payerexchange.ledger;

/** What is done about a file whose URL the payer does not know any more. */
public enum LostUrl {
  /** The file has got another URL meanwhile. */
  TRY_AGAIN,
  /**
   * The file waits, with all that are still to come, for the manifest that is asked for already.
   */
  WAIT,
  /** The manifest is fetched again: the job's other URLs are as old. Downloads that run go on. */
  FETCH_MANIFEST,
  /** The export itself is lost: it is kicked off again. */
  KICK_OFF,
  /** It was kicked off again often enough. */
  GIVE_UP;

  /** How often one file's URL may be lost in vain until the export itself is taken for lost. */
  private static final int MAX_LOST = 2;

  /**
   * Decides.
   *
   * @param isLatest whether the file still has that URL
   * @param lost how often its URL was lost in vain since it was stored, more of it came, or the
   *     export began
   * @param job the state of the file's job
   * @param isKnown whether the payer still knows that job
   * @param mayStartAgain whether it may be kicked off once more
   */
  public static LostUrl of(
      boolean isLatest, int lost, JobState job, boolean isKnown, boolean mayStartAgain) {
    if (!isLatest) {
      return TRY_AGAIN;
    }
    if (job != JobState.READY) {
      return WAIT;
    }
    if (lost < MAX_LOST && isKnown) {
      return FETCH_MANIFEST;
    }
    return mayStartAgain ? KICK_OFF : GIVE_UP;
  }

  /**
   * What is counted from now on. A loss that another file has the manifest asked for is none of
   * this one's.
   *
   * @param lost what was counted before
   */
  public int counted(LinkLoss loss, int lost) {
    return this == FETCH_MANIFEST || this == KICK_OFF ? loss.after(lost) : loss.before(lost);
  }
}
