package org.payerexchange.ledger;

import java.sql.SQLException;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Lease;
import org.payerexchange.step.Stage;

/**
 * An export that members share, all of whose files are there, claimed for its split.
 *
 * @param id the export job
 * @param transferId the batch that it belongs to
 */
public record SplitClaim(long id, String transferId, String payer, Lease lease) implements Claim {
  static SplitClaim of(Row row) throws SQLException {
    return new SplitClaim(row.big("id"), row.text("transfer_id"), row.text("payer"), row.lease());
  }

  @Override
  public Stage stage() {
    return Stage.SPLIT;
  }

  @Override
  public Object rowId() {
    return id;
  }
}
