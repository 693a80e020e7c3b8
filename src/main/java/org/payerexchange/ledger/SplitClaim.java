package org.payerexchange.ledger;

import java.sql.SQLException;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Lease;
import org.payerexchange.step.Stage;

/**
 * An export all of whose files are there, claimed for its split: by member, or by type.
 *
 * @param id the export job
 * @param transferId the batch that it belongs to, or the transfer
 * @param stage SPLIT or SPLIT_TYPES
 */
public record SplitClaim(long id, String transferId, String payer, Lease lease, Stage stage)
    implements Claim {
  /** Of a row of the claim. */
  public static SplitClaim of(Row row, Stage stage) throws SQLException {
    return new SplitClaim(
        row.big("id"), row.text("transfer_id"), row.text("payer"), row.lease(), stage);
  }

  @Override
  public String subject() {
    return stage == Stage.SPLIT ? "batch" : "transfer";
  }

  @Override
  public Object rowId() {
    return id;
  }
}
