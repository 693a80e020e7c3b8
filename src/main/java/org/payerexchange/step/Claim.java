package org.payerexchange.step;

import java.time.Instant;

/**
 * A row that this node holds for one step. Every transition names its claim and does nothing, with
 * {@code false} as its answer, once another node has taken the row over.
 */
public interface Claim {

  String transferId();

  /** The source payer's id. */
  String payer();

  /** Counts the claims of the row; the fence of all transitions. */
  long leaseToken();

  /** How often this step has failed in a row. */
  int attempts();

  /**
   * When this step first failed in a row, as much later as its payer or sink was held since; or
   * null where it has not.
   */
  Instant failingSince();

  /**
   * Since when all failures of this step were a payer's refusals of tokens that it had just given,
   * as much later as the payer was held since; or null where the latest was none.
   */
  default Instant refusedSince() {
    return null;
  }

  /** How many polls in a row were answered with a failure that the payer stands by. */
  default int refusedPolls() {
    return 0;
  }

  /** The work that the row was claimed for. */
  Stage stage();

  /** The key of the claimed row in the table of its stage. */
  Object rowId();
}
