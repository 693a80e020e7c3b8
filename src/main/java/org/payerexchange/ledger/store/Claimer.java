package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.ledger.InHand;
import org.payerexchange.ledger.store.DueSteps.Due;
import org.payerexchange.ledger.store.DueSteps.Found;
import org.payerexchange.ledger.store.DueSteps.Running;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;

/**
 * One claim of due steps of all kinds, within what the node can take on and what each payer bears.
 * Lanes are served in turn; within a lane kinds are, those that are over soon first, so that
 * downloads of hours hold up nothing else.
 */
final class Claimer {
  static final List<Stage> IN_TURN =
      List.of(
          Stage.MATCH_POLL,
          Stage.EXPORT_POLL,
          Stage.RELEASE,
          Stage.MATCH_BATCH,
          Stage.EXPORT_KICKOFF,
          Stage.MEMBER_MATCH,
          Stage.OUTCOME,
          Stage.SPLIT,
          Stage.SPLIT_TYPES,
          Stage.DELIVER,
          Stage.RETRIEVE,
          Stage.DOWNLOAD);

  private static final int SUSPECTS_AT_ONCE = 16;

  private final Taking with;
  private final Duration patience;

  private final List<Claim> claims = new ArrayList<>();
  private final List<Claim> guilty = new ArrayList<>();
  private final Map<String, Integer> calls = new HashMap<>();
  private final Map<String, Integer> downloads = new HashMap<>();
  private final Set<Due> exhausted = new HashSet<>();
  private final Set<Due> left = new HashSet<>();
  private final Set<String> suspects = new TreeSet<>();
  private final Map<String, Integer> allowed = new HashMap<>();
  private boolean leftSome;
  private boolean undone;
  private Map<String, Integer> ends;

  /**
   * For one claim.
   *
   * @param patience how long deliveries to sinks that the node does not know are left to others
   */
  Claimer(Taking with, Duration patience) {
    this.with = with;
    this.patience = patience;
  }

  /** Those that ended one process after the other, and are to be given up. */
  List<Claim> guilty() {
    return guilty;
  }

  /** The lanes and kinds of which more may be due. */
  Set<Due> left() {
    return left;
  }

  /** Whether it left something that is due, as far as it could see. */
  boolean leftSome() {
    return leftSome;
  }

  /**
   * Nothing of it was committed, as far as is known; if it still comes to it, nothing is taken any
   * more.
   *
   * @return what was taken
   */
  synchronized List<Claim> undo() {
    undone = true;
    with.undo(claims);
    return Stream.concat(claims.stream(), guilty.stream()).toList();
  }

  /** Claims, within a transaction. */
  synchronized List<Claim> claim() {
    if (undone) {
      return List.of();
    }
    claimDue();
    with.calls().count(claims);
    return claims;
  }

  private void claimDue() {
    List<Due> due =
        new ArrayList<>(
            with.steps()
                .ofPayers(
                    IN_TURN.stream()
                        .filter(kind -> kind != Stage.DELIVER && with.kinds().contains(kind))
                        .toList()));
    if (with.kinds().contains(Stage.DELIVER)) {
      due.addAll(with.steps().ofSinks(with.capacity().sinks(), patience));
    }
    if (due.isEmpty()) {
      return;
    }
    ends = with.lostEnds().all(LostEnds.STEP);
    ends.forEach(this::suspect);
    if (suspects.isEmpty() && !with.hands().mayTake()) {
      leftSome = true;
      return;
    }
    Map<String, Running> running = with.steps().running();
    allowed.putAll(
        with.calls()
            .room(
                due.stream()
                    .filter(lane -> lane.kind().callsPayer())
                    .map(Due::lane)
                    .collect(Collectors.toSet())));
    due.forEach(lane -> budget(lane, running.getOrDefault(lane.lane(), Running.NONE)));
    if (!suspects.isEmpty() && (takeSuspect(due) || !with.hands().mayTake())) {
      leftSome = true;
      return;
    }
    // nobody is always first where there are more lanes than places
    Collections.shuffle(due);
    serveFew(due);
    for (boolean rest : new boolean[] {false, true}) {
      for (Stage kind : IN_TURN) {
        serve(due.stream().filter(lane -> lane.kind() == kind).toList(), rest);
      }
    }
    left.addAll(due);
    left.removeAll(exhausted);
    leftSome |= !left.isEmpty();
  }

  private void suspect(String step, int times) {
    if (times >= LostEnds.SUSPECT) {
      suspects.add(step);
    }
  }

