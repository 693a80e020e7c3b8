package org.payerexchange.ledger.store;

import java.util.List;
import java.util.Set;
import org.payerexchange.ledger.InHand;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Hands;
import org.payerexchange.step.Stage;

/**
 * With what a node takes steps, by a claim or by a commit that hands on.
 *
 * @param pace how many requests each payer gets
 * @param calls how often and when each payer is called
 * @param hands what the node has in hand
 * @param capacity the places that steps take
 * @param kinds those that the node does at the moment
 */
record Taking(
    DueSteps steps,
    LostEnds lostEnds,
    PayerPace pace,
    CallGates calls,
    Hands hands,
    Capacity capacity,
    Set<Stage> kinds) {

  /** What was taken was not committed. */
  void undo(List<Claim> claims) {
    claims.forEach(capacity::release);
    claims.forEach(claim -> hands.drop(InHand.of(claim)));
  }
}
