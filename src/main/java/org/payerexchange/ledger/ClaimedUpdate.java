package org.payerexchange.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Hands;
import org.payerexchange.step.Stage;

/**
 * Changes a claimed row and ends its lease, where the row is still as it was claimed: fenced by the
 * lease token, the stage and, for a transition, the state that is left. A claim is good for one
 * such change.
 */
final class ClaimedUpdate {
  /** Has a job released at the payer some seconds from now, if it ever ran there. */
  static final String RELEASE_NEXT =
      "stage = CASE WHEN status_url IS NULL THEN NULL ELSE 'RELEASE' END, "
          + "due_at = CASE WHEN status_url IS NULL THEN NULL ELSE %s END"
              .formatted(LedgerDatabase.FROM_NOW);

  /** A row whose step has not failed. */
  static final String NO_FAILURES = "attempts = 0, failing_since = NULL, refused_since = NULL";

  /**
   * Has a job kicked off again, once the payer was told that the one before is not needed: payers
   * limit how many they keep.
   */
  static final String RELEASE_THEN_KICK_OFF =
      "stage = CASE WHEN status_url IS NULL OR released_at IS NOT NULL THEN 'EXPORT_KICKOFF' "
          + "ELSE 'RELEASE' END, due_at = CURRENT_TIMESTAMP, kickoff_started_at = NULL, "
          + "job_id = CASE WHEN released_at IS NULL THEN job_id END, "
          + "status_url = CASE WHEN released_at IS NULL THEN status_url END";

  private final LedgerDatabase database;
  private final Hands hands;
  private final Claim claim;
  private final List<String> changes = new ArrayList<>();
  private final List<Object> values = new ArrayList<>();
  private String fence = "";
  private String left;
  private boolean gotOn;
  private boolean keepsLease;
  private boolean keepsFailures;
  private Runnable onSuccess = () -> {};

  ClaimedUpdate(LedgerDatabase database, Hands hands, Claim claim) {
    this.database = database;
    this.hands = hands;
    this.claim = claim;
  }

  /** What else is done where the step got on. */
  ClaimedUpdate onSuccess(Runnable work) {
    onSuccess = work;
    return this;
  }

  /** A transition from one state to another. */
  <S extends Enum<S> & State<S>> ClaimedUpdate move(S from, S to) {
    set("state", from.to(to).name());
    fence = " AND state = ?";
    left = from.name();
    return this;
  }

  /** What the row waits for from now on. */
  ClaimedUpdate next(Stage stage, Duration in) {
    set("stage", stage.name());
    return due(in);
  }

  ClaimedUpdate nextRelease(Duration in) {
    changes.add(RELEASE_NEXT);
    values.add(LedgerDatabase.seconds(in));
    return this;
  }

  /** The row's stage stays. */
  ClaimedUpdate due(Duration in) {
    changes.add("due_at = " + LedgerDatabase.FROM_NOW);
    values.add(LedgerDatabase.seconds(in));
    return this;
  }

  /** Nothing is to be done until something else happens. */
  ClaimedUpdate parked() {
    return set("due_at", null);
  }

  /** Nothing is to be done any more. */
  ClaimedUpdate atRest() {
    return set("stage", null).set("due_at", null);
  }

  /** A job that was released to be kicked off again is; any other is at rest. */
  ClaimedUpdate afterRelease() {
    return setTo("stage = CASE WHEN state = 'REQUESTED' THEN 'EXPORT_KICKOFF' END")
        .setTo("due_at = CASE WHEN state = 'REQUESTED' THEN CURRENT_TIMESTAMP END")
        .setTo("job_id = CASE WHEN state = 'REQUESTED' THEN NULL ELSE job_id END")
        .setTo("status_url = CASE WHEN state = 'REQUESTED' THEN NULL ELSE status_url END");
  }

  ClaimedUpdate set(String column, Object value) {
    if (value == null) {
      changes.add(column + " = NULL");
    } else {
      changes.add(column + " = ?");
      values.add(value);
    }
    return this;
  }

  /** An assignment without values of its own. */
  ClaimedUpdate setTo(String assignment) {
    changes.add(assignment);
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
    keepsFailures = true;
    String now = GateClock.now(claim.stage());
    return setTo("attempts = attempts + 1")
        .setTo("failing_since = COALESCE(failing_since, %s)".formatted(now))
        .setTo(
            refused
                ? "refused_since = COALESCE(refused_since, %s)".formatted(now)
                : "refused_since = NULL");
  }

  /** The step got on: what failed before is over. */
  ClaimedUpdate forgetFailures() {
    gotOn = true;
    return setTo(NO_FAILURES);
  }

  /** The step did not come to an end. */
  ClaimedUpdate keepFailures() {
    keepsFailures = true;
    return this;
  }

  /** The step goes on, for another lease. */
  ClaimedUpdate keepLeased(Duration lease) {
    keepsLease = true;
    keepsFailures = true;
    changes.add("lease_until = " + LedgerDatabase.FROM_NOW);
    values.add(LedgerDatabase.seconds(lease));
    return due(lease);
  }

  /** The same as a change of its own, without an event. */
  boolean runAlone() {
    return database.transition(this::run);
  }

  private void noteHands(boolean asClaimed) {
    Step step = Step.of(claim);
    if (asClaimed && (gotOn || !keepsLease) && hands.isCounted(step)) {
      new LostEnds(database).forget(step.table(), step.id());
    }
    if (keepsLease && asClaimed) {
      hands.prolong(step);
    } else {
      hands.drop(step);
    }
  }

  /** Whether the row was still as claimed. */
  boolean run() {
    if (!keepsLease) {
      setTo("lease_owner = NULL").setTo("lease_until = NULL");
      setTo("updated_at = CURRENT_TIMESTAMP");
    }
    if (!keepsFailures) {
      forgetFailures();
    }
    values.add(claim.rowId());
    values.add(claim.leaseToken());
    values.add(claim.stage().name());
    if (left != null) {
      values.add(left);
    }
    boolean asClaimed =
        database
                .jdbc()
                .sql(
                    "UPDATE %s SET %s WHERE id = ? AND lease_token = ? AND lease_until IS NOT NULL AND stage = ?%s"
                        .formatted(claim.stage().table(), String.join(", ", changes), fence))
                .params(values)
                .update()
            == 1;
    if (asClaimed && gotOn) {
      onSuccess.run();
    }
    noteHands(asClaimed);
    return asClaimed;
  }
}
