package org.payerexchange.ledger.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** The ledger's connections, which can all be given up for new ones. */
final class LedgerPool extends AbstractDataSource implements AutoCloseable {
  private final HikariConfig config;
  private volatile HikariDataSource pool;

  /**
   * Connects.
   *
   * @throws RuntimeException if the database cannot be reached
   */
  LedgerPool(HikariConfig config) {
    this.config = config;
    this.pool = new HikariDataSource(config);
  }

  /**
   * Closes every connection, those in use as well, and connects anew.
   *
   * @param between runs while there is no connection
   * @throws RuntimeException if the database cannot be reached; until it is, there is no connection
   */
  void reopen(Runnable between) {
    pool.close();
    between.run();
    pool = new HikariDataSource(config);
  }

  /** Shows in a registry what becomes of the connections, of those to come as well. */
  void measure(MeterRegistry meters) {
    config.setMetricRegistry(meters);
    pool.setMetricRegistry(meters);
  }

  @Override
  public Connection getConnection() throws SQLException {
    return pool.getConnection();
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return pool.getConnection(user, password);
  }

  @Override
  public void close() {
    pool.close();
  }
}
