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
  private final Map<String, Sum> byText = new ConcurrentHashMap<>();
  private final AtomicLong commits = new AtomicLong();

  /** How often, and how long in all. */
  private record Sum(AtomicLong times, AtomicLong nanos) {}

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

  /** How often each statement was made since the last call, and its ms in all, longest first. */
  List<String> byText() {
    List<String> lines =
        byText.entrySet().stream()
            .sorted(Comparator.comparing(entry -> -entry.getValue().nanos().get()))
            .map(
                entry ->
                    "%8d %8.1f %s"
                        .formatted(
                            entry.getValue().times().get(),
                            entry.getValue().nanos().get() / 1e6,
                            entry.getKey().replaceAll("\\s+", " ")))
            .toList();
    byText.clear();
    return lines;
  }

  private Object call(Object on, String sql, Method method, Object[] values)
      throws ReflectiveOperationException {
    long begin = System.nanoTime();
    Object result = method.invoke(on, values);
    if (method.getName().startsWith("execute")) {
      count(sql, result instanceof int[] batch ? batch.length : 1, System.nanoTime() - begin);
    } else if (method.getName().equals("commit")) {
      commits.incrementAndGet();
    }
    return result;
  }

  private void count(String text, int times, long nanos) {
    statements.addAndGet(times);
    Sum sum = byText.computeIfAbsent(text, first -> new Sum(new AtomicLong(), new AtomicLong()));
    sum.times().addAndGet(times);
    sum.nanos().addAndGet(nanos);
  }
}
