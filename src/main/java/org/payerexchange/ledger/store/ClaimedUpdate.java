package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.InHand;
import org.payerexchange.ledger.State;
import org.payerexchange.ledger.store.DueSteps.Waiting;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Hands;
import org.payerexchange.step.Stage;

/**
 * Ends a claimed step, or has it go on, and changes the row that it is about, where both are still
 * as they were when the step was claimed: fenced by the lease, its holder and, for a transition, by
 * the state that is left. A claim is good for one such change, unless it keeps its lease.
 */
final class ClaimedUpdate {
  private static final String IS_HELD =
      "id = ? AND lease_token = ? AND lease_owner = ? AND kind = ? AND lease_until IS NOT NULL";
  private static final String NO_FAILURES =
      "attempts = 0, failing_since = NULL, refused_since = NULL";

  private final LedgerDatabase database;
  private final Hands hands;
  private final String node;
  private final Claim claim;
  private final Assignments row = new Assignments();
  private final Assignments step = new Assignments();
  private String left;
  private Stage next;
  private boolean dueNow;
  private boolean ends;
  private boolean withOthers;
  private boolean gotOn;
  private boolean keepsLease;
  private boolean keepsStep;
  private boolean keepsFailures;
  private Runnable onSuccess = () -> {};

  /**
   * Of a claim.
   *
   * @param hands that have it
   * @param node whose they are: of what a failover lost, tokens and ids of steps are given again
   */
  ClaimedUpdate(LedgerDatabase database, Hands hands, String node, Claim claim) {
    this.database = database;
    this.hands = hands;
    this.node = node;
    this.claim = claim;
    this.next = claim.stage();
  }

  /** What else is done where the step got on. */
  ClaimedUpdate onSuccess(Runnable work) {
    onSuccess = work;
    return this;
  }

  /** A transition from one state to another. */
  <S extends Enum<S> & State<S>> ClaimedUpdate move(S from, S to) {
    left = from.name();
    return set("state", from.to(to).name());
  }

  /** What is to be done from now on, for the same row. */
  ClaimedUpdate next(Stage stage, Duration in) {
    next = stage;
    step.set("kind", stage.name());
    return due(in);
  }

  /** A job is released at the payer, if it ever ran there. */
  ClaimedUpdate nextRelease(Duration in) {
    return ((ExportJobClaim) claim).statusUrl() == null ? atRest() : next(Stage.RELEASE, in);
  }

  /** The step is tried again, or goes on. */
  ClaimedUpdate due(Duration in) {
    dueNow = in.isZero();
    step.add("due_at = " + LedgerDatabase.FROM_NOW, LedgerDatabase.seconds(in));
    return this;
  }

  /** Nothing is to be done until something else happens. */
  ClaimedUpdate parked() {
    step.set("due_at", null);
    return this;
  }

  /** Nothing is to be done any more. */
  ClaimedUpdate atRest() {
    ends = true;
    return this;
  }

  /** The same, by one statement with the steps of others that end in the same transaction. */
  ClaimedUpdate atRestWithOthers() {
    withOthers = true;
    return atRest();
  }

  ClaimedUpdate set(String column, Object value) {
    row.set(column, value);
    return this;
  }

  /** An assignment without values of its own. */
  ClaimedUpdate setTo(String assignment) {
    row.add(assignment);
    return this;
  }

  /** Why the step did not succeed. */
  ClaimedUpdate because(FailureReason reason, String detail) {
    return set("reason", reason.name()).set("detail", LedgerDatabase.shortened(detail));
  }

  /** Nothing of an earlier failure is left. */
  ClaimedUpdate well() {
    return set("reason", null).set("detail", null);
  }

