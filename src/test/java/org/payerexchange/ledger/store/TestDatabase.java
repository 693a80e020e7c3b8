package org.payerexchange.ledger.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** The databases that every ledger test runs on. */
public enum TestDatabase {
  H2 {
    @Override
    public String newUrl(Path directory) {
      return "jdbc:h2:file:" + directory.resolve("ledger").toAbsolutePath();
    }
  },
  POSTGRESQL {
    @Override
    public String newUrl(Path directory) {
      String name = "ledger_" + UUID.randomUUID().toString().replace("-", "");
      try (Connection connection = Server.POSTGRES.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE DATABASE " + name);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
      return Server.POSTGRES.getJdbcUrl("postgres", name);
    }
  };

  /**
   * The URL of an empty database; its user is {@code postgres}, its password empty.
   *
   * @param directory where an embedded database keeps its files
   */
  public abstract String newUrl(Path directory);

  /** One server for all tests of a JVM, which ends with it. */
  private static final class Server {
    private static final EmbeddedPostgres POSTGRES = start();

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
}
