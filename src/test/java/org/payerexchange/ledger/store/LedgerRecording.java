package org.payerexchange.ledger.store;

import com.google.common.collect.Sets;
import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Schema and rows of a ledger as a version left them, in a folder: the hashes of its migrations,
 * which a release never changes, and a file of plain SQL, one statement a line, that both take.
 * Times are moved when it is loaded, as if it had been recorded a moment ago.
 */
public final class LedgerRecording {
  private static final String ROWS = "rows.sql";
  private static final String MIGRATIONS = "migrations.txt";
  private static final String RECORDED = "-- recorded at ";
  private static final Pattern TIME = Pattern.compile("TIMESTAMP WITH TIME ZONE '([^']+)'");
  private static final String LINE_FEED = "' || CHR(10) || '";

  private final Path folder;

  public LedgerRecording(Path folder) {
    this.folder = folder;
  }

  /** Records an H2 ledger that may be in use. */
  public void write(DataSource ledger) throws IOException, SQLException {
    Files.write(folder.resolve(MIGRATIONS), hashes(Integer.MAX_VALUE));
    List<String> lines = new ArrayList<>();
    lines.add(RECORDED + Instant.now());
    try (Connection connection = ledger.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT");
      for (Map.Entry<String, Set<String>> table : tables(connection).entrySet()) {
        lines.addAll(rows(statement, table.getKey(), table.getValue()));
      }
      lines.addAll(numbers(statement));
      connection.rollback();
      statement.execute(
          "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED");
    }
    Files.write(folder.resolve(ROWS), lines);
  }

