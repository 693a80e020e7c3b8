package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.TransactionSystemException;

class DatabaseAwayTest {
  @Test
  void noConnectionAndABrokenOneAreADatabaseThatIsAway() {
    assertThat(
            new Throwable[] {
              new CannotGetJdbcConnectionException(
                  "none", new SQLTransientConnectionException("none within 10 s")),
              new DataAccessResourceFailureException("broken", new SQLException("x", "08006")),
              new RuntimeException(new SQLException("it is stopped", "57P01")),
              new TransactionSystemException("rollback", new SQLException("Connection is closed"))
            })
        .allMatch(DatabaseAway::isWhy);
  }

  @Test
  void whatADatabaseRefusesAndWhatIsNotOfItAreNone() {
    assertThat(
            new Throwable[] {
              new DataIntegrityViolationException("twice", new SQLException("x", "23505")),
              new RuntimeException(new SQLException("no such column", "42703")),
              new RuntimeException(new SQLException()),
              new java.net.ConnectException("a payer")
            })
        .noneMatch(DatabaseAway::isWhy);
    assertThat(DatabaseAway.isWhy(null)).isFalse();
  }
}
