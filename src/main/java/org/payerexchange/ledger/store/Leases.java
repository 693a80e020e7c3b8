package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.InHand;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Hands;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * The steps that this node has in hand. It claims due ones, and the commit that ends one hands on
 * those that follow. Claimers pass the gates of the lanes that have something due one after the
 * other, so that the payers' limits hold over all nodes. What a claim costs depends on the steps
 * that it takes, never on those that wait.
 */
public final class Leases {
  private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

  private final LedgerDatabase database;
  private final LedgerWatch watch;
  private final String node;
  private final Limits limits;
  private final Capacity capacity;
  private final Transitions transitions;
  private final TransitionsTogether together;
  private final FanIn fanIn;
  private final PayerPace pace;
  private final CallGates calls;
  private final Map<String, Batches.Rule> gathered;
  private final SinkHolds sinkHolds;
  private final Hands hands;
  private final LostEnds lostEnds;
  private final LeftBehind leftBehind;
  private final DueSteps steps;
  private final Map<InHand, List<Claim>> handedOn = new ConcurrentHashMap<>();
  private final Set<InHand> passedOn = ConcurrentHashMap.newKeySet();
  private volatile boolean someAreDue;
  private volatile Set<DueSteps.Due> left = Set.of();
  private volatile Consumer<Claim> givenUp = claim -> {};

  /**
   * How long leases last, and how long things are left as they are.
   *
   * @param lease how long a claim is held; longer than any step goes on without renewing it
   * @param keepFailedJobs how long a failed job that may have files is kept at the payer, so that a
   *     retry can go on from there
   * @param strangers how long deliveries to sinks that the node does not know are left to others
   */
  public record Limits(Duration lease, Duration keepFailedJobs, Duration strangers) {}

  /**
   * Claims for one node.
   *
   * @param watch nothing is claimed while the node's clock is wrong
   * @param payers whose limits of parallel requests hold over all nodes
   * @param node this process's id, the actor of its events
   * @param capacity what the node takes on
   */
  public Leases(
      LedgerDatabase database,
      LedgerWatch watch,
      Payers payers,
      String node,
      Limits limits,
      Capacity capacity) {
    this.database = database;
    this.watch = watch;
    this.node = node;
    this.limits = limits;
    this.capacity = capacity;
    this.transitions = new Transitions(database);
    this.together = new TransitionsTogether(transitions);
    this.hands = new Hands(limits.lease());
    this.lostEnds = new LostEnds(database);
    this.leftBehind = new LeftBehind(database, hands, node, limits.lease());
    this.sinkHolds = new SinkHolds(database);
    this.steps = new DueSteps(database, node, limits.lease());
    this.fanIn = new FanIn(database, hands, limits.keepFailedJobs(), node);
    database.beforeClose(this::giveBack);
    this.gathered =
        payers.all().stream()
            .filter(payer -> payer.dialect().bulkMatch().isPresent())
            .collect(Collectors.toMap(Payer::id, payer -> rule(payer.dialect().bulkMatch().get())));
    this.pace =
        new PayerPace(
            database,
            payers.all().stream().collect(Collectors.toMap(Payer::id, Payer::maxParallelRequests)));
    this.calls =
        new CallGates(
            database, payers.all().stream().collect(Collectors.toMap(Payer::id, Payer::limits)));
  }

  private static Batches.Rule rule(BulkMatch match) {
    return new Batches.Rule(match.batchSize(), match.batchWait());
  }

  /** The payers that are asked for many members at once. */
  Map<String, Batches.Rule> gathered() {
    return gathered;
  }

  /** A planned end is no lost one. */
  private void giveBack() {
    try {
      database.giveBack(node);
    } catch (DataAccessException | TransactionException | RejectedExecutionException away) {
      LOG.warn(
          "What this node had in hand is not given back, for the ledger is away ({}): it goes on once its leases have run out",
          away.getClass().getSimpleName());
    }
  }

  /** What the node of these leases has in its hands, as a bean. */
  public static Hands handsOf(Leases leases) {
    return leases.hands;
  }

  /** Claims what is due, as far as the node can take it on. */
  public List<Claim> claim() {
    return claim(capacity);
  }

  /** Claims what is due of what somebody asks for. */
  List<Claim> claim(Capacity wanted) {
    if (!watch.clocksAgree()) {
      return List.of();
    }
    leftBehind.giveBack();
    calls.plan();
    someAreDue = false;
    Claimer claimer = new Claimer(taking(wanted), limits.strangers());
    List<Claim> claims;
    try {
      claims = database.lease(() -> hands.taking(claimer::claim));
    } catch (RuntimeException | Error notCommitted) {
      leftBehind.add(claimer.undo());
      throw notCommitted;
    }
    left = claimer.left();
    if (claimer.leftSome()) {
      someAreDue = true;
    }
    claimer.guilty().forEach(this::giveUp);
    return claims;
  }

  private Taking taking(Capacity wanted) {
    return new Taking(steps, lostEnds, pace, calls, hands, wanted, wanted.kinds());
  }

  private void giveUp(Claim guilty) {
    try {
      givenUp.accept(guilty);
    } catch (RuntimeException notRecorded) {
      leftBehind.notRecorded(guilty);
      leftBehind.done(guilty);
      // what was claimed beside it goes on
      LOG.warn("A step that is to be given up is not: {}", notRecorded.getClass().getSimpleName());
    }
  }

  /**
   * A step begins. Where it has waited for long, its lease is renewed first.
   *
   * @return whether it is still this node's
   */
  public boolean begins(Claim claim) {
    boolean ours = hands.isFresh(InHand.of(claim)) || isRenewed(claim);
    if (!ours) {
      leave(claim);
    }
    return ours;
  }

