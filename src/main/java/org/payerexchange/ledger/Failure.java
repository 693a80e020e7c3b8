package org.payerexchange.ledger;

import java.sql.SQLException;
import org.payerexchange.step.FailureReason;

/**
 * Why something failed.
 *
 * @param detail in words, without PHI, or null
 */
public record Failure(FailureReason reason, String detail) {
  /** Of a row with {@code reason} and {@code detail}. */
  public static Failure of(Row row) throws SQLException {
    return new Failure(row.reason(), row.text("detail"));
  }

  /** As the audit trail tells it: what step it was, a colon, and {@link #toString}. */
  public static Failure ofTrail(String line) {
    String[] parts = line.split(": ", 3);
    return new Failure(FailureReason.valueOf(parts[1]), parts[2]);
  }

  @Override
  public String toString() {
    return reason + ": " + detail;
  }
}
