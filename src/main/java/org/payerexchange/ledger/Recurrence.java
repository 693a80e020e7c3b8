package org.payerexchange.ledger;

import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;

/**
 * A request that is asked again and again, or was.
 *
 * @param requestId the sender's, the same for all its transfers, or null
 * @param repeatEvery ISO 8601, such as {@code P90D}
 * @param repeatUntil the last day (UTC) on which it may be asked
 * @param transfers how many there have been, the first one included
 * @param lastTransfer the latest of them
 * @param startedAt when it was asked first
 * @param nextAt when it is due next; null: never again
 * @param endedBy who or what ended it; null while it goes on
 */
public record Recurrence(
    String id,
    String payer,
    String requestId,
    State state,
    String repeatEvery,
    LocalDate repeatUntil,
    int transfers,
    String lastTransfer,
    Instant startedAt,
    Instant nextAt,
    Instant endedAt,
    String endedBy) {

  /** How it stands. The names are stored, so that they never change. */
  public enum State {
    /** It is asked again when it is due. */
    ACTIVE,
    /** Its next time would be behind its last day, or the consent's. */
    OVER,
    /** A newer request for the same member repeats in its place. */
    REPLACED,
    /** Somebody stopped it. */
    STOPPED,
    /** The member withdrew the consent. */
    WITHDRAWN
  }

  /** Of a row of its table. */
  public static Recurrence of(Row row) throws SQLException {
    return new Recurrence(
        row.text("id"),
        row.text("payer"),
        row.text("request_id"),
        row.constant(State.class, "state"),
        row.text("repeat_every"),
        row.date("repeat_until"),
        row.number("transfers"),
        row.text("last_transfer"),
        row.instant("started_at"),
        row.instant("next_at"),
        row.instant("ended_at"),
        row.text("ended_by"));
  }
}
