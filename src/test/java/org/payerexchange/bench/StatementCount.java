package org.payerexchange.bench;

import java.lang.reflect.Method;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.payerexchange.support.DriverCalls;

/**
 * Counts what a ledger has its database do: statements, each row of a batch as one, and commits.
 */
final class StatementCount {
  private final AtomicLong statements = new AtomicLong();
  private final Map<String, AtomicLong> byText = new ConcurrentHashMap<>();
  private final AtomicLong commits = new AtomicLong();

  /** Counts from now on. */
  StatementCount(DataSource ledger) throws ReflectiveOperationException, SQLException {
    DriverCalls.watch(ledger, this::call);
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

  private Object call(Object on, String sql, Method method, Object[] values)
      throws ReflectiveOperationException {
    Object result = method.invoke(on, values);
    if (method.getName().startsWith("execute")) {
      count(sql, result instanceof int[] batch ? batch.length : 1);
    } else if (method.getName().equals("commit")) {
      commits.incrementAndGet();
    }
    return result;
  }

  private void count(String text, int times) {
    statements.addAndGet(times);
    byText.computeIfAbsent(text, first -> new AtomicLong()).addAndGet(times);
  }
}
