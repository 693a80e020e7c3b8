package org.payerexchange.ledger.store;

import org.payerexchange.auth.TokenClient;
import org.payerexchange.step.Stage;

/**
 * The clock by which steps grow older: it stands still while their payer or sink is held, for
 * whatever reason, since it could not be asked then. Each gate keeps how long it was held in all;
 * what a deadline counts from is stored as the gate's time and read as a point in time that is as
 * much later as the gate was held since. So a hold costs the same however many steps wait.
 */
final class GateClock {
  /** When what a row called {@code gate} is held for now ends, or until now. */
  private static final String HOLD_ENDS =
      """
      CASE WHEN gate.refused_since IS NOT NULL OR gate.paused_since IS NOT NULL
        THEN CURRENT_TIMESTAMP
        ELSE LEAST(CURRENT_TIMESTAMP, COALESCE(gate.held_until, gate.held_counted_at)) END""";

  /**
   * Seconds that a row called {@code gate} was held until now, by one hold or by several, or was
   * closed and not held.
   */
  private static final String HELD =
      """
      (gate.held_seconds + CAST(GREATEST(0, EXTRACT(EPOCH FROM %1$s)
        - EXTRACT(EPOCH FROM gate.held_counted_at)) AS DOUBLE PRECISION)
        + CAST(GREATEST(0, EXTRACT(EPOCH FROM LEAST(CURRENT_TIMESTAMP,
          COALESCE(gate.closed_until, gate.held_counted_at))) - EXTRACT(EPOCH FROM
          GREATEST(COALESCE(gate.closed_from, gate.held_counted_at), gate.held_counted_at, %1$s)))
          AS DOUBLE PRECISION))"""
          .formatted(HOLD_ENDS);

  /**
   * Assignments of a row called {@code gate} that go with every change of what it is held for: the
   * time until now is as it was, whatever is changed.
   */
  static final String COUNT = "held_seconds = " + HELD + ", held_counted_at = CURRENT_TIMESTAMP";

  private GateClock() {}

  /**
   * Seconds that the gate of a step was held until now.
   *
   * @param lane the column with the name of the payer or sink
   */
  static String held(Stage stage, String lane) {
    if (!stage.callsPayer() && stage != Stage.DELIVER) {
      return "0";
    }
    TokenClient.Kind kind = stage.callsPayer() ? TokenClient.Kind.PAYER : TokenClient.Kind.SINK;
    return "COALESCE((SELECT %s FROM %s gate WHERE gate.%s = %s), 0)"
        .formatted(HELD, Gates.table(kind), kind.key(), lane);
  }

  /**
   * The same of steps of any kind.
   *
   * @param step what the row of a step is called
   */
  static String heldOf(String step) {
    String lane = step + ".lane";
    return "CASE WHEN %1$s.kind = 'DELIVER' THEN %2$s WHEN %1$s.kind IN (%3$s) THEN 0 ELSE %4$s END"
        .formatted(
            step, held(Stage.DELIVER, lane), DueSteps.WITHOUT_CALL, held(Stage.MEMBER_MATCH, lane));
  }

  /** The gate's time. */
  static String now(Stage stage, String lane) {
    return "CURRENT_TIMESTAMP - %s * INTERVAL '1' SECOND".formatted(held(stage, lane));
  }
}
