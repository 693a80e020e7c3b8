package org.payerexchange.ledger.store;

import java.sql.Connection;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Copies an H2 ledger into an empty one of PostgreSQL, in one transaction. What there is to copy is
 * read from the database, so that no column of a later version is forgotten.
 */
public final class LedgerCopy {
  /** Flyway's own, which the other ledger has of its own migrations. */
  private static final String HISTORY = "flyway_schema_history";

  /** A ledger with a row in one of these is somebody's. */
  private static final List<String> IN_USE = List.of("transfer", "recurrence", "withdrawal");

  private static final int BATCH_ROWS = 1000;

  /** Records may be large. */
  private static final int BATCH_CHARACTERS = 4 * 1024 * 1024;

  private final LedgerDatabase from;
  private final LedgerDatabase to;

  /**
   * Of an H2 ledger that nobody else has open.
   *
   * @param to on PostgreSQL, of this version
   */
  public LedgerCopy(LedgerDatabase from, LedgerDatabase to) {
    this.from = from;
    this.to = to;
  }

  /**
   * What became of a table.
   *
   * @param from how many rows it has
   * @param to how many came of it
   */
  public record Count(String table, long from, long to) {
    /** Whether all rows are there. */
    public boolean same() {
      return from == to;
    }
  }

  /**
   * Copies all, and gives back what is leased. Where a table does not come to as many rows as it
   * has, the other ledger stays as empty as it was.
   *
   * @return each table
   * @throws IllegalStateException if the other ledger is in use, or has not the same columns
   */
  public List<Count> run() {
    List<Count> counts = new ArrayList<>();
    to.transition(
        () -> {
          counts.addAll(copy());
          return counts.stream().allMatch(Count::same);
        });
    return counts;
  }

  private List<Count> copy() {
    Map<String, Set<String>> tables = tables(from);
    requireColumns(tables);
    clear(tables.keySet());
    Map<String, String> ownReferences = new TreeMap<>();
    List<String> inOrder = inOrder(tables.keySet(), ownReferences);
    JdbcTemplate template = new JdbcTemplate(to.dataSource());
    template.execute(
        (Connection target) -> {
          copyRows(inOrder, tables, ownReferences, target);
          return null;
        });
    goOnBehind(tables);
    List<Count> counts =
        inOrder.stream()
            .map(table -> new Count(table, count(from, table), count(to, table)))
            .toList();
    to.endAllLeases();
    inOrder.forEach(table -> template.execute("ANALYZE " + quoted(table)));
    return counts;
  }

