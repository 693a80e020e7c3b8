package org.payerexchange.ledger.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.payerexchange.support.MigratedLedger;

/** The databases that every ledger test runs on. */
public enum TestDatabase {
  H2 {
    @Override
    public String newUrl(Path directory) {
      return MigratedLedger.url(directory);
    }

    @Override
    String migratedUrl(Path directory) throws IOException {
      MigratedLedger.copyTo(directory, "postgres");
      return newUrl(directory);
    }
  },
  POSTGRESQL {
    @Override
    public String newUrl(Path directory) {
      return Server.create("");
    }

    @Override
    String migratedUrl(Path directory) {
      return Server.create(" TEMPLATE " + Migrated.NAME);
    }
  };

  /**
   * The URL of an empty database; its user is {@code postgres}, its password empty.
   *
   * @param directory where an embedded database keeps its files
   */
  public abstract String newUrl(Path directory);

  /** The same with a ledger without a transfer, which need not be migrated. */
  abstract String migratedUrl(Path directory) throws IOException;

  /** One server for all tests of a JVM, which ends with it. */
  private static final class Server {
    private static final EmbeddedPostgres POSTGRES = start();

    static String create(String as) {
      return create("ledger_" + UUID.randomUUID().toString().replace("-", ""), as);
    }

    static String create(String name, String as) {
      try (Connection connection = POSTGRES.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE DATABASE " + name + as);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
      return POSTGRES.getJdbcUrl("postgres", name);
    }

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder()
            .setServerConfig("fsync", "off")
            .setServerConfig("full_page_writes", "off")
            .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What others are copies of: made once, and never used. */
  private static final class Migrated {
    private static final String NAME = create();

    private static String create() {
      LedgerDatabase.open(Server.create("migrated", ""), "postgres", "", 2).close();
      return "migrated";
    }
  }
}
