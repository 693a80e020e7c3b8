package org.payerexchange.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.stream.Stream;
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

  /**
   * Counts in this registry, from 0 on: whoever watches sees no increase in a series that begins
   * with its first event. Series with a reason are too many for that.
   *
   * @param payers those that are configured
   */
  public NodeMetrics(MeterRegistry meters, Collection<String> payers) {
    this.meters = meters;
    records(null, Registration.Status.REJECTED, 0);
    for (String payer : payers) {
      Stream.of(Registration.Status.values())
          .filter(outcome -> outcome != Registration.Status.REJECTED)
          .forEach(outcome -> records(payer, outcome, 0));
      ended(payer, TransferState.COMPLETE, null, 0);
      received(payer, 0);
    }
  }

  @Override
  public void registered(String payer, Registration.Status status) {
    records(payer, status, 1);
  }

  private void records(String payer, Registration.Status status, long more) {
    count(
        "p2p.node.records",
        "Records of intake by what became of them",
        Tags.of("payer", payer == null ? NONE : payer, "outcome", status.name()),
        more);
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
    count(
        "p2p.node.received.bytes",
        "Bytes of files that came whole and were checked",
        Tags.of("payer", payer),
        bytes);
  }

  @Override
  public void deliveryEnded(String sink, DeliveryState end) {
    count(
        "p2p.node.deliveries",
        "Transfers of which a sink has all, or will not take",
        Tags.of("sink", sink, "state", end.name()),
        1);
  }

  @Override
  public void ended(
      String transferId, String payer, TransferState end, FailureReason why, Duration age) {
    ended(payer, end, why, 1);
    age(payer, "end", age);
  }

  private void ended(String payer, TransferState end, FailureReason why, long more) {
    count(
        "p2p.node.transfers.ended",
        "Transfers that ended, each time that they did",
        Tags.of("payer", payer, "state", end.name(), "reason", why == null ? NONE : why.name()),
        more);
  }

  /** There is no token for a payer or sink. */
  public void noToken(TokenClient client, FailureReason why) {
    count(
        "p2p.node.token.refusals",
        "How often there was no token for a payer or sink",
        Tags.of("kind", client.kind().key(), "name", client.name(), "reason", why.name()),
        1);
  }

  private void count(String name, String description, Tags tags, long more) {
    Counter.builder(name)
        .description(description)
        .tags(tags)
        .register(meters)
        .increment((double) more);
  }

  private void age(String payer, String until, Duration age) {
    Timer.builder("p2p.node.transfer.duration")
        .description("Time from a record's intake until a match, the first file, and the end")
        .tags("payer", payer, "until", until)
        .serviceLevelObjectives(AGES)
        .register(meters)
        .record(age);
  }
}
