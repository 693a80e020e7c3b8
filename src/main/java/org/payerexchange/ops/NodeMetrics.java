package org.payerexchange.ops;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.DeliveryState;
import org.payerexchange.ledger.LedgerListener;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/**
 * Counts what this node has done, since it started: {@code p2p_node_...}. Another node counts its
 * own, so that these are added up, while {@link TransferMetrics} tells of each node the same.
 */
public final class NodeMetrics implements LedgerListener {
  private static final String NONE = "";
  private static final Duration[] AGES = {
    Duration.ofSeconds(1),
    Duration.ofSeconds(10),
    Duration.ofMinutes(1),
    Duration.ofMinutes(10),
    Duration.ofHours(1),
    Duration.ofHours(6),
    Duration.ofDays(1),
    Duration.ofDays(3),
    Duration.ofDays(7)
  };

  private final MeterRegistry meters;

  /** Counts in this registry. */
  public NodeMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  @Override
  public void registered(String payer, Registration.Status status) {
    meters
        .counter(
            "p2p.node.records", "payer", payer == null ? NONE : payer, "outcome", status.name())
        .increment();
  }

  @Override
  public void matched(String payer, Duration age) {
    age(payer, "match", age);
  }

  @Override
  public void firstFile(String payer, Duration age) {
    age(payer, "first-file", age);
  }

  @Override
  public void received(String payer, long bytes) {
    meters.counter("p2p.node.received.bytes", "payer", payer).increment((double) bytes);
  }

  @Override
  public void deliveryEnded(String sink, DeliveryState end) {
    meters.counter("p2p.node.deliveries", "sink", sink, "state", end.name()).increment();
  }

  @Override
  public void ended(
      String transferId, String payer, TransferState end, FailureReason why, Duration age) {
    meters
        .counter(
            "p2p.node.transfers.ended",
            "payer",
            payer,
            "state",
            end.name(),
            "reason",
            why == null ? NONE : why.name())
        .increment();
    age(payer, "end", age);
  }

  /** There is no token for a payer or sink. */
  public void noToken(TokenClient client, FailureReason why) {
    meters
        .counter(
            "p2p.node.token.refusals",
            "kind",
            client.kind().key(),
            "name",
            client.name(),
            "reason",
            why.name())
        .increment();
  }

  private void age(String payer, String until, Duration age) {
    Timer.builder("p2p.node.transfer.duration")
        .tags("payer", payer, "until", until)
        .serviceLevelObjectives(AGES)
        .register(meters)
        .record(age);
  }
}
