package org.payerexchange.ledger.store;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.ledger.Row;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;

/** Finds and leases steps; within the caller's transaction. */
final class DueSteps {
  /** The kinds of steps that call no payer; as SQL has them. */
  static final String WITHOUT_CALL =
      Arrays.stream(Stage.values())
          .filter(kind -> !kind.callsPayer())
          .map("'%s'"::formatted)
          .collect(Collectors.joining(", "));

  /** The kinds of those that do, as rows. */
  static final String WITH_CALL =
      rows(Arrays.stream(Stage.values()).filter(Stage::callsPayer).toList());

  /** The steps in hand that call each payer, and the downloads among them. */
  static final String RUNNING =
      """
      SELECT lane, COUNT(*) AS calls, COUNT(CASE WHEN kind IN ('DOWNLOAD', 'RETRIEVE') THEN 1 END) AS downloads
      FROM step WHERE lease_until > CURRENT_TIMESTAMP AND kind NOT IN (%s)
      GROUP BY lane"""
          .formatted(WITHOUT_CALL);

  /** The same of one payer. */
  static final String RUNNING_AT =
      """
      SELECT COUNT(*) AS calls, COUNT(CASE WHEN kind IN ('DOWNLOAD', 'RETRIEVE') THEN 1 END) AS downloads
      FROM step WHERE lease_until > CURRENT_TIMESTAMP AND kind NOT IN (%s)
        AND lane = ?"""
          .formatted(WITHOUT_CALL);

  /** The token of a step that is leased from now on. */
  static final String NEXT_TOKEN = "nextval('lease_token')";

  private static final String NOT_HELD =
      "(COALESCE(gate.held_until, CURRENT_TIMESTAMP) <= CURRENT_TIMESTAMP AND NOT %s AND NOT %s)"
          .formatted(TokenHolds.HELD, CallGates.CLOSED);

  /** Whether a row called {@code gate} lets through what is done even where it is paused. */
  private static final String ANSWERS = "(%s AND NOT %s)".formatted(NOT_HELD, CallGates.AT_LIMIT);

  private static final String FREE = "(%s AND NOT %s)".formatted(ANSWERS, Pauses.PAUSED);

  private final LedgerDatabase database;
  private final String node;
  private final Duration lease;

  DueSteps(LedgerDatabase database, String node, Duration lease) {
    this.database = database;
    this.node = node;
    this.lease = lease;
  }

  /** A lane that has something due of a kind; {@code pace} is what stands at its gate. */
  record Due(Stage kind, String lane, Integer pace) {}

  /** Steps in hand that call a payer. */
  record Running(int calls, int downloads) {
    static final Running NONE = new Running(0, 0);
  }

  /** A step as it was found: what it becomes, what it was, and when, by the database's clock. */
  record Found(Claim claim, long oldToken, boolean takenOver, Instant at) {
    long step() {
      return claim.lease().step();
    }

    long token() {
      return claim.leaseToken();
    }
  }

  /** What has become due. */
  record Waiting(long step, Stage kind, String lane) {}

  /**
   * Whether steps of a kind at a row called {@code gate} wait for nothing but their turn: nobody
   * paused it, and it is not held; at a limit it lets some through.
   */
  static String taken(Stage kind) {
    if (!kind.callsPayer() && kind != Stage.DELIVER) {
      return "TRUE";
    }
    return kind == Stage.RELEASE ? NOT_HELD : "(%s AND NOT %s)".formatted(NOT_HELD, Pauses.PAUSED);
  }

  /** A condition on a {@code step} of a kind that begins with AND, or nothing. */
  static String mayCall(Stage kind) {
    return kind.callsPayer()
        ? "AND EXISTS (SELECT 1 FROM payer_gate gate WHERE gate.payer = step.lane AND %s)"
            .formatted(kind == Stage.RELEASE ? ANSWERS : FREE)
        : "";
  }

  /** The payers that have something due and may be called, locked until the claim commits. */
  List<Due> ofPayers(Collection<Stage> kinds) {
    return kinds.isEmpty()
        ? List.of()
        : database
            .jdbc()
            .sql(duePayers(kinds))
            .query(
                (row, at) ->
                    new Due(
                        Stage.valueOf(row.getString("kind")),
                        row.getString("lane"),
                        row.getObject("pace", Integer.class)))
            .list();
  }

