package org.payerexchange.ledger.store;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.ledger.InHand;
import org.payerexchange.ledger.store.DueSteps.Due;
import org.payerexchange.ledger.store.DueSteps.Found;
import org.payerexchange.ledger.store.DueSteps.Gate;
import org.payerexchange.ledger.store.DueSteps.Waiting;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;

/**
 * What a commit hands on: the steps that follow, as far as this node may go on with them at once.
 * One takes the place of the step that ends, at its payer too; for more the payer must have room.
 */
final class HandOver implements Steps.Taker {
  private final Taking with;
  private final Set<Due> left;
  private final Claim ended;
  private final List<Claim> claims = new ArrayList<>();
  private final Map<String, Integer> free = new HashMap<>();
  private final List<Waiting> leased = new ArrayList<>();
  private boolean leavesSome;
  private boolean goesOn;
  private boolean undone;
  private Steps steps;
  private OffsetDateTime until;
  private boolean counted;
  private int callsLeft;
  private int downloadsLeft;

  /**
   * For one commit.
   *
   * @param left of what more was due when it was last looked for
   */
  HandOver(Taking with, Set<Due> left, Claim ended) {
    this.with = with;
    this.left = left;
    this.ended = ended;
  }

  /** What was handed on. */
  List<Claim> claims() {
    return claims;
  }

  /** Whether something is due that was not handed on. */
  boolean leavesSome() {
    return leavesSome;
  }

  /**
   * The step ends with this transaction, or once more with another.
   *
   * @param mayGoOn whether anything may follow; else it is left to claims
   * @param transfer whose new steps it may have
   */
  synchronized void begin(boolean mayGoOn, LockedTransfer transfer) {
    start(mayGoOn);
    until = LedgerDatabase.time(transfer.now().plus(with.steps().lease()));
    steps = transfer.steps();
    steps.leasedBy(this);
  }

  private void start(boolean mayGoOn) {
    goesOn = mayGoOn && !undone;
    with.undo(claims);
    claims.clear();
    free.clear();
    leased.clear();
    leavesSome = false;
    counted = false;
  }

  /**
   * Nothing of it was committed, as far as is known; if it still goes on, nothing is taken any
   * more.
   *
   * @return what was to be handed on
   */
  synchronized List<Claim> undo() {
    undone = true;
    List<Claim> taken = List.copyOf(claims);
    start(false);
    return taken;
  }

  /** A step that goes in turn is none of the new ones. */
  @Override
  public synchronized int room(Stage kind, String lane, int most) {
    if (!goesOn || isTurn(kind) || !with.kinds().contains(kind) || !with.hands().mayTake()) {
      return 0;
    }
    with.capacity().release(ended);
    if (kind.callsPayer()) {
      count(most, sameRoom(kind));
    }
    int room = 0;
    while (room < most && fits(kind, lane)) {
      room++;
    }
    return room;
  }

  @Override
  public String node() {
    return with.steps().node();
  }

  @Override
  public OffsetDateTime until() {
    return until;
  }

  @Override
  public synchronized void took(Waiting step) {
    leased.add(step);
  }

  /**
   * Takes what follows, within the transaction that ends the step: what was leased as it was added,
   * and what it can lease of the rest, which it takes out of what is due.
   */
  synchronized void handOn(List<Waiting> due) {
    if (!goesOn) {
      leavesSome |= !due.isEmpty();
      return;
    }
    takeLeased();
    List<Waiting> waiting = due.stream().filter(this::follows).toList();
    if (waiting.isEmpty()) {
      return;
    }
    int before = claims.size();
    with.capacity().release(ended);
    List<Waiting> mine =
        waiting.stream().filter(step -> with.kinds().contains(step.kind())).toList();
    List<Waiting> calls = mine.stream().filter(step -> step.kind().callsPayer()).toList();
    if (!calls.isEmpty()) {
      count(calls.size(), sameRoom(calls.get(0).kind()));
    }
    Set<String> heldSinks = heldSinks(mine);
    Map<Stage, List<Waiting>> fitting = new EnumMap<>(Stage.class);
    for (Waiting step : mine) {
      if (!heldSinks.contains(step.lane()) && fits(step.kind(), step.lane())) {
        fitting.computeIfAbsent(step.kind(), kind -> new ArrayList<>()).add(step);
      }
    }
    fitting.forEach(
        (kind, steps) -> {
          Set<Long> taken = take(find(kind, steps.stream().map(Waiting::step).toList()));
          due.removeAll(
              isTurn(kind)
                  ? steps.subList(0, taken.size())
                  : steps.stream().filter(step -> taken.contains(step.step())).toList());
        });
    leavesSome |= claims.size() - before < waiting.size();
  }

  /** What its payer may not be asked for now after all, or was dropped since, is given back. */
  private void takeLeased() {
    leased.stream()
        .collect(Collectors.groupingBy(Waiting::kind))
        .forEach(
            (kind, steps) -> {
              List<Long> ids = steps.stream().map(Waiting::step).toList();
              List<Found> taken = hold(with.steps().leased(kind, ids));
              if (taken.size() < ids.size()) {
                Set<Long> held = taken.stream().map(Found::step).collect(Collectors.toSet());
                with.steps().giveBack(ids.stream().filter(id -> !held.contains(id)).toList());
                leavesSome = true;
              }
            });
  }

