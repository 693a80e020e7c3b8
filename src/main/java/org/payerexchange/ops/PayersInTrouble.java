package org.payerexchange.ops;

import java.util.ArrayList;
import java.util.List;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.store.Holds;
import org.payerexchange.ledger.store.PayerHolds;
import org.springframework.dao.DataAccessException;

/**
 * The payers and sinks that transfers wait for, since when and why, and the payers that do not bear
 * their calls now.
 */
public final class PayersInTrouble {
  private static final String NOT_KNOWN = "not known";

  private final PayerHolds payerHolds;
  private final Holds holds;
  private final DatabaseLook look;

  /**
   * Asks the ledger.
   *
   * @param look tells first whether it answers, so that nobody waits in vain
   */
  public PayersInTrouble(PayerHolds payerHolds, Holds holds, DatabaseLook look) {
    this.look = look;
    this.payerHolds = payerHolds;
    this.holds = holds;
  }

  /** In words; where the ledger is away they are not known. */
  public String words() {
    if (!look.answers()) {
      return NOT_KNOWN;
    }
    try {
      List<Hold> held = holds.all();
      List<String> parts = new ArrayList<>();
      held.forEach(
          hold ->
              parts.add(
                  "%s %s is held since %s: %s%s"
                      .formatted(
                          hold.kind(),
                          hold.name(),
                          hold.since(),
                          hold.why(),
                          hold.untilInWords())));
      List<String> troubled = new ArrayList<>(payerHolds.troubled());
      held.forEach(hold -> troubled.remove(hold.name()));
      if (!troubled.isEmpty()) {
        parts.add("busy or away: " + String.join(", ", troubled));
      }
      return parts.isEmpty() ? "none is away" : String.join("; ", parts);
    } catch (DataAccessException away) {
      return NOT_KNOWN;
    }
  }
}
