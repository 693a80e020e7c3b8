package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.step.FailureReason;

/**
 * Payers and sinks for which there is no token. None of their steps is claimed, on any node, and
 * none grows older, until one node gets one. Only refusals by the endpoint count for the deadline:
 * what a file of ours is to blame for waits until the file is mended, and such a time begins anew
 * behind it.
 */
public final class TokenHolds {
  /** Whether a row called {@code gate} keeps its steps waiting. */
  static final String HELD =
      "(gate.refused_since IS NOT NULL AND (gate.refused_until IS NULL"
          + " OR gate.refused_until > CURRENT_TIMESTAMP))";

  /** Since when it is held for the reason that is given. */
  private static final String SINCE =
      "CASE WHEN refused_reason = ? THEN refused_since ELSE CURRENT_TIMESTAMP END";

  private final LedgerDatabase database;
  private final Duration lookEvery;
  private final Optional<Duration> deadline;

  /**
   * Holds for all nodes on this database.
   *
   * @param lookEvery how long a refusal stands until the endpoint is asked again
   * @param deadline how long steps wait until they fail; empty: for as long as it takes
   */
  public TokenHolds(LedgerDatabase database, Duration lookEvery, Optional<Duration> deadline) {
    this.database = database;
    this.lookEvery = lookEvery;
    this.deadline = deadline;
  }

  /**
   * Holds a payer or a sink from now on, or goes on to.
   *
   * @param reason one {@linkplain FailureReason#isOfTokens of tokens}
   * @param why in words, without a secret
   * @return whether the deadline is over, so that its steps fail
   */
  public boolean refuse(TokenClient.Kind kind, String name, FailureReason reason, String why) {
    Double patience =
        deadline
            .filter(counts -> reason == FailureReason.TOKEN_REFUSED)
            .map(LedgerDatabase::seconds)
            .orElse(null);
    return database.change(
        () -> {
          Gates.open(database, kind, List.of(name));
          database.update(
              """
              UPDATE %s gate SET %s, refused_reason = ?, refused_why = ?,
                refused_since = %s,
                refused_until = %s + CAST(? AS DOUBLE PRECISION) * INTERVAL '1' SECOND,
                look_at = CASE WHEN refused_since IS NULL THEN %s ELSE look_at END
              WHERE %s = ?"""
                  .formatted(
                      Gates.table(kind),
                      GateClock.COUNT,
                      SINCE,
                      SINCE,
                      LedgerDatabase.FROM_NOW,
                      kind.key()),
              reason.name(),
              LedgerDatabase.shortened(why),
              reason.name(),
              reason.name(),
              patience,
              LedgerDatabase.seconds(lookEvery),
              name);
          return isOver(kind, name);
        });
  }

  /** Whether it is held, and was for as long as steps wait. */
  public boolean isOver(TokenClient.Kind kind, String name) {
    return is(kind, name, "refused_until <= CURRENT_TIMESTAMP");
  }

  private boolean is(TokenClient.Kind kind, String name, String condition) {
    return database.finds(
        "SELECT 1 FROM %s WHERE %s = ? AND %s".formatted(Gates.table(kind), kind.key(), condition),
        name);
  }

  /** Whether it is held now, or was until its deadline. */
  public boolean isHeld(TokenClient.Kind kind, String name) {
    return is(kind, name, "refused_since IS NOT NULL");
  }

  /** All that are held now, payers first. */
  public List<TokenHold> all() {
    return database
        .jdbc()
        .sql(
            """
            SELECT 'PAYER' AS kind, payer AS name, refused_since, refused_reason AS reason,
              refused_why, refused_until, CURRENT_TIMESTAMP AS now FROM payer_gate WHERE refused_since IS NOT NULL
            UNION ALL SELECT 'SINK', sink, refused_since, refused_reason, refused_why,
              refused_until, CURRENT_TIMESTAMP FROM sink_gate WHERE refused_since IS NOT NULL
            ORDER BY kind, name""")
        .query((results, at) -> hold(new Row(results)))
        .list();
  }

  /**
   * Takes looks that are due, so that no other node takes them.
   *
   * @param all whether the others are taken as well
   */
  public List<TokenHold> takeLooks(boolean all) {
    return all().stream().filter(hold -> takeLook(hold, all)).toList();
  }

  private boolean takeLook(TokenHold hold, boolean anyhow) {
    return database.transition(
        () ->
            database.update(
                    """
                    UPDATE %s SET look_at = %s WHERE %s = ? AND refused_since IS NOT NULL
                      AND (CAST(? AS BOOLEAN) OR look_at <= CURRENT_TIMESTAMP)"""
                        .formatted(Gates.table(hold.kind()), LedgerDatabase.FROM_NOW, hold.key()),
                    LedgerDatabase.seconds(lookEvery),
                    hold.name(),
                    anyhow)
                == 1);
  }

  /** Lets the steps go on, as much before their deadlines as they were when it was held. */
  public boolean free(TokenHold hold) {
    return database.transition(
        () ->
            database.update(
                    """
                    UPDATE %s gate SET %s, refused_since = NULL, refused_reason = NULL,
                      refused_why = NULL, refused_until = NULL, look_at = NULL
                    WHERE %s = ? AND refused_since IS NOT NULL"""
                        .formatted(Gates.table(hold.kind()), GateClock.COUNT, hold.key()),
                    hold.name())
                == 1);
  }

  private static TokenHold hold(Row row) throws SQLException {
    return new TokenHold(
        row.constant(TokenClient.Kind.class, "kind"),
        row.text("name"),
        row.instant("refused_since"),
        Duration.between(row.instant("refused_since"), row.instant("now")),
        row.reason(),
        row.text("refused_why"),
        row.instant("refused_until"));
  }
}
