package org.payerexchange.ledger;

import java.sql.SQLException;
import java.time.Instant;

/**
 * An export that was delivered whole.
 *
 * @param transactionTime the instant that it reflects, as the payer wrote it, or null
 * @param kickedOffAt when it was asked for, by the ledger's clock
 * @param askedFor the {@link AskedFor#scope()} of its kick-off, or null where that was not kept
 */
public record LastExport(String transactionTime, Instant kickedOffAt, String askedFor) {
  /** Of a row of an export job. */
  public static LastExport of(Row row) throws SQLException {
    return new LastExport(
        row.text("transaction_time"), row.instant("kickoff_started_at"), row.text("asked_for"));
  }
}
