package org.payerexchange.ledger.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.payerexchange.support.DriverCalls;

/**
 * Has the database explain, by running it, each statement of a transaction right before it is run,
 * and undoes that.
 */
final class ExplainedStatements {
  private static final Pattern ROWS_OF_H2 = Pattern.compile("scanCount: (\\d+)");
  private static final Pattern ROWS_OF_POSTGRESQL =
      Pattern.compile(
          "(?:Seq|Index|Index Only|Bitmap Heap) Scan .*rows=(\\d+)\\S* loops=(\\d+)|Rows Removed by [\\w ]+: (\\d+)");

  private final IdentityHashMap<Object, Prepared> prepared = new IdentityHashMap<>();
  private Map<String, Explained> explained = new LinkedHashMap<>();
  private boolean on;

  /** Of this ledger. */
  ExplainedStatements(LedgerDatabase database) throws ReflectiveOperationException, SQLException {
    DriverCalls.watch(database.dataSource(), this::call);
  }

  /** Explains what some work does, by statement, in the order of their first run. */
  synchronized Map<String, Explained> of(Runnable work) {
    explained = new LinkedHashMap<>();
    on = true;
    work.run();
    on = false;
    return explained;
  }

  private Object call(Object on, String sql, Method method, Object[] values)
      throws ReflectiveOperationException, SQLException {
    String name = method.getName();
    Prepared statement = prepared.get(on);
    if (statement != null && name.startsWith("set") && values[0] instanceof Integer) {
      statement.values().add(new Value(method, Arrays.asList(values)));
    } else if (statement != null && name.equals("addBatch")) {
      explain(statement);
    } else if (statement != null && name.startsWith("execute") && !name.equals("executeBatch")) {
      explain(statement);
    }
    Object result = method.invoke(on, values);
    if (name.equals("prepareStatement")) {
      prepared.put(result, new Prepared((Connection) on, sql, new ArrayList<>()));
    }
    return result;
  }

  private void explain(Prepared statement) throws ReflectiveOperationException, SQLException {
    if (on && !statement.connection().getAutoCommit()) {
      Savepoint before = statement.connection().setSavepoint();
      try (PreparedStatement explain =
          statement.connection().prepareStatement("EXPLAIN ANALYZE " + statement.sql())) {
        for (Value value : statement.values()) {
          value.setter().invoke(explain, value.values().toArray());
        }
        explained.merge(statement.sql(), Explained.of(read(explain)), Explained::plus);
      } catch (InvocationTargetException e) {
        throw new SQLException(e.getCause());
      }
      statement.connection().rollback(before);
    }
    statement.values().clear();
  }

  private static String read(PreparedStatement explain) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (ResultSet plan = explain.executeQuery()) {
      while (plan.next()) {
        lines.add(plan.getString(1));
      }
    }
    return String.join("\n", lines);
  }

  private record Prepared(Connection connection, String sql, List<Value> values) {}

  private record Value(Method setter, List<Object> values) {}

  /**
   * How a statement was run.
   *
   * @param times how often
   * @param rows how many rows of all tables were read, in all
   * @param plan of the last time
   */
  record Explained(int times, long rows, String plan) {
    private static Explained of(String plan) {
      long rows = 0;
      Matcher h2 = ROWS_OF_H2.matcher(plan);
      while (h2.find()) {
        rows += Long.parseLong(h2.group(1));
      }
      Matcher postgresql = ROWS_OF_POSTGRESQL.matcher(plan);
      while (postgresql.find()) {
        rows +=
            postgresql.group(3) == null
                ? Long.parseLong(postgresql.group(1)) * Long.parseLong(postgresql.group(2))
                : Long.parseLong(postgresql.group(3));
      }
      return new Explained(1, rows, plan);
    }

    private Explained plus(Explained next) {
      return new Explained(times + next.times, rows + next.rows, next.plan);
    }

    /** Whether all rows of the table of steps were read. */
    boolean readsAllSteps() {
      return plan.contains("Seq Scan on step") || plan.matches("(?si).*step\\.tableScan.*");
    }
  }
}
