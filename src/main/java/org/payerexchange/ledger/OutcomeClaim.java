package org.payerexchange.ledger;

import java.sql.SQLException;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Lease;
import org.payerexchange.step.Stage;

/**
 * A transfer claimed for its manifest and outcome message.
 *
 * @param state how it ended; MATCHED for one that is COMPLETE once its manifest stands
 * @param written whether the manifest stands, and only the outcome message is left
 */
public record OutcomeClaim(
    String transferId, String payer, Lease lease, TransferState state, boolean written)
    implements Claim {
  /** Of a row of the claim. */
  public static OutcomeClaim of(Row row) throws SQLException {
    return new OutcomeClaim(
        row.text("id"),
        row.text("payer"),
        row.lease(),
        row.constant(TransferState.class, "state"),
        row.instant("manifest_at") != null);
  }

  @Override
  public Stage stage() {
    return Stage.OUTCOME;
  }

  @Override
  public Object rowId() {
    return transferId;
  }
}
