package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class LedgerMigrationsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** That of 0.1.0. */
  private static final String RELEASED = "14";

  /** Whom a migration that waits for a lock has behind it. */
  private static final String WAITING =
      """
      SELECT COUNT(*) FROM pg_locks JOIN pg_database base ON base.oid = database
      WHERE datname = current_database() AND NOT granted AND mode = 'AccessExclusiveLock'""";

  @Test
  void allMigrationsInTheFolderAreListed() throws IOException, URISyntaxException {
    Path folder =
        Path.of(LedgerMigrations.class.getResource("/" + LedgerMigrations.FOLDER).toURI());
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(
              files
                  .filter(Files::isRegularFile)
                  .map(file -> folder.relativize(file).toString().replace('\\', '/')))
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(LedgerMigrations.H2.stream(), LedgerMigrations.POSTGRESQL.stream())
                  .distinct()
                  .toList());
    }
  }

  @Test
  void nodesGoOnWhileAnUpgradeWaitsForABackupAndItIsMadeOnceTheBackupHasEnded() throws Exception {
    String url = released();
    JdbcTemplate node = new JdbcTemplate(to(url));
    node.execute("INSERT INTO payer_gate (payer) VALUES ('bison')");
    try (Connection backup = to(url).getConnection();
        Statement locks = backup.createStatement()) {
      backup.setAutoCommit(false);
      // as pg_dump does with all tables
      locks.execute("LOCK TABLE payer_gate IN ACCESS SHARE MODE");

      CompletableFuture<LedgerDatabase> start =
          CompletableFuture.supplyAsync(() -> LedgerDatabase.open(url, "postgres", "", 2));
      await().atMost(PATIENCE).until(() -> count(node, WAITING) > 0);
      node.setQueryTimeout(60);
      assertThat(node.queryForList("SELECT payer FROM payer_gate FOR UPDATE")).hasSize(1);
      assertThat(start).as("the backup goes on").isNotDone();
      backup.commit();

      start.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).close();
    }
    assertThat(LedgerMigrations.flyway(to(url), false).load().info().pending()).isEmpty();
  }

  @Test
  void aStepOfTheSchemaSinceTheLastReleaseLocksOneTableThatWasThereBefore() throws Exception {
    String url = released();
    LockedByEach locked =
        new LockedByEach(
            new JdbcTemplate(to(url))
                .queryForList(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'", String.class));
    Flyway flyway = LedgerMigrations.flyway(to(url), false).callbacks(locked).load();
    List<String> pending =
        Stream.of(flyway.info().pending()).map(MigrationInfo::getScript).toList();

    flyway.migrate();

    assertThat(locked.by.keySet()).containsExactlyElementsOf(pending);
    assertThat(locked.by).allSatisfy((step, tables) -> assertThat(tables).hasSize(1));
  }

  /**
   * PostgreSQL refuses such a statement, which a node has prepared, once there is another column.
   */
  @Test
  void whatANodeOfTheLastReleaseSelectsWholeInItsCommitsGetsNoColumn() {
    JdbcTemplate ledger = new JdbcTemplate(to(released()));
    String columns =
        """
        SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_name IN ('transfer', 'export_job', 'output_file', 'delivery', 'recurrence')""";
    List<String> before = ledger.queryForList(columns, String.class);

    LedgerMigrations.flyway(ledger.getDataSource(), false).load().migrate();

    assertThat(ledger.queryForList(columns, String.class))
        .containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  void aNodeWaitsForAnotherThatBringsTheSchemaUpToDateHoweverLongItTakes() {
    assertThat(
            LedgerMigrations.flyway(to("jdbc:postgresql://localhost/none"), false)
                .getLockRetryCount())
        .isEqualTo(-1);
  }

  private static String released() {
    String url = TestDatabase.POSTGRESQL.newUrl(null);
    LedgerMigrations.flyway(to(url), false).target(RELEASED).load().migrate();
    return url;
  }

  private static DriverManagerDataSource to(String url) {
    return new DriverManagerDataSource(url, "postgres", "");
  }

  private static int count(JdbcTemplate database, String sql) {
    return database.queryForObject(sql, Integer.class);
  }

  /** What of these each step has locked at its end so that a node that writes there waits. */
  private static final class LockedByEach extends BaseCallback {
    private final List<String> tables;
    private final Map<String, List<String>> by = new LinkedHashMap<>();

    LockedByEach(List<String> tables) {
      this.tables = tables;
    }

    @Override
    public boolean supports(Event event, Context context) {
      return event == Event.AFTER_EACH_MIGRATE;
    }

    @Override
    public void handle(Event event, Context context) {
      List<String> locked =
          new JdbcTemplate(new SingleConnectionDataSource(context.getConnection(), true))
              .queryForList(
                  """
                  SELECT DISTINCT relname FROM pg_locks JOIN pg_class ON pg_class.oid = relation
                  WHERE pid = pg_backend_pid() AND relkind = 'r' AND relname <> 'flyway_schema_history'
                    AND relnamespace = 'public'::regnamespace
                    AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')""",
                  String.class);
      by.put(
          context.getMigrationInfo().getScript(),
          locked.stream().filter(tables::contains).toList());
    }
  }
}