  String duePayers(Collection<Stage> kinds) {
    return """
    SELECT kinds.kind, gate.payer AS lane, gate.pace
    FROM payer_gate gate CROSS JOIN (VALUES %s) AS kinds (kind)
    WHERE (kinds.kind IN (%s) OR kinds.kind = '%s' AND %s OR %s)
      AND EXISTS (SELECT 1 FROM step WHERE step.kind = kinds.kind AND step.lane = gate.payer
        AND step.due_at <= CURRENT_TIMESTAMP)
    ORDER BY gate.payer %s"""
        .formatted(
            rows(kinds),
            WITHOUT_CALL,
            Stage.RELEASE,
            ANSWERS,
            FREE,
            database.embedded() ? "" : "FOR UPDATE OF gate");
  }

  private static String rows(Collection<Stage> kinds) {
    return kinds.stream()
        .map("(CAST('%s' AS VARCHAR))"::formatted)
        .collect(Collectors.joining(", "));
  }

  /**
   * The sinks that have something due and are not held.
   *
   * @param known those of this node
   * @param patience how long deliveries to others are left to nodes that know these
   */
  List<Due> ofSinks(Set<String> known, Duration patience) {
    List<Object> values = new ArrayList<>(known);
    values.add(LedgerDatabase.seconds(patience.negated()));
    return database
        .jdbc()
        .sql(
            """
            SELECT gate.sink AS lane FROM sink_gate gate
            WHERE %s AND EXISTS (SELECT 1 FROM step WHERE kind = 'DELIVER' AND lane = gate.sink
              AND due_at <= CASE WHEN %s THEN CURRENT_TIMESTAMP ELSE %s END)
            ORDER BY gate.sink %s"""
                .formatted(
                    FREE,
                    known.isEmpty()
                        ? "FALSE"
                        : "gate.sink IN (%s)".formatted(LedgerDatabase.values(known.size())),
                    LedgerDatabase.FROM_NOW,
                    database.embedded() ? "" : "FOR UPDATE OF gate"))
        .params(values)
        .query((row, at) -> new Due(Stage.DELIVER, row.getString("lane"), null))
        .list();
  }

  /** What runs at each payer now. */
  Map<String, Running> running() {
    Map<String, Running> running = new HashMap<>();
    database
        .jdbc()
        .sql(RUNNING)
        .query(
            row -> {
              running.put(
                  row.getString("lane"), new Running(row.getInt("calls"), row.getInt("downloads")));
            });
    return running;
  }

  /** What stands at the gate of a payer that may be called, and what runs there. */
  record Gate(Integer pace, Running running) {}

  /**
   * Passes one gate.
   *
   * @param locks whether nobody else may pass until the commit
   * @return empty if the payer is held, or somebody else is at the gate
   */
  Optional<Gate> gate(String payer, boolean locks) {
    // first the lock, then the count: in one statement both would be by what was so before the lock
    if (locks
        && !database.embedded()
        && !database.finds(
            "SELECT 1 FROM payer_gate WHERE payer = ? FOR UPDATE SKIP LOCKED", payer)) {
      return Optional.empty();
    }
    return database
        .jdbc()
        .sql(
            "SELECT gate.pace, running.* FROM payer_gate gate CROSS JOIN (%s) running WHERE gate.payer = ? AND %s"
                .formatted(RUNNING_AT, FREE))
        .params(payer, payer)
        .query(
            (row, at) ->
                new Gate(
                    row.getObject("pace", Integer.class),
                    new Running(row.getInt("calls"), row.getInt("downloads"))))
        .optional();
  }

  /** Those of these sinks that are held. */
  Set<String> heldSinks(Collection<String> sinks) {
    return database
        .jdbc()
        .sql("SELECT sink FROM sink_gate gate WHERE sink IN (:sinks) AND NOT (%s)".formatted(FREE))
        .param("sinks", sinks)
        .query(String.class)
        .set();
  }

  /**
   * The steps of one lane that have been due for longest.
   *
   * @param ago for how long at least
   * @param only a condition that begins with AND, or nothing
   */
  List<Found> find(Due due, Duration ago, String only, int max) {
    return read(
        due.kind(),
        false,
        dueRows(due.kind(), only),
        due.kind().name(),
        due.lane(),
        LedgerDatabase.seconds(ago.negated()),
        max);
  }

  String dueRows(Stage kind, String only) {
    // H2 stops at the limit only where the order names all columns of the index
    return rows(
        kind,
        false,
        "SELECT * FROM step WHERE kind = ? AND lane = ? AND due_at <= %s %s ORDER BY kind, lane, due_at LIMIT ?"
            .formatted(LedgerDatabase.FROM_NOW, only));
  }

  /** These steps, as far as nobody has them, and their payer may be called. */
  List<Found> find(Stage kind, List<Long> steps) {
    return find(kind, false, steps);
  }

  /** The same of steps that were inserted as this node's, each with its token. */
  List<Found> leased(Stage kind, List<Long> steps) {
    return find(kind, true, steps);
  }

