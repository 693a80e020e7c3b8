package org.payerexchange.ledger;

/**
 * Something that was to be done to many transfers broke off before it had come to all of them. The
 * message says to how many it is done; whoever asked for the next one cannot know.
 */
public final class BrokenOff extends RuntimeException {
  /** What whoever asked can do. */
  public static final String AGAIN = "ask for the same again, what is done is not done twice";

  private static final long serialVersionUID = 1L;

  /**
   * Says so.
   *
   * @param done to how many it is done for certain
   */
  public BrokenOff(long done, RuntimeException cause) {
    super("it is done to %s transfers, perhaps to one more: %s".formatted(done, AGAIN), cause);
  }
}
