package org.payerexchange.ledger.store;

import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.Allowance;
import org.payerexchange.ledger.Row;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.CallWindow;
import org.payerexchange.step.Claim;

/**
 * How often and at what hours each payer is called, by all nodes together, by the ledger's clock. A
 * lease of a step that calls a payer is one call; what a claim gives out is counted at the payer's
 * gate, which it has locked.
 */
final class CallGates {
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

  /** What is told of a payer that was given all its calls. */
  static final String USED_UP = "it has had all calls that its limits allow for now";

  private final LedgerDatabase database;
  private final Map<String, CallLimits> limits;
  private final Supplier<Instant> clock;
  private final Map<String, CallWindow> windows = new HashMap<>();
  private final Map<String, CallWindow.Closed> planned = new ConcurrentHashMap<>();
  private volatile boolean othersAreOpen;

  /**
   * Calls of the payers on this database.
   *
   * @param limits the configured ones, by payer; none for any other
   */
  CallGates(LedgerDatabase database, Map<String, CallLimits> limits) {
    this(database, limits, () -> now(database));
  }

  /**
   * The same.
   *
   * @param clock by which it is looked when gates are closed next
   */
  CallGates(LedgerDatabase database, Map<String, CallLimits> limits, Supplier<Instant> clock) {
    this.database = database;
    this.limits = limits;
    this.clock = clock;
    Instant anyTime = Instant.EPOCH;
    limits.forEach(
        (payer, of) ->
            of.window()
                .filter(window -> window.closed(anyTime).isPresent())
                .ifPresent(window -> windows.put(payer, window)));
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
    if (!othersAreOpen) {
      closedWithoutWindow().forEach(payer -> write(payer, null));
      othersAreOpen = true;
    }
    if (!windows.isEmpty()) {
      Instant now = clock.get();
      windows.forEach(
          (payer, window) -> {
            CallWindow.Closed plan = planned.get(payer);
            if (plan == null || !plan.until().isAfter(now)) {
              CallWindow.Closed next = window.closed(now).orElseThrow();
              write(payer, next);
              planned.put(payer, next);
            }
          });
    }
  }

  private static Instant now(LedgerDatabase database) {
    return database
        .jdbc()
        .sql("SELECT %s AS now".formatted(database.now()))
        .query((results, at) -> new Row(results).instant("now"))
        .single();
  }

  /** Payers of this node whose window was taken out of the configuration. */
  private List<String> closedWithoutWindow() {
    return database
        .jdbc()
        .sql("SELECT payer FROM payer_gate WHERE closed_from IS NOT NULL")
        .query(String.class)
        .list()
        .stream()
        .filter(payer -> limits.containsKey(payer) && !windows.containsKey(payer))
        .toList();
  }

  private void write(String payer, CallWindow.Closed next) {
    database.change(
        () -> {
          Gates.open(database, TokenClient.Kind.PAYER, List.of(payer));
          return database
              .jdbc()
              .sql(
                  "UPDATE payer_gate gate SET %s, closed_from = ?, closed_until = ? WHERE payer = ?"
                      .formatted(GateClock.COUNT))
              .param(1, next == null ? null : time(next.from()), Types.TIMESTAMP_WITH_TIMEZONE)
              .param(2, next == null ? null : time(next.until()), Types.TIMESTAMP_WITH_TIMEZONE)
              .param(3, payer)
              .update();
        });
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
