package org.payerexchange.ledger.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs the tests of a class on an empty ledger each, on every {@link TestDatabase}. */
@ParameterizedClass(name = "{0}")
@EnumSource(TestDatabase.class)
abstract class LedgerTest {
  @Parameter TestDatabase kind;
  @TempDir Path directory;
  String url;
  LedgerDatabase database;
  Node node;

  @BeforeEach
  void openLedger() throws IOException {
    url = kind.migratedUrl(directory);
    database = LedgerDatabase.open(url, "postgres", "", 8);
    node = node("node-1", Duration.ofMinutes(5));
  }

  @AfterEach
  void closeLedger() {
    database.close();
  }

  /** How many changes wait for a lock of PostgreSQL. */
  long waiting() {
    return database
        .jdbc()
        .sql(
            """
            SELECT COUNT(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'""")
        .query(Long.class)
        .single();
  }

  /** Another node on the same database. */
  Node node(String name, Duration lease) {
    return new Node(database, name, lease);
  }
}
