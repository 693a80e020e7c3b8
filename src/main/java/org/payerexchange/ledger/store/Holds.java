package org.payerexchange.ledger.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.step.FailureReason;

/**
 * All payers and sinks that transfers wait for: those whose token endpoint refuses the client,
 * those that ask for pauses, those that operators have paused, those outside the hours in which
 * they may be called or at the limit of their calls, and sinks that have been taken out of the
 * configuration.
 */
public final class Holds {
  /**
   * Whether a gate is paused, or was lately: steps come back some minutes after a pause, and may
   * then be asked for the next one.
   */
  private static final String PAUSED = "held_until > CURRENT_TIMESTAMP - INTERVAL '15' MINUTE";

  /** An assignment that goes with the beginning of a pause. */
  static final String SINCE =
      "held_since = CASE WHEN %s THEN COALESCE(held_since, CURRENT_TIMESTAMP) ELSE CURRENT_TIMESTAMP END"
          .formatted(PAUSED);

  private static final String CLOSED =
      """
      SELECT payer, closed_from AS since, closed_until AS until, CURRENT_TIMESTAMP AS now
      FROM payer_gate gate WHERE %s ORDER BY payer"""
          .formatted(CallGates.CLOSED);

  /**
   * The payers at their limit that have something due; the others miss nothing. As a value, the
   * first step that is due is looked for with each kind, whereas EXISTS may have all of them read.
   */
  static final String AT_LIMIT =
      """
      SELECT DISTINCT payer, called_at AS since, calls_from AS until, CURRENT_TIMESTAMP AS now
      FROM payer_gate gate CROSS JOIN (VALUES %s) AS kinds (kind)
      WHERE %s AND (SELECT step.due_at FROM step WHERE step.kind = kinds.kind
        AND step.lane = gate.payer AND step.due_at <= CURRENT_TIMESTAMP
        ORDER BY step.kind, step.lane, step.due_at LIMIT 1) IS NOT NULL
      ORDER BY payer"""
          .formatted(DueSteps.WITH_CALL, CallGates.AT_LIMIT);

  private final LedgerDatabase database;
  private final TokenHolds tokens;
  private final List<String> sinks;
  private final UnaryOperator<String> keyOfSink;

  /**
   * Holds on this ledger, as this node sees them.
   *
   * @param sinks the configured ones, as the ledger calls them
   * @param keyOfSink the key that configures a sink
   */
  public Holds(
      LedgerDatabase database,
      TokenHolds tokens,
      List<String> sinks,
      UnaryOperator<String> keyOfSink) {
    this.database = database;
    this.tokens = tokens;
    this.sinks = List.copyOf(sinks);
    this.keyOfSink = keyOfSink;
  }

  /** All that are held now. */
  public List<Hold> all() {
    List<Hold> all = new ArrayList<>();
    tokens.all().stream().map(TokenHold::hold).forEach(all::add);
    all.addAll(paused());
    all.addAll(pauses());
    all.addAll(payers(CLOSED, FailureReason.OUTSIDE_HOURS, CallGates.OUTSIDE));
    all.addAll(payers(AT_LIMIT, FailureReason.AT_LIMIT, CallGates.USED_UP));
    all.addAll(takenOut());
    return all;
  }

  private List<Hold> paused() {
    return database
        .jdbc()
        .sql(
            """
            SELECT 'payer' AS kind, payer AS name, paused_since, paused_by,
              CURRENT_TIMESTAMP AS now FROM payer_gate gate WHERE %1$s
            UNION ALL SELECT 'sink', sink, paused_since, paused_by, CURRENT_TIMESTAMP
            FROM sink_gate gate WHERE %1$s ORDER BY kind, name"""
                .formatted(Pauses.PAUSED))
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new Hold(
                  row.text("kind"),
                  row.text("name"),
                  row.instant("paused_since"),
                  Duration.between(row.instant("paused_since"), row.instant("now")),
                  FailureReason.PAUSED,
                  Pauses.by(row.text("paused_by")),
                  null);
            })
        .list();
  }

  /** Payers, of rows that tell since when, and until when. */
  private List<Hold> payers(String sql, FailureReason reason, String why) {
    return database
        .jdbc()
        .sql(sql)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              Instant since = row.instant("since");
              return new Hold(
                  TokenClient.Kind.PAYER.key(),
                  row.text("payer"),
                  since,
                  Duration.between(since, row.instant("now")),
                  reason,
                  why,
                  row.instant("until"));
            })
        .list();
  }

  private List<Hold> pauses() {
    return database
        .jdbc()
        .sql(
            """
            SELECT 'payer' AS kind, payer AS name, held_since, hold_why AS why,
              'PAYER_BUSY' AS reason, held_until, CURRENT_TIMESTAMP AS now
            FROM payer_gate WHERE held_since IS NOT NULL AND %s
            UNION ALL SELECT 'sink', sink, held_since, 'it asks for pauses',
              'SINK_BUSY', held_until, CURRENT_TIMESTAMP
            FROM sink_gate WHERE held_since IS NOT NULL AND %s
            ORDER BY kind, name"""
                .formatted(PAUSED, PAUSED))
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new Hold(
                  row.text("kind"),
                  row.text("name"),
                  row.instant("held_since"),
                  Duration.between(row.instant("held_since"), row.instant("now")),
                  row.reason(),
                  row.text("why"),
                  row.instant("held_until").isAfter(row.instant("now"))
                      ? row.instant("held_until")
                      : null);
            })
        .list();
  }

  /** Deliveries that are due at a sink which this node does not know. */
  private List<Hold> takenOut() {
    return database
        .jdbc()
        .sql(
            """
            SELECT lane, MIN(due_at) AS since, COUNT(DISTINCT transfer_id) AS transfers,
              CURRENT_TIMESTAMP AS now
            FROM step WHERE kind = 'DELIVER' AND due_at < CURRENT_TIMESTAMP %s
            GROUP BY lane ORDER BY lane"""
                .formatted(DeliveryLedger.notAmong("lane", sinks)))
        .params(sinks)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              String sink = row.text("lane");
              return new Hold(
                  TokenClient.Kind.SINK.key(),
                  sink,
                  row.instant("since"),
                  Duration.between(row.instant("since"), row.instant("now")),
                  FailureReason.SINK_REFUSED,
                  "%s is not configured on this node; transfers that wait for it: %s; put the key back, or cancel them; they fail after p2p.retry.deadline"
                      .formatted(keyOfSink.apply(sink), row.number("transfers")),
                  null);
            })
        .list();
  }
}
