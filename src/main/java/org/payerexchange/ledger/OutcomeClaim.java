package org.payerexchange.ledger;

import java.time.Instant;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;

/**
 * A transfer claimed for its manifest and outcome message.
 *
 * @param state how it ended; MATCHED for one that is COMPLETE once its manifest stands
 * @param written whether the manifest stands, and only the outcome message is left
 */
public record OutcomeClaim(
    String transferId,
    String payer,
    long leaseToken,
    int attempts,
    Instant failingSince,
    TransferState state,
    boolean written)
    implements Claim {

  @Override
  public Stage stage() {
    return Stage.OUTCOME;
  }

  @Override
  public Object rowId() {
    return transferId;
  }
}
