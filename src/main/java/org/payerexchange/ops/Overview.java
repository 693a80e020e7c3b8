package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.PeerQueries;
import org.payerexchange.ledger.store.Throughput;
import org.payerexchange.ledger.store.TransferFilter;
import org.payerexchange.ledger.store.TransferQueries;
import org.payerexchange.step.Stage;

/** All that goes on, in figures. */
public final class Overview {
  private final TransferQueries transfers;
  private final PeerQueries peers;
  private final Throughput throughput;
  private final Clock clock;

  /**
   * Of this ledger.
   *
   * @param clock tells what is today where nobody says since when
   */
  public Overview(
      TransferQueries transfers, PeerQueries peers, Throughput throughput, Clock clock) {
    this.transfers = transfers;
    this.peers = peers;
    this.throughput = throughput;
    this.clock = clock;
  }

  /**
   * Transfers by payer and state, steps by kind, and what ended in the last hour.
   *
   * @param request may have {@code since}, from when on transfers are counted apart: the beginning
   *     of somebody's day; without it the day's in UTC
   * @throws OpsRefusal 400 for a time that is none
   */
  public OverviewView show(Map<String, ?> request) {
    Instant since =
        Optional.ofNullable(new Asked(request).time("since"))
            .orElseGet(() -> clock.instant().truncatedTo(ChronoUnit.DAYS));
    Map<String, Map<TransferState, Long>> latest =
        transfers.counts(TransferFilter.receivedSince(since));
    return new OverviewView(
        since,
        transfers.counts().entrySet().stream()
            .map(
                all ->
                    new PayerCounts(
                        all.getKey().isEmpty() ? null : all.getKey(),
                        all.getValue(),
                        latest.getOrDefault(all.getKey(), Map.of())))
            .toList(),
        peers.workByStage().entrySet().stream()
            .map(work -> new StepView(work.getKey(), work.getValue()))
            .toList(),
        throughput.lastHour());
  }

  /**
   * What is shown.
   *
   * @param since from when on transfers are counted apart
   * @param transfers by payer
   * @param steps what is to be done, by kind, in the order of a transfer's life
   * @param minutes of the last hour, the oldest first; the last one still runs
   */
  public record OverviewView(
      Instant since,
      List<PayerCounts> transfers,
      List<StepView> steps,
      List<Throughput.Minute> minutes) {}

  /**
   * The transfers of a payer.
   *
   * @param payer null of rejected records
   * @param all by state
   * @param latest those that were received since then, by state
   */
  public record PayerCounts(
      String payer, Map<TransferState, Long> all, Map<TransferState, Long> latest) {}

  /** The steps of a kind. */
  public record StepView(@JsonProperty("step") Stage stage, @JsonUnwrapped PeerQueries.Work work) {}
}
