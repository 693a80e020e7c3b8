package org.payerexchange.boot;

import org.apache.camel.Exchange;
import org.payerexchange.http.CloseWhenDone;
import org.payerexchange.step.Claim;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.Renewals;

/** The leases of the steps that routes carry. */
public final class StepLeases {
  private final Renewals renewals;

  StepLeases(Renewals renewals) {
    this.renewals = renewals;
  }

  /**
   * Keeps a claim's lease until the exchange is done, however it ends.
   *
   * @return what tells whether it is still kept; the route's variable {@code lease}
   */
  public KeptLease keep(Exchange exchange, Claim claim) {
    return CloseWhenDone.with(exchange, renewals.keep(claim));
  }
}
