package org.payerexchange.ledger;

import java.sql.SQLException;

/**
 * How the due rows of one stage become claims.
 *
 * @param more columns of what is joined, each after a comma
 * @param joins to the row, which is called {@code claimed}
 * @param mapper reads the row with {@code next_token}, the claim's lease token
 */
record ClaimQuery<C extends Claim>(String more, String joins, Mapper<C> mapper) {

  /** All that the claim needs stands in the row. */
  ClaimQuery(Mapper<C> mapper) {
    this("", "", mapper);
  }

  /** Reads one claim. */
  interface Mapper<C> {
    C map(Row row) throws SQLException;
  }
}