  private void budget(Due lane, Running running) {
    if (lane.kind().callsPayer()) {
      int limit = with.pace().of(lane.lane(), lane.pace());
      calls.put(
          lane.lane(),
          Math.min(limit - running.calls(), allowed.getOrDefault(lane.lane(), Integer.MAX_VALUE)));
      downloads.put(lane.lane(), PayerPace.downloads(limit) - running.downloads());
    }
  }

  /**
   * Where the calls of a second or a minute are counted they may be fewer than the kinds that wait,
   * every time: so each kind has one first, in any order.
   */
  private void serveFew(List<Due> due) {
    due.stream()
        .filter(lane -> lane.kind().callsPayer() && allowed.containsKey(lane.lane()))
        .forEach(lane -> take(lane, Math.min(1, Math.min(most(lane, true), share(lane, 1)))));
  }

  private void serve(List<Due> lanes, boolean rest) {
    List<Due> waiting = new ArrayList<>(lanes);
    waiting.removeAll(exhausted);
    boolean goesOn = true;
    while (goesOn) {
      goesOn = false;
      int left = waiting.size();
      for (Iterator<Due> each = waiting.iterator(); each.hasNext(); left--) {
        Due due = each.next();
        int share = Math.min(most(due, rest), share(due, left));
        int taken = take(due, share);
        if (taken < share) {
          exhausted.add(due);
        }
        if (taken < Math.max(share, 1) || (!rest && due.kind().callsPayer())) {
          each.remove();
        }
        goesOn |= taken > 0;
      }
    }
  }

  /**
   * What a lane may take of the node's places, with so many lanes that are still to have theirs.
   */
  private int share(Due due, int waiting) {
    int free = with.capacity().free(due.kind(), due.lane());
    return due.kind() == Stage.DELIVER
        ? free
        : Math.min(free, (with.capacity().free(due.kind()) + waiting - 1) / waiting);
  }

  /** What a lane may take of a kind; in the first round every kind that waits has its part. */
  private int most(Due due, boolean rest) {
    if (!due.kind().callsPayer()) {
      return Integer.MAX_VALUE;
    }
    int left = calls.get(due.lane());
    if (due.kind().mayTakeHours()) {
      return Math.min(left, downloads.get(due.lane()));
    }
    return rest ? left : (left + 1) / 2;
  }

  private int take(Due due, int max) {
    if (max < 1) {
      return 0;
    }
    List<Found> found =
        with.steps().find(due, ago(due), suspects.isEmpty() ? "" : among("NOT IN"), max);
    countLost(found);
    List<Claim> leased =
        with.steps().lease(found.stream().filter(step -> !suspects.contains(item(step))).toList());
    leased.forEach(
        claim -> {
          with.capacity().hold(claim);
          with.hands().take(InHand.of(claim), ends.containsKey(Leases.item(claim)));
        });
    claims.addAll(leased);
    if (due.kind().callsPayer()) {
      calls.merge(due.lane(), -leased.size(), Integer::sum);
      downloads.merge(due.lane(), due.kind().mayTakeHours() ? -leased.size() : 0, Integer::sum);
    }
    leftSome |= leased.size() < found.size();
    return leased.size();
  }

  private String among(String in) {
    return "AND id %s (%s)".formatted(in, String.join(", ", suspects));
  }

  private Duration ago(Due due) {
    return due.kind() == Stage.DELIVER && !with.capacity().sinks().contains(due.lane())
        ? patience
        : Duration.ZERO;
  }

  /**
   * Those that ended processes before: one is claimed if it is alone then, and those that did it
   * once too often are given up.
   */
  private boolean takeSuspect(List<Due> lanes) {
    for (Due due : lanes) {
      if (due.kind().callsPayer() && calls.get(due.lane()) < 1) {
        continue;
      }
      List<Found> found = with.steps().find(due, ago(due), among("IN"), SUSPECTS_AT_ONCE);
      leftSome |= !found.isEmpty();
      countLost(found);
      for (Found step : found) {
        Claim claim = step.claim();
        if (ends.get(item(step)) >= LostEnds.GUILTY) {
          guilty.addAll(with.steps().lease(List.of(step)));
          with.hands().take(InHand.of(claim), true);
        } else if (with.hands().takeAlone(InHand.of(claim))) {
          with.lostEnds().alone(LostEnds.STEP, item(step));
          claims.addAll(with.steps().lease(List.of(step)));
          claims.forEach(with.capacity()::hold);
          return true;
        }
      }
    }
    return false;
  }

  private void countLost(List<Found> found) {
    List<Found> lost = found.stream().filter(Found::takenOver).toList();
    for (Found step : lost) {
      int times = with.lostEnds().count(LostEnds.STEP, item(step));
      ends.put(item(step), times);
      suspect(item(step), times);
    }
    with.steps().free(lost);
  }

  private static String item(Found step) {
    return Leases.item(step.claim());
  }
}
