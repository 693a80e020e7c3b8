package org.payerexchange.ledger.store;

import java.util.HashMap;
import java.util.Map;

/**
 * How often in a row steps, files and messages were in the hands of a process when it ended without
 * giving them back, or held them for longer than it may. What comes to {@link #SUSPECT} is taken
 * alone from then on; what comes to {@link #GUILTY}, while it was alone, is given up: it would end
 * one process after the other. Whatever else becomes of it, it is forgotten.
 */
public final class LostEnds {
  /** The kind of steps. */
  static final String STEP = "step";

  /** From so many on it is taken alone. */
  public static final int SUSPECT = 2;

  /** With so many it is given up. */
  public static final int GUILTY = 3;

  /** In words. */
  public static final String WORDS =
      "ended the process, or held it up, %s times in a row, at last alone".formatted(GUILTY);

  private static final String ONE_MORE =
      """
      UPDATE lost_end SET ends = CASE WHEN ends >= 2 AND NOT alone THEN ends ELSE ends + 1 END,
        alone = FALSE, at = CURRENT_TIMESTAMP
      WHERE kind = ? AND item%s""";

  private final LedgerDatabase database;

  /** Of this ledger. */
  LostEnds(LedgerDatabase database) {
    this.database = database;
  }

  /**
   * Counts one more; within the caller's transaction.
   *
   * @param kind {@code step}, {@code file} or {@code message}
   * @return how many there are
   */
  int count(String kind, String item) {
    if (database.update(ONE_MORE.formatted(" = ?"), kind, item) == 0) {
      database.update(
          """
              INSERT INTO lost_end (kind, item, ends, alone, at)
              VALUES (?, ?, 1, FALSE, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING""",
          kind,
          item);
      database.update("DELETE FROM lost_end WHERE at < CURRENT_TIMESTAMP - INTERVAL '30' DAY");
    }
    return of(kind, item);
  }

  /** The same for all steps that are leased. */
  void countLeased() {
    String leased = "SELECT CAST(id AS VARCHAR) AS item FROM step WHERE " + LedgerDatabase.LEASED;
    database.update(ONE_MORE.formatted(" IN (" + leased + ")"), STEP);
    database.update(
        """
            INSERT INTO lost_end (kind, item, ends, alone, at)
            SELECT 'step', item, 1, FALSE, CURRENT_TIMESTAMP
            FROM (%s) leased WHERE item NOT IN (SELECT item FROM lost_end WHERE kind = 'step')"""
            .formatted(leased));
  }

  /** How many there are. */
  int of(String kind, String item) {
    return database
        .jdbc()
        .sql("SELECT ends FROM lost_end WHERE kind = ? AND item = ?")
        .params(kind, item)
        .query(Integer.class)
        .optional()
        .orElse(0);
  }

  /** All of a kind, by item. */
  Map<String, Integer> all(String kind) {
    Map<String, Integer> all = new HashMap<>();
    database
        .jdbc()
        .sql(
            """
            SELECT item, ends FROM lost_end WHERE kind = ? AND (kind <> 'step' OR EXISTS (SELECT 1
              FROM step WHERE step.id =
                CASE WHEN lost_end.kind = 'step' THEN CAST(lost_end.item AS BIGINT) END))""")
        .param(kind)
        .query(
            row -> {
              all.put(row.getString("item"), row.getInt("ends"));
            });
    return all;
  }

  /** Notes that a process has it, and nothing else, in its hands now. */
  void alone(String kind, String item) {
    database.update("UPDATE lost_end SET alone = TRUE WHERE kind = ? AND item = ?", kind, item);
  }

  /** Forgets it: it came to an end or went on, or was given back. */
  void forget(String kind, String item) {
    database.update("DELETE FROM lost_end WHERE kind = ? AND item = ?", kind, item);
  }
}
