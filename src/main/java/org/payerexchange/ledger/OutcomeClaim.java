package org.payerexchange.ledger;

import java.time.Instant;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;

/** A transfer that has ended, claimed for its outcome message and manifest. */
public record OutcomeClaim(
    String transferId, String payer, long leaseToken, int attempts, Instant failingSince)
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
