package org.payerexchange.ledger;

/** How a file lost its URL, and whether that tells against its export. */
public enum LinkLoss {
  /** More of the file has come than when it lost its URL before. */
  MORE_CAME,
  /** Its time was over before it was asked for. */
  NOT_ASKED,
  /** It brought nothing. */
  IN_VAIN;

  /** In place of how often a URL was lost in vain: one was not asked for, and none was lost. */
  private static final int ONE_NOT_ASKED = -1;

  /** How often the file's URL was lost in vain before, as far as that still counts. */
  public int before(int lost) {
    return this == MORE_CAME ? 0 : lost;
  }

  /** The same with this loss, if the manifest is asked for because of it. */
  public int after(int lost) {
    return switch (this) {
      case MORE_CAME -> 0;
      case NOT_ASKED -> ONE_NOT_ASKED;
      case IN_VAIN -> Math.max(lost, 0) + 1;
    };
  }
}
