package org.payerexchange.ledger;

import java.time.Duration;
import org.payerexchange.payer.Payers;

/** Claims due rows for this node. */
public final class Leases {

  /**
   * Claims for one node.
   *
   * @param payers whose limits of parallel requests hold over all nodes
   * @param node this process's id, the actor of its events
   * @param lease how long a claim is held; longer than any step goes on without renewing it
   */
  public Leases(LedgerDatabase database, Payers payers, String node, Duration lease) {}
}