  /**
   * The step failed once more.
   *
   * @param refused whether the payer refused a token that it had just given
   */
  ClaimedUpdate countFailure(boolean refused) {
    String now = GateClock.now(claim.stage(), "step.lane");
    step.add("attempts = attempts + 1");
    step.add("failing_since = COALESCE(failing_since, %s)".formatted(now));
    step.add(
        refused
            ? "refused_since = COALESCE(refused_since, %s)".formatted(now)
            : "refused_since = NULL");
    return keepFailures();
  }

  /** The step got on: what failed before is over. */
  ClaimedUpdate forgetFailures() {
    gotOn = true;
    step.add(NO_FAILURES);
    return this;
  }

  /** The step did not come to an end. */
  ClaimedUpdate keepFailures() {
    keepsFailures = true;
    return this;
  }

  /** The step goes on, for another lease. */
  ClaimedUpdate keepLeased(Duration lease) {
    keepsLease = true;
    step.add("lease_until = " + LedgerDatabase.FROM_NOW, LedgerDatabase.seconds(lease));
    return due(lease).keepFailures();
  }

  /** The same with what is left of its lease, as long as that is half of it. */
  ClaimedUpdate keepHeld(Duration lease) {
    if (!hands.isFresh(InHand.of(claim))) {
      return keepLeased(lease);
    }
    keepsLease = true;
    keepsStep = true;
    return keepFailures();
  }

  /** Whether the step is still held; nothing is changed. */
  boolean isHeld() {
    return database.finds("SELECT 1 FROM step WHERE " + IS_HELD, held().toArray());
  }

  /**
   * Makes the change by itself, without an event.
   *
   * @return whether the step was still held, and the row as it was
   */
  boolean runAlone() {
    return database.transition(() -> change(this::changeStep, Runnable::run));
  }

  /** The same as a part of a change of the transfer. */
  boolean run(LockedTransfer transfer) {
    boolean asClaimed =
        change(
            withOthers ? () -> transfer.steps().ends(claim, node) : this::changeStep,
            transfer::atLast);
    if (asClaimed && dueNow) {
      transfer.steps().due().add(new Waiting(claim.lease().step(), next, claim.lane()));
    }
    return asClaimed;
  }

  private boolean change(BooleanSupplier changeOfStep, Consumer<Runnable> atLast) {
    if (!keepsLease) {
      step.add("lease_owner = NULL, lease_until = NULL");
    }
    if (!keepsFailures) {
      forgetFailures();
    }
    boolean asClaimed = changeRow() && (keepsStep || changeOfStep.getAsBoolean());
    if (asClaimed && gotOn) {
      atLast.accept(onSuccess);
    }
    noteHands(asClaimed);
    return asClaimed;
  }

  /** Before the step: whoever locks both does it in this order. */
  private boolean changeRow() {
    if (row.isEmpty()) {
      return true;
    }
    if (!keepsLease) {
      setTo("updated_at = CURRENT_TIMESTAMP");
    }
    List<Object> values = new ArrayList<>(held());
    values.add(claim.rowId());
    if (left != null) {
      values.add(left);
    }
    String where =
        "EXISTS (SELECT 1 FROM step WHERE step.%s) AND id = ?%s"
            .formatted(IS_HELD, left == null ? "" : " AND state = ?");
    return row.update(database, claim.stage().table(), where, values) == 1;
  }

  private boolean changeStep() {
    int changed =
        ends
            ? database.jdbc().sql("DELETE FROM step WHERE " + IS_HELD).params(held()).update()
            : step.update(database, "step", IS_HELD, held());
    return changed == 1;
  }

  private List<Object> held() {
    return List.of(claim.lease().step(), claim.leaseToken(), node, claim.stage().name());
  }

  private void noteHands(boolean asClaimed) {
    InHand inHand = InHand.of(claim);
    if (asClaimed && (gotOn || !keepsLease) && hands.isCounted(inHand)) {
      new LostEnds(database).forget(LostEnds.STEP, Leases.item(claim));
    }
    if (!keepsLease || !asClaimed) {
      hands.drop(inHand);
    } else if (!keepsStep) {
      hands.prolong(inHand);
    }
  }
}
