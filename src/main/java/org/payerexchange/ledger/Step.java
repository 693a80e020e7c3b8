package org.payerexchange.ledger;

import org.payerexchange.step.Claim;

/**
 * A claimed step in a node's hands.
 *
 * @param table of its row
 * @param id of its row, as text
 * @param leaseToken of its claim
 */
record Step(String table, String id, long leaseToken) {
  static Step of(Claim claim) {
    return new Step(claim.stage().table(), claim.rowId().toString(), claim.leaseToken());
  }
}
