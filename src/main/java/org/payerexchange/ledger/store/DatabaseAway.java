package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import org.payerexchange.step.Causes;

/** Tells whether something failed because the ledger's database is away, and for nothing else. */
public final class DatabaseAway {
  /** What the pool says, without a state, of a connection that broke before. */
  private static final String CLOSED = "Connection is closed";

  private DatabaseAway() {}

  /** Whether there was no connection, or it broke. */
  public static boolean isWhy(Throwable failure) {
    return Causes.chain(failure).stream().anyMatch(DatabaseAway::isOfTheConnection);
  }

  private static boolean isOfTheConnection(Throwable cause) {
    return cause instanceof SQLTransientConnectionException
        || cause instanceof SQLNonTransientConnectionException
        || (cause instanceof SQLException told
            && (isOfTheConnection(told.getSQLState()) || CLOSED.equals(told.getMessage())));
  }

  /** Connections in general, and a server that is being stopped or started. */
  private static boolean isOfTheConnection(String state) {
    return state != null && (state.startsWith("08") || state.startsWith("57P"));
  }
}
