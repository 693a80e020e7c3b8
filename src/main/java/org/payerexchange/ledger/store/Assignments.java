package org.payerexchange.ledger.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What an UPDATE sets. */
final class Assignments {
  private final List<String> texts = new ArrayList<>();
  private final List<Object> values = new ArrayList<>();

  /** Sets a column to a value, or to NULL. */
  void set(String column, Object value) {
    if (value == null) {
      add(column + " = NULL");
    } else {
      add(column + " = ?", value);
    }
  }

  /** An assignment with the values of its parameters. */
  void add(String assignment, Object... itsValues) {
    texts.add(assignment);
    values.addAll(Arrays.asList(itsValues));
  }

  boolean isEmpty() {
    return texts.isEmpty();
  }

  /** How many rows a condition lets it change. */
  int update(LedgerDatabase database, String table, String where, List<?> itsValues) {
    List<Object> all = new ArrayList<>(values);
    all.addAll(itsValues);
    return database
        .jdbc()
        .sql("UPDATE %s SET %s WHERE %s".formatted(table, String.join(", ", texts), where))
        .params(all)
        .update();
  }
}
