package org.payerexchange.step;

import java.time.Instant;

/**
 * A step that this node holds. Every transition names its claim and does nothing, with {@code
 * false} as its answer, once another node has taken the step over.
 */
public interface Claim {

  String transferId();

  /** What that is the id of, as a log line calls it: of a transfer, or of a batch of members. */
  default String subject() {
    return "transfer";
  }

  /** The source payer's id. */
  String payer();

  Lease lease();

  /** The work that the step is. */
  Stage stage();

  /** What the step is called where people read of it. */
  default String inWords() {
    return stage().name();
  }

  /** The key of the row that the step is about, in the table of its stage. */
  Object rowId();

  /** The payer, or the sink, among which steps take turns. */
  default String lane() {
    return payer();
  }

  /**
   * Given to all that were claimed in one go, and higher than those before: with its step's id it
   * is this claim's alone.
   */
  default long leaseToken() {
    return lease().token();
  }

  /** See {@link Lease#attempts}. */
  default int attempts() {
    return lease().attempts();
  }

  /** See {@link Lease#failingSince}. */
  default Instant failingSince() {
    return lease().failingSince();
  }

  /** See {@link Lease#refusedSince}. */
  default Instant refusedSince() {
    return lease().refusedSince();
  }

  /** How many polls in a row were answered with a failure that the payer stands by. */
  default int refusedPolls() {
    return 0;
  }
}
