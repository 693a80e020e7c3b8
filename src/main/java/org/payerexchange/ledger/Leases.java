package org.payerexchange.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Hands;
import org.payerexchange.step.Shares;
import org.payerexchange.step.Stage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Claims due rows for this node. Claimers pass the gates of the payers that have something due one
 * after the other, so that the payers' limits hold over all nodes. What a claim costs depends on
 * the rows that it takes, never on those that wait.
 */
public final class Leases {
  /**
   * Rows leased to steps that call the payer, and this node's own downloads among them; the indexes
   * on lease_until find just these. A condition on the stage of a transfer would have H2 read all
   * that wait for it instead.
   */
  static final String RUNNING_CALLS =
      """
      SELECT payer, COUNT(CASE WHEN stage <> 'OUTCOME' THEN 1 END) AS running,
        COUNT(CASE WHEN stage = 'DOWNLOAD' AND lease_owner = ? THEN 1 END) AS downloads
      FROM (
        SELECT payer, stage, lease_owner FROM transfer WHERE lease_until > CURRENT_TIMESTAMP
        UNION ALL SELECT payer, stage, lease_owner FROM export_job
          WHERE lease_until > CURRENT_TIMESTAMP
        UNION ALL SELECT payer, stage, lease_owner FROM output_file
          WHERE lease_until > CURRENT_TIMESTAMP) leased
      GROUP BY payer""";

  /** Of the rows of a table those that are taken alone. */
  private static final String SUSPECT =
      """
      CAST(id AS VARCHAR) IN
        (SELECT item FROM lost_end WHERE kind = '%s' AND ends >= 2)""";

  private static final int SUSPECTS_AT_ONCE = 16;
  private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

  private final LedgerDatabase database;
  private final LedgerWatch watch;
  private final String node;
  private final Duration lease;
  private final Transitions transitions;
  private final FanIn fanIn;
  private final PayerPace pace;
  private final SinkHolds sinkHolds;
  private final Hands hands;
  private final LostEnds lostEnds;
  private volatile Consumer<Claim> givenUp = claim -> {};

  /**
   * Claims for one node.
   *
   * @param watch nothing is claimed while the node's clock is wrong
   * @param payers whose limits of parallel requests hold over all nodes
   * @param node this process's id, the actor of its events
   * @param lease how long a claim is held; longer than any step goes on without renewing it
   * @param keepFailedJobs how long a failed job that may have files is kept at the payer, so that a
   *     retry can go on from there
   */
  public Leases(
      LedgerDatabase database,
      LedgerWatch watch,
      Payers payers,
      String node,
      Duration lease,
      Duration keepFailedJobs) {
    this.database = database;
    this.watch = watch;
    this.node = node;
    this.lease = lease;
    this.transitions = new Transitions(database);
    this.hands = new Hands(lease);
    this.lostEnds = new LostEnds(database);
    this.sinkHolds = new SinkHolds(database);
    this.fanIn = new FanIn(database, hands, keepFailedJobs);
    database.beforeClose(this::giveBack);
    this.pace =
        new PayerPace(
            database,
            payers.all().stream().collect(Collectors.toMap(Payer::id, Payer::maxParallelRequests)));
  }

  /** A planned end is no lost one. */
  private void giveBack() {
    try {
      database.giveBack(node);
    } catch (DataAccessException | TransactionException | RejectedExecutionException away) {
      LOG.debug("the ledger is away: leases run out", away);
    }
  }

  /** What the node of these leases has in its hands, as a bean. */
  public static Hands handsOf(Leases leases) {
    return leases.hands;
  }

  LedgerDatabase database() {
    return database;
  }

  /** What is done with a step that ended one process after the other. */
  void whenGivenUp(Consumer<Claim> work) {
    givenUp = work;
  }

  /** Gives a step out of this node's hands that is another node's by now. */
  void leave(Claim claim) {
    hands.drop(Step.of(claim));
    cameBackLate(claim);
  }

  String node() {
    return node;
  }

  Duration duration() {
    return lease;
  }

  FanIn fanIn() {
    return fanIn;
  }

  PayerPace pace() {
    return pace;
  }

  /** Makes a transition of this node on the claim's transfer. */
  boolean transition(Claim claim, Predicate<LockedTransfer> work) {
    boolean done = transitions.on(claim.transferId(), node, work);
    if (!done) {
      cameBackLate(claim);
    }
    return done;
  }

  /** What comes back, if too late, has not ended the process: a slow machine is no step's fault. */
  private void cameBackLate(Claim claim) {
    database.change(
        () -> {
          lostEnds.forget(claim.stage().table(), item(claim));
          return null;
        });
  }

  /** Starts the change of a claimed row. */
  ClaimedUpdate update(Claim claim) {
    ClaimedUpdate update = new ClaimedUpdate(database, hands, claim);
    if (claim.stage().callsPayer() && !claim.stage().isCourtesy()) {
      return update.onSuccess(() -> pace.raise(claim.payer()));
    }
    // a sink that put nothing off asked for no pause
    return claim instanceof DeliveryClaim delivery && claim.attempts() > 0
        ? update.onSuccess(() -> sinkHolds.over(delivery.sink()))
        : update;
  }

