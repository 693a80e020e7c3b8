package org.payerexchange.ledger;

import java.sql.SQLException;

/**
 * What a file had been when it was last stored; nothing else changes it while its download is in
 * hand.
 *
 * @param sha256 of its content, or null where there was none
 * @param content how many contents it has had
 * @param turn in which order sinks take it, or null where that is given when it is stored
 * @param warnings how many it had
 */
public record StoredBefore(String sha256, int content, Long turn, int warnings) {
  /** Of a row of an output file. */
  public static StoredBefore of(Row row) throws SQLException {
    return new StoredBefore(
        row.text("sha256"), row.number("content"), row.bigOrNull("turn"), row.warnings().size());
  }
}