  private Set<Long> take(List<Found> found) {
    List<Found> taken = hold(found);
    with.steps().lease(taken);
    return taken.stream().map(Found::step).collect(Collectors.toSet());
  }

  private List<Found> hold(List<Found> found) {
    List<Found> taken =
        found.stream()
            .filter(step -> with.hands().takeUnlessAlone(InHand.of(step.claim())))
            .toList();
    for (Found step : taken) {
      with.capacity().hold(step.claim());
      claims.add(step.claim());
    }
    return taken;
  }

  /**
   * What was put off, or has its next turn, waits behind the others. So does a download behind one
   * where another payer, or another call of this one, is waiting.
   */
  private boolean follows(Waiting step) {
    boolean goesOn =
        step.step() == ended.lease().step()
            ? step.kind() != ended.stage()
            : step.kind() != Stage.DOWNLOAD || ended.stage() != Stage.DOWNLOAD || isAlone(step);
    leavesSome |= !goesOn;
    return goesOn;
  }

  private boolean isAlone(Waiting download) {
    return left.stream()
        .allMatch(due -> due.kind() == Stage.DOWNLOAD && due.lane().equals(download.lane()));
  }

  private boolean fits(Stage kind, String lane) {
    int room = free.computeIfAbsent(kind + " " + lane, each -> with.capacity().free(kind, lane));
    if (room < 1
        || (kind.callsPayer() && callsLeft < 1)
        || (kind.mayTakeHours() && downloadsLeft < 1)) {
      return false;
    }
    free.put(kind + " " + lane, room - 1);
    callsLeft -= kind.callsPayer() ? 1 : 0;
    downloadsLeft -= kind.mayTakeHours() ? 1 : 0;
    return true;
  }

  /** Behind a download comes the one of its payer that has waited for longest, whosever it is. */
  private boolean isTurn(Stage kind) {
    return kind == Stage.DOWNLOAD && ended.stage() == kind;
  }

  private List<Found> find(Stage kind, List<Long> ids) {
    if (kind == Stage.DELIVER) {
      return notLost(with.steps().find(kind, ids));
    }
    return isTurn(kind)
        ? notLost(
            with.steps()
                .find(
                    new Due(kind, ended.lane(), null),
                    Duration.ZERO,
                    DueSteps.mayCall(kind),
                    ids.size()))
        : with.steps().find(kind, ids);
  }

  /** Of those that are not new: what was lost is counted by the claim that takes it. */
  private List<Found> notLost(List<Found> found) {
    Set<String> lost = with.lostEnds().all(LostEnds.STEP).keySet();
    return found.stream()
        .filter(step -> !step.takenOver() && !lost.contains(Leases.item(step.claim())))
        .toList();
  }

  /** How many requests more the payer gets, and downloads among them; once in a transaction. */
  private void count(int wanted, boolean sameRoom) {
    if (!counted) {
      counted = true;
      downloadsLeft = 0;
      callsLeft = calls(wanted, sameRoom);
    }
  }

  private int calls(int wanted, boolean sameRoom) {
    if (with.calls().areCounted(ended.payer())) {
      // the claim alone gives out calls that are counted
      return 0;
    }
    int own = ended.stage().callsPayer() ? 1 : 0;
    if (wanted <= own
        && !steps.tookMorePlaces()
        && !with.pace().isLowered(ended.payer())
        && sameRoom) {
      // the count stays what it was; whether the payer may be called is asked with the step
      downloadsLeft = own;
      return own;
    }
    Optional<Gate> gate = wanted > own ? with.steps().gate(ended.payer(), true) : Optional.empty();
    boolean passed = gate.isPresent();
    if (!passed && own > 0) {
      gate = with.steps().gate(ended.payer(), false);
    }
    if (gate.isEmpty()) {
      return 0;
    }
    int limit = with.pace().of(ended.payer(), gate.get().pace());
    downloadsLeft = PayerPace.downloads(limit) - gate.get().running().downloads();
    int left = Math.max(0, limit - gate.get().running().calls());
    if (passed) {
      steps.takesMorePlaces();
    }
    return passed ? left : Math.min(left, own);
  }

  private boolean sameRoom(Stage next) {
    return !next.mayTakeHours() || ended.stage().mayTakeHours();
  }

  private Set<String> heldSinks(List<Waiting> mine) {
    Set<String> sinks =
        mine.stream()
            .filter(step -> step.kind() == Stage.DELIVER)
            .map(Waiting::lane)
            .collect(Collectors.toSet());
    if (sinks.isEmpty()) {
      return Set.of();
    }
    Set<String> held = new HashSet<>(with.steps().heldSinks(sinks));
    sinks.stream().filter(sink -> !with.capacity().sinks().contains(sink)).forEach(held::add);
    return held;
  }
}