  /** The tables that it has no row of. */
  public Set<String> empty() throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve(ROWS))) {
      return lines
          .filter(line -> line.startsWith("-- none in "))
          .map(line -> line.substring("-- none in ".length()))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /** Makes the ledger of it in an empty database, as its version would have left it there. */
  public void load(TestDatabase database, String url) throws IOException {
    DriverManagerDataSource there =
        new DriverManagerDataSource(asTheLedgerOpensIt(database, url), "postgres", "");
    List<String> recorded = Files.readAllLines(folder.resolve(MIGRATIONS));
    int last = recorded.stream().mapToInt(LedgerRecording::version).max().orElseThrow();
    if (!hashes(last).equals(recorded)) {
      throw new IllegalStateException("a migration is not what it was in the release");
    }
    LedgerMigrations.flyway(there, database == TestDatabase.H2)
        .target(String.valueOf(last))
        .load()
        .migrate();
    List<String> lines = Files.readAllLines(folder.resolve(ROWS));
    Duration age =
        Duration.between(Instant.parse(lines.get(0).substring(RECORDED.length())), Instant.now());
    SingleConnectionDataSource one =
        new SingleConnectionDataSource(asTheLedgerOpensIt(database, url), "postgres", "", false);
    try {
      JdbcTemplate template = new JdbcTemplate(one);
      template.execute(
          database == TestDatabase.H2
              ? "SET REFERENTIAL_INTEGRITY FALSE"
              : "SET session_replication_role = replica");
      // what migrations themselves have put there
      template.execute("DELETE FROM ledger_probe");
      lines.stream()
          .filter(line -> !line.startsWith("--"))
          .forEach(line -> template.execute(moved(line, age)));
      if (database == TestDatabase.H2) {
        template.execute("SET REFERENTIAL_INTEGRITY TRUE");
      }
    } finally {
      one.destroy();
    }
  }

  /**
   * All rows of all tables that there are, each with its columns' names.
   *
   * @param known only these tables and columns
   */
  public static Map<String, List<String>> contents(
      TestDatabase database, String url, Map<String, Set<String>> known) {
    try (Connection connection =
            new DriverManagerDataSource(asTheLedgerOpensIt(database, url), "postgres", "")
                .getConnection();
        Statement statement = connection.createStatement()) {
      Map<String, List<String>> contents = new TreeMap<>();
      for (Map.Entry<String, Set<String>> table : known.entrySet()) {
        contents.put(table.getKey(), rows(statement, table.getKey(), table.getValue()));
      }
      return contents;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The columns of each table. */
  public static Map<String, Set<String>> tables(TestDatabase database, String url) {
    try (Connection connection =
        new DriverManagerDataSource(asTheLedgerOpensIt(database, url), "postgres", "")
            .getConnection()) {
      return tables(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Set<String>> tables(Connection connection) throws SQLException {
    Map<String, Set<String>> tables = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet columns =
            statement.executeQuery(
                """
                SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = CURRENT_SCHEMA AND table_name <> 'flyway_schema_history'
                ORDER BY table_name, column_name""")) {
      while (columns.next()) {
        tables
            .computeIfAbsent(columns.getString(1), table -> new TreeSet<>())
            .add(columns.getString(2));
      }
    }
    return tables;
  }

  private static List<String> rows(Statement statement, String table, Set<String> columns)
      throws SQLException {
    String names = String.join(", ", columns);
    List<String> rows = new ArrayList<>();
    try (ResultSet found = statement.executeQuery("SELECT %s FROM %s".formatted(names, table))) {
      while (found.next()) {
        List<String> values = new ArrayList<>();
        for (int column = 1; column <= columns.size(); column++) {
          values.add(literal(found, column));
        }
        rows.add(
            "INSERT INTO %s (%s) VALUES (%s);".formatted(table, names, String.join(", ", values)));
      }
    }
    rows.sort(null);
    return rows.isEmpty() ? List.of("-- none in " + table) : rows;
  }

  private static String literal(ResultSet row, int column) throws SQLException {
    Object value = row.getObject(column);
    if (value == null) {
      return "NULL";
    }
    if (value instanceof OffsetDateTime || value instanceof java.sql.Timestamp) {
      return "TIMESTAMP WITH TIME ZONE '%s'"
          .formatted(row.getObject(column, OffsetDateTime.class).toInstant());
    }
    if (value instanceof java.sql.Date || value instanceof LocalDate) {
      return "DATE '%s'".formatted(row.getObject(column, LocalDate.class));
    }
    if (value instanceof String text) {
      if (row.getMetaData().getColumnName(column).equals("lease_owner")) {
        // the host's name is nobody's business
        return "'node-%s'".formatted(text.substring(text.lastIndexOf('-') + 1));
      }
      return "'%s'".formatted(text.replace("'", "''").replace("\n", LINE_FEED));
    }
    if (value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    throw new IllegalStateException("nobody has said how this is written: " + value.getClass());
  }

  /** What is numbered from now on has a number that was not given before. */
  private static List<String> numbers(Statement statement) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (ResultSet sequences =
        statement.executeQuery(
            """
            SELECT sequence_name, base_value FROM information_schema.sequences
            WHERE sequence_schema = CURRENT_SCHEMA""")) {
      while (sequences.next()) {
        lines.add(
            "ALTER SEQUENCE %s RESTART WITH %d;"
                .formatted(sequences.getString(1), sequences.getLong(2)));
      }
    }
    try (ResultSet identities =
        statement.executeQuery(
            """
            SELECT table_name, column_name, identity_base FROM information_schema.columns
            WHERE table_schema = CURRENT_SCHEMA AND is_identity = 'YES'""")) {
      while (identities.next()) {
        lines.add(
            "ALTER TABLE %s ALTER COLUMN %s RESTART WITH %d;"
                .formatted(
                    identities.getString(1), identities.getString(2), identities.getLong(3)));
      }
    }
    lines.sort(null);
    return lines;
  }

  /** Of the migrations up to a version, for H2 and PostgreSQL, each with its name. */
  private static List<String> hashes(int version) throws IOException {
    List<String> hashes = new ArrayList<>();
    for (String name :
        new TreeSet<>(
            Sets.union(Set.copyOf(LedgerMigrations.H2), Set.copyOf(LedgerMigrations.POSTGRESQL)))) {
      if (version(name) <= version) {
        URL migration = LedgerMigrations.class.getResource("/" + LedgerMigrations.FOLDER + name);
        hashes.add(Resources.asByteSource(migration).hash(Hashing.sha256()) + " " + name);
      }
    }
    return hashes;
  }

  private static int version(String migration) {
    return Integer.parseInt(migration.replaceFirst(".*V(\\d+)__.*", "$1"));
  }

  private static String moved(String line, Duration by) {
    return TIME.matcher(line)
        .replaceAll(
            time ->
                "TIMESTAMP WITH TIME ZONE '%s'".formatted(Instant.parse(time.group(1)).plus(by)));
  }

  private static String asTheLedgerOpensIt(TestDatabase database, String url) {
    return database == TestDatabase.H2
        ? url + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
        : url;
  }
}
