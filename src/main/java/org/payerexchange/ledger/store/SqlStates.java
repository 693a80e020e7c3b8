package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.util.Set;
import org.payerexchange.step.Causes;

/** What a database says of a failure in five letters (SQLSTATE). */
final class SqlStates {
  private SqlStates() {}

  /** Whether it says one of these. Of a failure that is not the database's own nothing is said. */
  static boolean isAny(Throwable failure, Set<String> states) {
    return Causes.chain(failure).stream()
        .anyMatch(
            cause ->
                cause instanceof SQLException told
                    && told.getSQLState() != null
                    && states.contains(told.getSQLState()));
  }
}
