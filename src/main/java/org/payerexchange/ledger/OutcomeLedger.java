package org.payerexchange.ledger;

import java.util.List;
import org.payerexchange.step.Stage;

/** Outcomes of transfers that have ended. */
public final class OutcomeLedger {
  private static final ClaimQuery<OutcomeClaim> FOR_OUTCOME =
      new ClaimQuery<>(
          row ->
              new OutcomeClaim(
                  row.text("id"),
                  row.text("payer"),
                  row.big("next_token"),
                  row.number("attempts"),
                  row.ofGate("failing_since")));

  private final Leases leases;
  private final Reports reports;

  /** Works on the claims of one node. */
  public OutcomeLedger(Leases leases) {
    this.leases = leases;
    this.reports = new Reports(leases.database());
  }

  /** Claims transfers whose outcome is to be sent, at most {@code max}. */
  public List<OutcomeClaim> claimForOutcome(int max) {
    return leases.claim(Stage.OUTCOME, max, FOR_OUTCOME);
  }

  /**
   * How the transfer ended.
   *
   * @throws IllegalArgumentException if there is no such transfer
   */
  public TransferReport report(String transferId) {
    return reports.report(transferId);
  }

  /** Records that the outcome was sent. */
  public boolean sent(OutcomeClaim claim) {
    return leases.transition(
        claim,
        transfer -> {
          transfer.event(EventType.OUTCOME_SENT, null);
          return leases.update(claim).atRest().run();
        });
  }
}
