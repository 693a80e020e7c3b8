package org.payerexchange.export;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.ExportJobLedger;

/** What each payer's exports are limited to. */
public final class ExportScopes {
  private final Map<String, ExportScope> byPayer;
  private final ExportJobLedger ledger;
  private final Duration overlap;

  /**
   * Keeps a copy.
   *
   * @param byPayer those of payers that are limited to anything
   * @param ledger knows what was delivered before
   * @param overlap how much earlier than the last delivered export an incremental one begins, for
   *     payers whose clocks and indexes run late
   */
  public ExportScopes(Map<String, ExportScope> byPayer, ExportJobLedger ledger, Duration overlap) {
    this.byPayer = Map.copyOf(byPayer);
    this.ledger = ledger;
    this.overlap = overlap;
  }

  /** The query of a job's kick-off. */
  String query(ExportJobClaim claim) {
    ExportScope scope = byPayer.getOrDefault(claim.payer(), ExportScope.EVERYTHING);
    return scope.incremental()
        ? scope.query(ledger.lastDelivered(claim), overlap)
        : scope.query(Optional.empty(), overlap);
  }
}
