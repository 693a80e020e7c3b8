package org.payerexchange.ops;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.ledger.LedgerDatabase;

/** Readiness: the ledger's database answers. */
public final class DatabaseHealth extends AbstractHealthCheck {
  private static final int SECONDS = 5;

  private final DataSource dataSource;

  /** Asks the ledger's database. */
  public DatabaseHealth(LedgerDatabase database) {
    super("payer-exchange", "database");
    this.dataSource = database.dataSource();
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    try (Connection connection = dataSource.getConnection()) {
      if (connection.isValid(SECONDS)) {
        builder.up();
      } else {
        builder.message("the database does not answer").down();
      }
    } catch (SQLException e) {
      builder.message("the database is not reachable").down();
    }
  }
}
