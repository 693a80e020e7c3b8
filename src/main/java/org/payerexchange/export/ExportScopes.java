package org.payerexchange.export;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.LastExport;
import org.payerexchange.ledger.store.ExportJobLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

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

  /** The types that a payer is asked for, separated by commas; empty: all. */
  public String types(String payer) {
    return of(payer).types();
  }

  /** Whether a later export of this payer begins where an earlier one ended. */
  public boolean isIncremental(String payer) {
    return of(payer).incremental();
  }

  /**
   * From when on a member's next export asks: the mark of the last one that was delivered whole.
   *
   * @return empty if it asks for all
   */
  public Optional<Instant> mark(String payer, LastExport last) {
    ExportScope scope = of(payer);
    return scope.incremental() && last.askedFor() != null && scope.isWithin(last.askedFor())
        ? since(last)
        : Optional.empty();
  }

  /**
   * What the kick-off of an export asks for that members share.
   *
   * @throws TransferException {@link FailureReason#CONSENT_EXPIRED} if nobody is left whom it is
   *     for
   */
  Optional<KickoffScope> ofShared(ExportJobClaim claim, LocalDate today) {
    ExportScope scope = of(claim.payer());
    return ledger
        .sharedScope(claim, today)
        .map(
            shared -> {
              if (shared.patients().isEmpty()) {
                throw new TransferException(
                    FailureReason.CONSENT_EXPIRED,
                    "nobody was left whom the export was for: the consents had ended, or the transfers");
              }
              return new KickoffScope(
                  scope.limits(Optional.ofNullable(shared.since())),
                  new AskedFor(scope.text(), shared.since(), null),
                  shared.named() ? shared.patients() : List.of());
            });
  }

  /** What a job's kick-off asks for. */
  KickoffScope of(ExportJobClaim claim) {
    ExportScope scope = of(claim.payer());
    Optional<LastExport> last =
        scope.incremental() ? ledger.lastDelivered(claim) : Optional.empty();
    if (last.map(LastExport::askedFor).map(scope::isWithin).orElse(last.isEmpty())) {
      Optional<Instant> since = last.flatMap(this::since);
      return new KickoffScope(
          scope.limits(since), new AskedFor(scope.text(), since.orElse(null), null));
    }
    return new KickoffScope(
        scope.limits(Optional.empty()),
        new AskedFor(
            scope.text(),
            null,
            "a whole export: type or type-filter ask for more than the last one did"));
  }

  /** Some payers give the time at which a job ended; what changed while it ran is not in it. */
  private Optional<Instant> since(LastExport last) {
    return TransactionTime.earliest(last.transactionTime())
        .map(
            time ->
                last.kickedOffAt() != null && last.kickedOffAt().isBefore(time)
                    ? last.kickedOffAt()
                    : time)
        .map(time -> time.minus(overlap));
  }

  private ExportScope of(String payer) {
    return byPayer.getOrDefault(payer, ExportScope.EVERYTHING);
  }
}