  /** Prolongs a claim. */
  boolean renew(Claim claim) {
    return update(claim).keepLeased(lease).runAlone();
  }

  /**
   * Claims at most {@code max} rows, as many from each payer as its limit and the others leave.
   *
   * @param query what the claim's record needs
   */
  <C extends Claim> List<C> claim(Stage stage, int max, ClaimQuery<C> query) {
    if (max < 1 || !watch.clocksAgree()) {
      return List.of();
    }
    List<C> guilty = new ArrayList<>();
    List<C> claims =
        database.lease(() -> hands.taking(() -> claimInTransaction(stage, max, query, guilty)));
    guilty.forEach(givenUp);
    return claims;
  }

  private <C extends Claim> List<C> claimInTransaction(
      Stage stage, int max, ClaimQuery<C> every, List<C> guilty) {
    Map<String, Integer> ends = lostEnds.all(stage.table());
    boolean suspects = ends.values().stream().anyMatch(times -> times >= LostEnds.SUSPECT);
    if (!suspects && !hands.mayTake()) {
      return List.of();
    }
    ClaimQuery<C> query =
        suspects ? every.and("AND NOT " + SUSPECT.formatted(stage.table())) : every;
    Map<String, Integer> free = passGates(stage);
    Map<String, RunningCalls> running =
        stage.callsPayer() && !free.isEmpty() ? runningCalls() : Map.of();
    if (stage.callsPayer()) {
      running.forEach((payer, calls) -> free.computeIfPresent(payer, (p, n) -> n - calls.all()));
      free.values().removeIf(requests -> requests < 1);
    } else {
      free.replaceAll((payer, requests) -> max);
    }
    if (suspects) {
      Optional<C> alone = takeSuspects(stage, free.keySet(), every, guilty);
      if (alone.isPresent() || !hands.mayTake()) {
        return alone.stream().toList();
      }
    }
    List<String> payers = new ArrayList<>(free.keySet());
    // nobody is always first where there are more payers than slots
    Collections.shuffle(payers);
    Shares shares =
        stage.mayTakeHours() && !payers.isEmpty()
            ? Shares.keepingSome(max, downloads(running))
            : Shares.ofAll(max);

    List<C> claims = new ArrayList<>();
    while (!shares.isEmpty() && !payers.isEmpty()) {
      int waiting = payers.size();
      for (Iterator<String> each = payers.iterator(); each.hasNext(); waiting--) {
        String payer = each.next();
        int share = Math.min(free.get(payer), shares.of(payer, waiting));
        List<C> rows = lease(stage, payer, share, query, ends);
        claims.addAll(rows);
        shares.take(payer, rows.size());
        if (free.merge(payer, -rows.size(), Integer::sum) < 1 || rows.size() < Math.max(share, 1)) {
          each.remove();
        }
      }
    }
    return claims;
  }

  private Map<String, Integer> passGates(Stage stage) {
    Map<String, Integer> paces = new HashMap<>();
    database
        .jdbc()
        .sql(dueGates(stage))
        .param(stage.name())
        .query(
            row -> {
              String payer = row.getString("payer");
              paces.put(payer, pace.of(payer, row.getObject("pace", Integer.class)));
            });
    return paces;
  }

  /** The payers that have something due and may be called, locked until the claim commits. */
  String dueGates(Stage stage) {
    return """
        SELECT gate.payer, gate.pace FROM payer_gate gate
        WHERE %s EXISTS (SELECT 1 FROM %s due WHERE due.stage = ?
          AND due.payer = gate.payer AND due.due_at <= CURRENT_TIMESTAMP)
        ORDER BY gate.payer %s"""
        .formatted(
            stage.callsPayer()
                ? "COALESCE(gate.held_until, CURRENT_TIMESTAMP) <= CURRENT_TIMESTAMP AND NOT "
                    + TokenHolds.HELD
                    + " AND"
                : "",
            stage.table(),
            database.embedded() ? "" : "FOR UPDATE OF gate");
  }

  /** One payer's rows that have been due for longest. */
  String dueRows(Stage stage, ClaimQuery<?> query) {
    // H2 stops at the limit only where the order names all columns of the index
    return """
        SELECT claimed.*, claimed.lease_token + 1 AS next_token, %s AS held %s
        FROM (SELECT * FROM %s WHERE stage = ? AND payer = ? AND due_at <= CURRENT_TIMESTAMP %s
          ORDER BY stage, payer, due_at LIMIT ? %s) claimed %s"""
        .formatted(
            GateClock.held(stage, "claimed"),
            query.more(),
            stage.table(),
            query.only(),
            database.embedded() ? "" : "FOR UPDATE SKIP LOCKED",
            query.joins());
  }

