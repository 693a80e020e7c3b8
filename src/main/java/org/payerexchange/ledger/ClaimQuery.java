package org.payerexchange.ledger;

import java.sql.SQLException;
import java.util.List;
import org.payerexchange.step.Claim;

/**
 * How the due rows of one stage become claims.
 *
 * @param more columns of what is joined, each after a comma
 * @param joins to the row, which is called {@code claimed}
 * @param only which of the due rows, as a condition that begins with AND
 * @param values the condition's
 * @param mapper reads the row with {@code next_token}, the claim's lease token
 */
record ClaimQuery<C extends Claim>(
    String more, String joins, String only, List<?> values, Mapper<C> mapper) {

  /** All due rows; all that the claim needs stands in them. */
  ClaimQuery(Mapper<C> mapper) {
    this("", "", mapper);
  }

  /** All due rows. */
  ClaimQuery(String more, String joins, Mapper<C> mapper) {
    this(more, joins, "", List.of(), mapper);
  }

  /** Some of the due rows. */
  ClaimQuery<C> only(String condition, List<?> itsValues) {
    return new ClaimQuery<>(more, joins, condition, itsValues, mapper);
  }

  /** The same rows, with a further condition without values. */
  ClaimQuery<C> and(String condition) {
    return new ClaimQuery<>(more, joins, only + " " + condition, values, mapper);
  }

  /** Reads one claim. */
  interface Mapper<C> {
    C map(Row row) throws SQLException;
  }
}