  /** The columns of each table, in their order. */
  static Map<String, Set<String>> tables(LedgerDatabase database) {
    Map<String, Set<String>> tables = new TreeMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = CURRENT_SCHEMA AND table_name <> ? AND table_name IN
              (SELECT table_name FROM information_schema.tables
               WHERE table_schema = CURRENT_SCHEMA AND table_type = 'BASE TABLE')
            ORDER BY table_name, ordinal_position""")
        .param(HISTORY)
        .query(
            row -> {
              tables
                  .computeIfAbsent(row.getString("table_name"), table -> new LinkedHashSet<>())
                  .add(row.getString("column_name"));
            });
    return tables;
  }

  private void requireColumns(Map<String, Set<String>> tables) {
    Map<String, Set<String>> there = tables(to);
    tables.forEach(
        (table, columns) -> {
          if (!columns.equals(there.get(table))) {
            throw new IllegalStateException(
                "the table %s has other columns there: is it of another version?".formatted(table));
          }
        });
  }

  /** Nobody else gets at the tables until the end. */
  private void clear(Set<String> tables) {
    String all = tables.stream().map(LedgerCopy::quoted).collect(Collectors.joining(", "));
    JdbcTemplate template = new JdbcTemplate(to.dataSource());
    template.execute("LOCK TABLE %s IN ACCESS EXCLUSIVE MODE".formatted(all));
    for (String table : IN_USE) {
      if (count(to, table) > 0) {
        throw new IllegalStateException("it is in use: its table %s is not empty".formatted(table));
      }
    }
    // what a look at it may have left, such as its id
    template.execute("TRUNCATE " + all);
  }

  /**
   * Each table behind those that it refers to.
   *
   * @param ownReferences gets the column by which rows of a table refer to others of it
   */
  private List<String> inOrder(Set<String> tables, Map<String, String> ownReferences) {
    Map<String, Set<String>> parents = new TreeMap<>();
    new JdbcTemplate(to.dataSource())
        .execute(
            (Connection connection) -> {
              for (String table : tables) {
                Set<String> referredTo =
                    parents.computeIfAbsent(table, child -> new LinkedHashSet<>());
                try (ResultSet keys =
                    connection.getMetaData().getImportedKeys(null, connection.getSchema(), table)) {
                  while (keys.next()) {
                    String parent = keys.getString("PKTABLE_NAME");
                    if (parent.equals(table)) {
                      ownReferences.put(table, keys.getString("FKCOLUMN_NAME"));
                    } else {
                      referredTo.add(parent);
                    }
                  }
                }
              }
              return null;
            });
    Set<String> ordered = new LinkedHashSet<>();
    while (ordered.size() < tables.size()) {
      if (!ordered.addAll(
          parents.entrySet().stream()
              .filter(table -> ordered.containsAll(table.getValue()))
              .map(Map.Entry::getKey)
              .toList())) {
        throw new IllegalStateException("tables refer to each other");
      }
    }
    return List.copyOf(ordered);
  }

  private void copyRows(
      List<String> inOrder,
      Map<String, Set<String>> tables,
      Map<String, String> ownReferences,
      Connection target)
      throws SQLException {
    try (Connection source = from.dataSource().getConnection();
        Statement setting = source.createStatement()) {
      // or H2 collects all rows of a table before the first is seen
      setting.execute("SET LAZY_QUERY_EXECUTION TRUE");
      try {
        for (String table : inOrder) {
          String own = ownReferences.get(table);
          if (own == null) {
            copyRows(table, tables.get(table), "", source, target);
          } else {
            copyRows(table, tables.get(table), quoted(own) + " IS NULL", source, target);
            copyRows(table, tables.get(table), quoted(own) + " IS NOT NULL", source, target);
          }
        }
      } finally {
        setting.execute("SET LAZY_QUERY_EXECUTION FALSE");
      }
    }
  }

  private static void copyRows(
      String table, Set<String> columns, String which, Connection source, Connection target)
      throws SQLException {
    String names = columns.stream().map(LedgerCopy::quoted).collect(Collectors.joining(", "));
    try (Statement select = source.createStatement();
        ResultSet rows =
            select.executeQuery(
                "SELECT %s FROM %s%s"
                    .formatted(names, quoted(table), which.isEmpty() ? "" : " WHERE " + which));
        PreparedStatement insert =
            target.prepareStatement(
                "INSERT INTO %s (%s) VALUES (%s)"
                    .formatted(
                        quoted(table),
                        names,
                        String.join(", ", Collections.nCopies(columns.size(), "?"))))) {
      ResultSetMetaData types = rows.getMetaData();
      int waiting = 0;
      long characters = 0;
      while (rows.next()) {
        for (int column = 1; column <= columns.size(); column++) {
          Object value = value(rows, types, column);
          insert.setObject(column, value);
          characters += value instanceof String text ? text.length() : 0;
        }
        insert.addBatch();
        waiting++;
        if (waiting == BATCH_ROWS || characters > BATCH_CHARACTERS) {
          insert.executeBatch();
          waiting = 0;
          characters = 0;
        }
      }
      insert.executeBatch();
    }
  }

  private static Object value(ResultSet rows, ResultSetMetaData types, int column)
      throws SQLException {
    return switch (types.getColumnType(column)) {
      case Types.DATE -> rows.getObject(column, LocalDate.class);
      case Types.VARCHAR,
          Types.BOOLEAN,
          Types.INTEGER,
          Types.BIGINT,
          Types.DOUBLE,
          Types.TIMESTAMP_WITH_TIMEZONE ->
          rows.getObject(column);
      default ->
          throw new IllegalStateException(
              "nobody has said how a column of the type %s is copied: %s"
                  .formatted(
                      JDBCType.valueOf(types.getColumnType(column)), types.getColumnName(column)));
    };
  }

  /** What is numbered from now on has a number that was not given before. */
  private void goOnBehind(Map<String, Set<String>> tables) {
    Map<String, Long> sequences = new LinkedHashMap<>();
    from.jdbc()
        .sql(
            """
            SELECT sequence_name, base_value FROM information_schema.sequences
            WHERE sequence_schema = CURRENT_SCHEMA""")
        .query(
            row -> {
              sequences.put(row.getString("sequence_name"), row.getLong("base_value"));
            });
    sequences.forEach(
        (sequence, next) ->
            set("SELECT setval(CAST(? AS regclass), ?, FALSE)", quoted(sequence), next));
    from
        .jdbc()
        .sql(
            """
            SELECT table_name, column_name, identity_base FROM information_schema.columns
            WHERE table_schema = CURRENT_SCHEMA AND is_identity = 'YES'""")
        .query((row, at) -> List.of(row.getString(1), row.getString(2), row.getLong(3)))
        .list()
        .stream()
        .filter(identity -> tables.containsKey((String) identity.get(0)))
        .forEach(
            identity -> {
              String table = quoted((String) identity.get(0));
              String column = (String) identity.get(1);
              set(
                  """
                  SELECT setval(pg_get_serial_sequence(?, ?),
                    GREATEST(?, (SELECT COALESCE(MAX(%s), 0) + 1 FROM %s)), FALSE)"""
                      .formatted(quoted(column), table),
                  table,
                  column,
                  identity.get(2));
            });
  }

  private void set(String sql, Object... values) {
    to.jdbc().sql(sql).params(values).query(Long.class).single();
  }

  private static long count(LedgerDatabase database, String table) {
    return database.jdbc().sql("SELECT COUNT(*) FROM " + quoted(table)).query(Long.class).single();
  }

  private static String quoted(String name) {
    return '"' + name + '"';
  }
}