  private Map<String, RunningCalls> runningCalls() {
    Map<String, RunningCalls> running = new HashMap<>();
    database
        .jdbc()
        .sql(RUNNING_CALLS)
        .param(node)
        .query(
            row -> {
              running.put(
                  row.getString("payer"),
                  new RunningCalls(row.getInt("running"), row.getInt("downloads")));
            });
    return running;
  }

  private static Map<String, Integer> downloads(Map<String, RunningCalls> running) {
    Map<String, Integer> downloads = new HashMap<>();
    running.forEach((payer, calls) -> downloads.put(payer, calls.downloadsHere()));
    return downloads;
  }

  private <C extends Claim> List<C> lease(
      Stage stage, String payer, int max, ClaimQuery<C> query, Map<String, Integer> ends) {
    if (max < 1) {
      return List.of();
    }
    List<Found<C>> found = find(stage, payer, max, query);
    countLost(stage, payer, found, ends);
    List<C> claims =
        lease(stage, found.stream().filter(row -> !isSuspect(row.claim(), ends)).toList());
    claims.forEach(claim -> hands.take(Step.of(claim), ends.containsKey(item(claim))));
    return claims;
  }

  /**
   * Those that ended processes before: one is claimed if it is alone then, and those that did it
   * once too often are given up.
   */
  private <C extends Claim> Optional<C> takeSuspects(
      Stage stage, Set<String> payers, ClaimQuery<C> every, List<C> guilty) {
    ClaimQuery<C> query = every.and("AND " + SUSPECT.formatted(stage.table()));
    for (String payer : payers) {
      List<Found<C>> found = find(stage, payer, SUSPECTS_AT_ONCE, query);
      Map<String, Integer> ends = lostEnds.all(stage.table());
      countLost(stage, payer, found, ends);
      for (Found<C> row : found) {
        C claim = row.claim();
        if (ends.get(item(claim)) >= LostEnds.GUILTY) {
          guilty.addAll(lease(stage, List.of(row)));
          hands.take(Step.of(claim), true);
        } else if (hands.takeAlone(Step.of(claim))) {
          lostEnds.alone(stage.table(), item(claim));
          return lease(stage, List.of(row)).stream().findFirst();
        }
      }
    }
    return Optional.empty();
  }

  /** Whoever had what was taken over has lost it: the row is free, and counted, from now on. */
  private <C extends Claim> void countLost(
      Stage stage, String payer, List<Found<C>> found, Map<String, Integer> ends) {
    List<C> lost = found.stream().filter(Found::takenOver).map(Found::claim).toList();
    if (lost.isEmpty()) {
      return;
    }
    lost.forEach(claim -> ends.put(item(claim), lostEnds.count(stage.table(), item(claim))));
    database.batch(
        """
        UPDATE %s SET lease_owner = NULL, lease_until = NULL WHERE id = ? AND lease_token = ?"""
            .formatted(stage.table()),
        lost.stream().map(claim -> new Object[] {claim.rowId(), claim.leaseToken() - 1}).toList());
    database
        .jdbc()
        .sql("UPDATE payer_gate SET takeovers = takeovers + ? WHERE payer = ?")
        .params(lost.size(), payer)
        .update();
  }

  private <C extends Claim> List<Found<C>> find(
      Stage stage, String payer, int max, ClaimQuery<C> query) {
    return database
        .jdbc()
        .sql(dueRows(stage, query))
        .param(stage.name())
        .param(payer)
        .params(query.values())
        .param(max)
        .query((results, at) -> found(new Row(results), query))
        .list();
  }

  private <C extends Claim> List<C> lease(Stage stage, List<Found<C>> found) {
    int[] updated =
        database.batch(
            """
            UPDATE %s SET lease_owner = ?, lease_token = lease_token + 1,
              lease_until = %s, due_at = %s
            WHERE id = ? AND lease_token = ?"""
                .formatted(stage.table(), LedgerDatabase.FROM_NOW, LedgerDatabase.FROM_NOW),
            found.stream()
                .map(
                    row ->
                        new Object[] {
                          node,
                          LedgerDatabase.seconds(lease),
                          LedgerDatabase.seconds(lease),
                          row.claim().rowId(),
                          row.claim().leaseToken() - 1
                        })
                .toList());
    return IntStream.range(0, updated.length)
        .filter(i -> updated[i] > 0)
        .mapToObj(i -> found.get(i).claim())
        .toList();
  }

  private static boolean isSuspect(Claim claim, Map<String, Integer> ends) {
    return ends.getOrDefault(item(claim), 0) >= LostEnds.SUSPECT;
  }

  private static String item(Claim claim) {
    return claim.rowId().toString();
  }

  private static <C extends Claim> Found<C> found(Row row, ClaimQuery<C> query)
      throws SQLException {
    return new Found<>(query.mapper().map(row), row.instant("lease_until") != null);
  }

  /** A payer's calls, and this node's own downloads among them. */
  private record RunningCalls(int all, int downloadsHere) {}

  private record Found<C>(C claim, boolean takenOver) {}
}
