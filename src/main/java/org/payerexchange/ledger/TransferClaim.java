package org.payerexchange.ledger;

import java.sql.SQLException;
import java.time.LocalDate;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Lease;
import org.payerexchange.step.Stage;

/**
 * A received transfer, claimed for its {@code $member-match}.
 *
 * @param requestJson the member match Parameters as registered; PHI
 * @param consentEnd the last day of the consent (UTC), or null where it has no end
 */
public record TransferClaim(
    String transferId, String payer, Lease lease, String requestJson, LocalDate consentEnd)
    implements Claim {
  static TransferClaim of(Row row) throws SQLException {
    return new TransferClaim(
        row.text("id"),
        row.text("payer"),
        row.lease(),
        row.text("request_json"),
        row.date("consent_end"));
  }

  @Override
  public Stage stage() {
    return Stage.MEMBER_MATCH;
  }

  @Override
  public Object rowId() {
    return transferId;
  }

  /** Leaves the request out: it is PHI. */
  @Override
  public String toString() {
    return "TransferClaim[" + transferId + ", " + payer + ", lease " + leaseToken() + "]";
  }
}
