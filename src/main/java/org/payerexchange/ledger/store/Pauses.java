package org.payerexchange.ledger.store;

import java.util.List;
import org.payerexchange.auth.TokenClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Payers and sinks that operators have paused: nothing of theirs is begun on any node, and none of
 * it grows older, until somebody resumes them. What a node has in hand is finished, and jobs are
 * released at a paused payer, since that only frees what it keeps for us.
 */
public final class Pauses {
  private static final Logger LOG = LoggerFactory.getLogger(Pauses.class);

  /** Whether a row called {@code gate} is paused. */
  static final String PAUSED = "gate.paused_since IS NOT NULL";

  private final LedgerDatabase database;

  /** Pauses for all nodes on this database. */
  public Pauses(LedgerDatabase database) {
    this.database = database;
  }

  /**
   * Has nothing begun any more.
   *
   * @param actor who asked for it
   * @return whether it was not paused before
   */
  public boolean pause(TokenClient.Kind kind, String name, String actor) {
    boolean done =
        database.transition(
            () -> {
              Gates.open(database, kind, List.of(name));
              return update(kind, "CURRENT_TIMESTAMP", "NOT " + PAUSED, actor, name);
            });
    if (done) {
      LOG.info("{} {} is paused by {}", kind.key(), name, actor);
    }
    return done;
  }

  /**
   * Lets all go on.
   *
   * @param actor who asked for it
   * @return whether it was paused
   */
  public boolean resume(TokenClient.Kind kind, String name, String actor) {
    boolean done = database.transition(() -> update(kind, "NULL", PAUSED, null, name));
    if (done) {
      LOG.info("{} {} is resumed by {}", kind.key(), name, actor);
    }
    return done;
  }

  private boolean update(
      TokenClient.Kind kind, String since, String which, String actor, String name) {
    return database.update(
            "UPDATE %s gate SET %s, paused_since = %s, paused_by = ? WHERE gate.%s = ? AND %s"
                .formatted(Gates.table(kind), GateClock.COUNT, since, kind.key(), which),
            actor,
            name)
        == 1;
  }

  /** What is told of a pause. */
  static String by(String actor) {
    return "paused by %s until somebody resumes it".formatted(actor);
  }

  /** Whether it is paused. */
  public boolean isPaused(TokenClient.Kind kind, String name) {
    return isThere(kind, name, "AND " + PAUSED);
  }

  /** Whether anything of it has ever been in the ledger. */
  public boolean isKnown(TokenClient.Kind kind, String name) {
    return isThere(kind, name, "");
  }

  private boolean isThere(TokenClient.Kind kind, String name, String which) {
    return database.finds(
        "SELECT 1 FROM %s gate WHERE gate.%s = ? %s"
            .formatted(Gates.table(kind), kind.key(), which),
        name);
  }
}
