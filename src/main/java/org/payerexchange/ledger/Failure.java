package org.payerexchange.ledger;

import java.sql.SQLException;
import org.payerexchange.step.FailureReason;

/**
 * Why something failed.
 *
 * @param detail in words, without PHI, or null
 */
record Failure(FailureReason reason, String detail) {
  static Failure of(Row row) throws SQLException {
    return new Failure(row.reason(), row.text("detail"));
  }

  @Override
  public String toString() {
    return reason + ": " + detail;
  }
}