  private List<Found> find(Stage kind, boolean leased, List<Long> ids) {
    List<Long> steps = LedgerDatabase.padded(ids);
    return read(
        kind,
        leased,
        rows(
            kind,
            leased,
            "SELECT * FROM step WHERE id IN (%s) AND lease_until %s %s ORDER BY id"
                .formatted(
                    LedgerDatabase.values(steps.size()),
                    leased ? "IS NOT NULL" : "IS NULL",
                    mayCall(kind))),
        steps.toArray());
  }

  /** Steps that were leased in this transaction are due for anybody. */
  void giveBack(List<Long> steps) {
    database
        .jdbc()
        .sql(
            """
            UPDATE step SET lease_owner = NULL, lease_until = NULL, due_at = CURRENT_TIMESTAMP
            WHERE id IN (%s)"""
                .formatted(LedgerDatabase.values(steps.size())))
        .params(steps)
        .update();
  }

  String node() {
    return node;
  }

  Duration lease() {
    return lease;
  }

  private String rows(Stage kind, boolean leased, String steps) {
    ClaimQuery query = ClaimQuery.of(kind);
    return """
        SELECT claimed.id AS step_id, claimed.lease_token, claimed.lease_until, claimed.attempts,
          claimed.failing_since, claimed.refused_since, %s AS token,
          %s AS found_at, %s AS held, item.* %s
        FROM (%s %s) claimed JOIN %s item ON item.id = claimed.%s %s"""
        .formatted(
            leased ? "claimed.lease_token" : NEXT_TOKEN,
            database.now(),
            held(kind, leased),
            query.more(),
            steps,
            database.embedded() ? "" : "FOR UPDATE SKIP LOCKED",
            kind.table(),
            kind.table().equals("transfer") ? "transfer_id" : "item",
            query.joins());
  }

  /**
   * What the gate was held for is asked only where something is told by its clock: no step that was
   * inserted as leased has failed.
   */
  private static String held(Stage kind, boolean leased) {
    boolean hasPolls = kind.table().equals("export_job");
    return leased && !hasPolls
        ? "0"
        : """
          CASE WHEN claimed.failing_since IS NULL AND claimed.refused_since IS NULL%s THEN 0
            ELSE %s END"""
            .formatted(
                hasPolls ? " AND item.polling_since IS NULL" : "",
                GateClock.held(kind, "claimed.lane"));
  }

  /** Those found now get the same token: what is leased together is fenced by step and token. */
  private List<Found> read(Stage kind, boolean own, String sql, Object... values) {
    return database
        .jdbc()
        .sql(sql)
        .params(Arrays.asList(values))
        .query(
            results -> {
              List<Found> found = new ArrayList<>();
              while (results.next()) {
                long token =
                    found.isEmpty() || own ? results.getLong("token") : found.get(0).token();
                found.add(found(new Row(results, token), kind));
              }
              return found;
            });
  }

  private static Found found(Row row, Stage kind) throws SQLException {
    return new Found(
        ClaimQuery.of(kind).mapper().map(row),
        row.big("lease_token"),
        row.instant("lease_until") != null,
        row.instant("found_at"));
  }

  /** Leases what was found in this transaction, and is locked by it, to this node. */
  List<Claim> lease(List<Found> found) {
    if (!found.isEmpty()) {
      OffsetDateTime end = found.get(0).at().plus(lease).atOffset(ZoneOffset.UTC);
      List<Object> values = new ArrayList<>(List.of(node, found.get(0).token(), end, end));
      List<Long> steps = LedgerDatabase.padded(found.stream().map(Found::step).toList());
      values.addAll(steps);
      database
          .jdbc()
          .sql(
              """
              UPDATE step SET lease_owner = ?, lease_token = ?, lease_until = ?, due_at = ?
              WHERE id IN (%s)"""
                  .formatted(LedgerDatabase.values(steps.size())))
          .params(values)
          .update();
    }
    return found.stream().map(Found::claim).toList();
  }

  /** Whoever had what was taken over has lost it: the step is free from now on. */
  void free(List<Found> lost) {
    database.batch(
        """
        UPDATE step SET lease_owner = NULL, lease_until = NULL WHERE id = ? AND lease_token = ?""",
        lost.stream().map(step -> new Object[] {step.step(), step.oldToken()}).toList());
    // of deliveries the claim has not passed the payers' gates
    database.batch(
        "UPDATE payer_gate SET takeovers = takeovers + 1 WHERE payer = ?",
        lost.stream()
            .filter(step -> step.claim().stage() != Stage.DELIVER)
            .map(step -> new Object[] {step.claim().payer()})
            .toList());
  }
}
