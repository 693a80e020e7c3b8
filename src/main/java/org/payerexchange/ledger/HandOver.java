package org.payerexchange.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.ledger.DueSteps.Due;
import org.payerexchange.ledger.DueSteps.Found;
import org.payerexchange.ledger.DueSteps.Gate;
import org.payerexchange.ledger.DueSteps.Waiting;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Hands;
import org.payerexchange.step.Stage;

/**
 * What a commit hands on: the steps that follow, as far as this node may go on with them at once.
 * One takes the place of the step that ends, at its payer too; for more the payer must have room.
 */
final class HandOver {
  private static final int MOST = 64;

  /** A lease that ran out is counted, which claims do. */
  private static final String NOT_TAKEN_OVER =
      "AND lease_until IS NULL AND CAST(id AS VARCHAR) NOT IN (SELECT item FROM lost_end WHERE kind = 'step')";

  private final DueSteps steps;
  private final PayerPace pace;
  private final Hands hands;
  private final Capacity capacity;
  private final Claim ended;
  private final List<Claim> claims = new ArrayList<>();
  private final Map<String, Integer> free = new HashMap<>();
  private boolean leavesSome;
  private int callsLeft;
  private int downloadsLeft;

  HandOver(DueSteps steps, PayerPace pace, Hands hands, Capacity capacity, Claim ended) {
    this.steps = steps;
    this.pace = pace;
    this.hands = hands;
    this.capacity = capacity;
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

  /** Nothing of it was committed. */
  void undo() {
    claims.forEach(capacity::release);
    claims.forEach(claim -> hands.drop(InHand.of(claim)));
    claims.clear();
  }

  /** Leases what follows, within the transaction that ends the step. */
  void handOn() {
    List<Waiting> waiting =
        steps.ofTransfer(ended.transferId(), MOST).stream().filter(this::follows).toList();
    if (waiting.isEmpty()) {
      return;
    }
    capacity.release(ended);
    List<Waiting> mine =
        hands.mayTake()
            ? waiting.stream().filter(step -> capacity.does(step.kind())).toList()
            : List.of();
    callsLeft = calls(mine);
    Set<String> heldSinks = heldSinks(mine);
    Map<Stage, List<Long>> taken = new EnumMap<>(Stage.class);
    for (Waiting step : mine) {
      if (!heldSinks.contains(step.lane()) && fits(step)) {
        taken.computeIfAbsent(step.kind(), kind -> new ArrayList<>()).add(step.step());
      }
    }
    taken.forEach((kind, ids) -> claims.addAll(steps.lease(find(kind, ids))));
    claims.forEach(
        claim -> {
          capacity.hold(claim);
          hands.take(InHand.of(claim), false);
        });
    leavesSome = claims.size() < waiting.size();
  }

  /** What was put off, or has its next turn, waits behind the others. */
  private boolean follows(Waiting step) {
    boolean same = step.step() == ended.lease().step() && step.kind() == ended.stage();
    leavesSome |= same;
    return !same;
  }

  private boolean fits(Waiting step) {
    Stage kind = step.kind();
    int room =
        free.computeIfAbsent(kind + " " + step.lane(), each -> capacity.free(kind, step.lane()));
    if (room < 1
        || (kind.callsPayer() && callsLeft < 1)
        || (kind == Stage.DOWNLOAD && downloadsLeft < 1)) {
      return false;
    }
    free.put(kind + " " + step.lane(), room - 1);
    callsLeft -= kind.callsPayer() ? 1 : 0;
    downloadsLeft -= kind == Stage.DOWNLOAD ? 1 : 0;
    return true;
  }

  /** Behind a download comes the one of its payer that has waited for longest, whosever it is. */
  private List<Found> find(Stage kind, List<Long> ids) {
    return kind == Stage.DOWNLOAD && ended.stage() == kind
        ? steps.find(new Due(kind, ended.lane(), null), Duration.ZERO, NOT_TAKEN_OVER, ids.size())
        : steps.find(kind, ids);
  }

  /** How many requests more the payer gets. */
  private int calls(List<Waiting> mine) {
    long wanted = mine.stream().filter(step -> step.kind().callsPayer()).count();
    if (wanted == 0) {
      return 0;
    }
    int own = ended.stage().callsPayer() ? 1 : 0;
    Optional<Gate> gate = wanted > own ? steps.gate(ended.payer(), true) : Optional.empty();
    boolean passed = gate.isPresent();
    if (!passed && own > 0) {
      gate = steps.gate(ended.payer(), false);
    }
    if (gate.isEmpty()) {
      return 0;
    }
    int limit = pace.of(ended.payer(), gate.get().pace());
    downloadsLeft = PayerPace.downloads(limit) - gate.get().running().downloads();
    int left = Math.max(0, limit - gate.get().running().calls());
    return passed ? left : Math.min(left, own);
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
    Set<String> held = new HashSet<>(steps.heldSinks(sinks));
    sinks.stream().filter(sink -> !capacity.sinks().contains(sink)).forEach(held::add);
    return held;
  }
}
