package org.payerexchange.bench;

import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/**
 * Counts what a ledger has its database do: statements, each row of a batch as one, and commits. It
 * gets between the pool and the driver by reflection, so that the code that is measured does not
 * know of it.
 */
final class StatementCount {
  private static final List<Class<?>> COUNTED =
      List.of(DataSource.class, Connection.class, PreparedStatement.class, Statement.class);

  private final AtomicLong statements = new AtomicLong();
  private final Map<String, AtomicLong> byText = new ConcurrentHashMap<>();
  private final AtomicLong commits = new AtomicLong();

  /**
   * Counts from now on.
   *
   * @param ledger a Hikari pool, or what has one in its field {@code pool}
   */
  StatementCount(DataSource ledger) throws ReflectiveOperationException, SQLException {
    HikariDataSource connections =
        (HikariDataSource)
            (ledger instanceof HikariDataSource ? ledger : field(ledger, "pool").get(ledger));
    Object pool = field(connections, "pool").get(connections);
    Field driver = field(pool, "dataSource");
    driver.set(pool, counted(driver.get(pool), null));
    // H2 closes its file with the last connection
    try (Connection before = connections.getConnection()) {
      connections.getHikariPoolMXBean().softEvictConnections();
      connections.getConnection().close();
    }
  }

  private static Field field(Object of, String name) throws NoSuchFieldException {
    for (Class<?> type = of.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getName().equals(name)) {
          field.setAccessible(true);
          return field;
        }
      }
    }
    throw new NoSuchFieldException(of.getClass() + "." + name);
  }

  /** Statements since the last call. */
  long statements() {
    return statements.getAndSet(0);
  }

  /** Commits since the last call. */
  long commits() {
    return commits.getAndSet(0);
  }

  /** How often each statement was made since the last call, the most frequent first. */
  List<String> byText() {
    List<String> lines =
        byText.entrySet().stream()
            .sorted(Comparator.comparing(entry -> -entry.getValue().get()))
            .map(
                entry ->
                    "%8d %s"
                        .formatted(entry.getValue().get(), entry.getKey().replaceAll("\\s+", " ")))
            .toList();
    byText.clear();
    return lines;
  }

  private Object counted(Object object, String sql) {
    return COUNTED.stream()
        .filter(type -> type.isInstance(object))
        .findFirst()
        .map(
            type ->
                Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {type},
                    (proxy, method, values) -> call(object, sql, method, values)))
        .orElse(object);
  }

  private Object call(Object object, String sql, Method method, Object[] values) throws Throwable {
    String text = values != null && values[0] instanceof String given ? given : sql;
    try {
      Object result = method.invoke(object, values);
      if (method.getName().startsWith("execute")) {
        count(text, result instanceof int[] batch ? batch.length : 1);
      } else if (method.getName().equals("commit")) {
        commits.incrementAndGet();
      }
      return counted(result, text);
    } catch (InvocationTargetException failed) {
      throw failed.getCause();
    }
  }

  private void count(String text, int times) {
    statements.addAndGet(times);
    byText.computeIfAbsent(text, first -> new AtomicLong()).addAndGet(times);
  }
}
