package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** How long a PostgreSQL may be silent, and a connection stand still in a transaction. */
class LedgerConnectorTest {
  @TempDir Path folder;

  @Test
  void aSilentDatabaseIsGivenUpWhileANodeWorks() throws SQLException {
    try (LedgerPool pool = connector().connect();
        Connection connection = pool.getConnection()) {
      assertThat(connection.getNetworkTimeout()).isEqualTo(LedgerDatabase.SILENCE.toMillis());
      assertThat(standstill(pool)).isEqualTo("1min");
    }
  }

  @Test
  void aStepOfTheSchemaMayTakeAnyTimeWhileFlywaysLockIsHeldInATransaction() throws SQLException {
    try (LedgerPool pool = connector().connectToMigrate();
        Connection connection = pool.getConnection()) {
      assertThat(connection.getNetworkTimeout()).isZero();
      assertThat(standstill(pool)).isEqualTo("0");
    }
  }

  @Test
  void theSchemaIsBroughtUpToDateBySuchAConnection() {
    String url = TestDatabase.POSTGRESQL.newUrl(folder);
    JdbcTemplate own = new JdbcTemplate(new DriverManagerDataSource(url, "postgres", ""));
    own.execute("CREATE SCHEMA seen");
    own.execute("CREATE TABLE seen.standstill (value TEXT)");
    own.execute(
        """
        CREATE FUNCTION seen.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO seen.standstill
          VALUES (current_setting('idle_in_transaction_session_timeout'));
        END $$""");
    own.execute("CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION seen.note()");

    LedgerDatabase.open(url, "postgres", "", 2).close();

    assertThat(own.queryForList("SELECT DISTINCT value FROM seen.standstill", String.class))
        .containsExactly("0");
  }

  private LedgerConnector connector() {
    return new LedgerConnector(TestDatabase.POSTGRESQL.newUrl(folder), "postgres", "", 2, true);
  }

  private static String standstill(LedgerPool pool) {
    return new JdbcTemplate(pool)
        .queryForObject("SHOW idle_in_transaction_session_timeout", String.class);
  }
}
