package org.payerexchange.support;

import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/**
 * What a ledger asks of its database's driver. It gets between the pool and the driver by
 * reflection, so that the code that is looked at does not know of it.
 */
public final class DriverCalls {
  private static final List<Class<?>> WATCHED =
      List.of(DataSource.class, Connection.class, PreparedStatement.class, Statement.class);

  private final Around around;

  /** Makes a call of the driver, and what else is to be done. */
  public interface Around {
    /**
     * Answers what the method answers.
     *
     * @param sql the statement's, where it is known; or null
     */
    Object call(Object on, String sql, Method method, Object[] values)
        throws ReflectiveOperationException, SQLException;
  }

  private DriverCalls(Around around) {
    this.around = around;
  }

  /**
   * Watches from now on.
   *
   * @param ledger a Hikari pool, or what has one in its field {@code pool}
   */
  public static void watch(DataSource ledger, Around around)
      throws ReflectiveOperationException, SQLException {
    HikariDataSource connections =
        (HikariDataSource)
            (ledger instanceof HikariDataSource ? ledger : field(ledger, "pool").get(ledger));
    Object pool = field(connections, "pool").get(connections);
    Field driver = field(pool, "dataSource");
    driver.set(pool, new DriverCalls(around).watched(driver.get(pool), null));
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

  private Object watched(Object object, String sql) {
    for (Class<?> type : WATCHED) {
      if (type.isInstance(object)) {
        return Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, values) -> call(object, sql, method, values));
      }
    }
    return object;
  }

  private Object call(Object object, String sql, Method method, Object[] values) throws Throwable {
    String text = values != null && values[0] instanceof String given ? given : sql;
    try {
      return watched(around.call(object, text, method, values), text);
    } catch (InvocationTargetException failed) {
      throw failed.getCause();
    }
  }
}