  private boolean isRenewed(Claim claim) {
    try {
      return renew(claim);
    } catch (RuntimeException | Error failed) {
      notRecorded(claim);
      throw failed;
    }
  }

  /** What becomes of a step could not be recorded: it is given back some time after it is done. */
  void notRecorded(Claim claim) {
    leftBehind.notRecorded(claim);
  }

  /**
   * The steps that follow a step that has ended, as far as this node has them in hand now; once.
   */
  public List<Claim> handedOn(Claim ended) {
    List<Claim> claims = handedOn.remove(InHand.of(ended));
    return claims == null ? List.of() : claims;
  }

  /**
   * A step does not go on. What it was to hand on, and nobody has begun, is given back.
   *
   * @return whether more may be due that the node could take on now
   */
  public boolean done(Claim claim) {
    capacity.release(claim);
    boolean placePassedOn = passedOn.remove(InHand.of(claim));
    Collection<Claim> notBegun = handedOn(claim);
    notBegun.forEach(capacity::release);
    notBegun.forEach(this::giveBack);
    leftBehind.done(claim);
    return !notBegun.isEmpty() || (someAreDue && !placePassedOn);
  }

  private void giveBack(Claim notBegun) {
    try {
      update(notBegun).due(Duration.ZERO).keepFailures().runAlone();
    } catch (RuntimeException failed) {
      leftBehind.notRecorded(notBegun);
      leftBehind.done(notBegun);
      LOG.warn("A step that is to be given back is not: {}", failed.getClass().getSimpleName());
    }
  }

  /** Something became due that nobody was handed. */
  void someAreDue() {
    someAreDue = true;
  }

  LedgerDatabase database() {
    return database;
  }

  DueSteps steps() {
    return steps;
  }

  /** What is done with a step that ended one process after the other. */
  void whenGivenUp(Consumer<Claim> work) {
    givenUp = work;
  }

  /** Gives a step out of this node's hands that is another node's by now. */
  void leave(Claim claim) {
    hands.drop(InHand.of(claim));
    cameBackLate(claim);
  }

  String node() {
    return node;
  }

  Duration duration() {
    return limits.lease();
  }

  FanIn fanIn() {
    return fanIn;
  }

  PayerPace pace() {
    return pace;
  }

  /** Makes a transition of this node on the claim's transfer. */
  boolean transition(Claim claim, Predicate<LockedTransfer> work) {
    AtomicBoolean othersAreDue = new AtomicBoolean();
    boolean done =
        transitions.on(
            claim, node, work, transfer -> othersAreDue.set(hasOthersDue(transfer, claim)));
    if (done && othersAreDue.get()) {
      someAreDue = true;
    }
    return noted(claim, done);
  }

  private static boolean hasOthersDue(LockedTransfer transfer, Claim claim) {
    return transfer.steps().due().stream().anyMatch(step -> step.step() != claim.lease().step());
  }

  private boolean noted(Claim claim, boolean done) {
    if (!done) {
      cameBackLate(claim);
    }
    return done;
  }

  /** The same for one that ends the step, and hands on what follows. */
  boolean ends(Claim claim, Predicate<LockedTransfer> work) {
    return ends(claim, work, transitions::on);
  }

  /** The same for steps of which others of the transfer may end at the same time. */
  boolean endsWithOthers(Claim claim, Predicate<LockedTransfer> work) {
    return ends(claim, work, together::on);
  }

  private boolean ends(Claim claim, Predicate<LockedTransfer> work, Transition transition) {
    HandOver next = new HandOver(taking(capacity), left, claim);
    boolean done = false;
    try {
      done =
          transition.on(
              claim,
              node,
              transfer -> {
                next.begin(watch.clocksAgree(), transfer);
                return work.test(transfer);
              },
              transfer -> next.handOn(transfer.steps().due()));
      return noted(claim, done);
    } finally {
      if (done) {
        passOn(claim, next);
      } else {
        leftBehind.add(next.undo());
      }
    }
  }

  /** {@link Transitions#on}, or the same with others. */
  private interface Transition {
    boolean on(
        Claim claim, String actor, Predicate<LockedTransfer> work, Consumer<LockedTransfer> then);
  }

  private void passOn(Claim ended, HandOver next) {
    if (!next.claims().isEmpty()) {
      handedOn.put(InHand.of(ended), next.claims());
      passedOn.add(InHand.of(ended));
    }
    if (next.leavesSome()) {
      someAreDue = true;
    }
  }

  /** What comes back, if too late, has not ended the process: a slow machine is no step's fault. */
  private void cameBackLate(Claim claim) {
    database.change(
        () -> {
          lostEnds.forget(LostEnds.STEP, item(claim));
          return null;
        });
  }

  /** Starts the change of a claimed step. */
  ClaimedUpdate update(Claim claim) {
    ClaimedUpdate update = new ClaimedUpdate(database, hands, node, claim);
    if (claim.stage().callsPayer() && !claim.stage().isCourtesy()) {
      return update.onSuccess(() -> pace.raise(claim.payer()));
    }
    // a sink that put nothing off asked for no pause
    return claim instanceof DeliveryClaim delivery && claim.attempts() > 0
        ? update.onSuccess(() -> sinkHolds.over(delivery.sink()))
        : update;
  }

  /** Whether a step is still this node's. */
  boolean holds(Claim claim) {
    return update(claim).isHeld();
  }

  /** Prolongs a claim. */
  boolean renew(Claim claim) {
    return update(claim).keepLeased(limits.lease()).runAlone();
  }

  /** Whether a step may call a payer again. */
  boolean bearsCalls(String payer) {
    return Gates.bearsCalls(database, payer);
  }

  /** What a step is called among lost ends. */
  static String item(Claim claim) {
    return String.valueOf(claim.lease().step());
  }
}
