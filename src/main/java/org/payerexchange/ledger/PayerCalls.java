package org.payerexchange.ledger;

import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.CallWindow;
import org.payerexchange.step.Claim;

/**
 * How often and at what hours each payer is called, by all nodes together, by the ledger's clock. A
 * lease of a step that calls a payer is one call; what a claim gives out is counted at the payer's
 * gate, which it has locked.
 */
final class PayerCalls {
  /** Whether a row called {@code gate} is outside the hours in which it may be called. */
  static final String CLOSED =
      """
      (gate.closed_from IS NOT NULL AND gate.closed_from <= CURRENT_TIMESTAMP
        AND gate.closed_until > CURRENT_TIMESTAMP)""";

  /** Whether it was given as many calls as it may have for now. */
  static final String AT_LIMIT =
      "(gate.calls_from IS NOT NULL AND gate.calls_from > CURRENT_TIMESTAMP)";

  /** What is told of a payer that is not called at this hour. */
  static final String OUTSIDE = "it is outside its call-window";

  private final LedgerDatabase database;
  private final Map<String, CallLimits> limits;
  private final Map<String, CallWindow.Closed> planned = new ConcurrentHashMap<>();
  private final Set<String> forgotten = ConcurrentHashMap.newKeySet();

  /**
   * Calls of the payers on this database.
   *
   * @param limits the configured ones, by payer; none for any other
   */
  PayerCalls(LedgerDatabase database, Map<String, CallLimits> limits) {
    this.database = database;
    this.limits = limits;
  }

  /** Whether each call is to be counted at the gate. */
  boolean areCounted(String payer) {
    return limits(payer).areCounted();
  }

  /**
   * Writes down at the gates when they are closed next, before anything is claimed. The gates tell
   * by themselves when that begins and ends, so that it is done once for each time.
   */
  void plan() {
    Set<String> due = new HashSet<>();
    Instant now = null;
    for (Map.Entry<String, CallLimits> each : limits.entrySet()) {
      if (each.getValue().window().isEmpty()) {
        if (!forgotten.contains(each.getKey())) {
          due.add(each.getKey());
        }
      } else {
        now = now == null ? now() : now;
        CallWindow.Closed plan = planned.get(each.getKey());
        if (plan == null || !plan.until().isAfter(now)) {
          due.add(each.getKey());
        }
      }
    }
    if (!due.isEmpty()) {
      Instant at = now == null ? now() : now;
      due.forEach(payer -> plan(payer, at));
    }
  }

  private Instant now() {
    return database
        .jdbc()
        .sql("SELECT %s AS now".formatted(database.now()))
        .query((results, at) -> new Row(results).instant("now"))
        .single();
  }

  private void plan(String payer, Instant now) {
    CallWindow.Closed next =
        limits(payer).window().flatMap(window -> window.closed(now)).orElse(null);
    database.change(
        () -> {
          if (next != null) {
            database
                .jdbc()
                .sql("INSERT INTO payer_gate (payer) VALUES (?) ON CONFLICT DO NOTHING")
                .param(payer)
                .update();
          }
          return database
              .jdbc()
              .sql(
                  """
                  UPDATE payer_gate gate SET %s, closed_from = ?, closed_until = ?
                  WHERE payer = ? AND (closed_from IS NOT NULL OR ?)"""
                      .formatted(GateClock.COUNT))
              .param(1, next == null ? null : time(next.from()), Types.TIMESTAMP_WITH_TIMEZONE)
              .param(2, next == null ? null : time(next.until()), Types.TIMESTAMP_WITH_TIMEZONE)
              .param(3, payer)
              .param(4, next != null)
              .update();
        });
    if (next == null) {
      forgotten.add(payer);
    } else {
      planned.put(payer, next);
    }
  }

  /** How many calls more each of these payers that is counted may have; its gate is locked. */
  Map<String, Integer> room(Collection<String> payers) {
    Map<String, Integer> room = new HashMap<>();
    for (String payer : payers) {
      if (areCounted(payer)) {
        Given given = given(payer);
        room.put(payer, given.allowance().room(limits(payer), given.now()));
      }
    }
    return room;
  }

  /** Counts what a claim gives out, within its transaction. */
  void count(Collection<Claim> claims) {
    claims.stream()
        .filter(claim -> claim.stage().callsPayer() && areCounted(claim.payer()))
        .collect(Collectors.groupingBy(Claim::payer, Collectors.summingInt(claim -> 1)))
        .forEach(this::count);
  }

  private void count(String payer, int calls) {
    Given given = given(payer);
    Allowance left = given.allowance().with(calls, given.now());
    Instant next = left.next(limits(payer));
    database
        .jdbc()
        .sql(
            """
            UPDATE payer_gate SET called_at = ?, calls_of_second = ?, calls_of_minute = ?,
              calls_from = ? WHERE payer = ?""")
        .param(1, time(left.calledAt()))
        .param(2, left.ofSecond())
        .param(3, left.ofMinute())
        .param(4, next == null ? null : time(next), Types.TIMESTAMP_WITH_TIMEZONE)
        .param(5, payer)
        .update();
  }

  private record Given(Allowance allowance, Instant now) {}

  private Given given(String payer) {
    return database
        .jdbc()
        .sql(
            "SELECT called_at, calls_of_second, calls_of_minute, %s AS now FROM payer_gate WHERE payer = ?"
                .formatted(database.now()))
        .param(payer)
        .query(
            (results, at) -> {
              Row row = new Row(results);
              return new Given(
                  new Allowance(
                      row.instant("called_at"),
                      row.number("calls_of_second"),
                      row.number("calls_of_minute")),
                  row.instant("now"));
            })
        .single();
  }

  private CallLimits limits(String payer) {
    return limits.getOrDefault(payer, CallLimits.NONE);
  }

  private static Object time(Instant at) {
    return at.atOffset(ZoneOffset.UTC);
  }
}
