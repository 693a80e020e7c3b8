package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.FailureReason;

/** What operators see of the payers and sinks that transfers wait for. */
class HoldsTest extends LedgerTest {
  private static final Duration PAUSE = Duration.ofMinutes(1);
  private static final String WHY = "payer bison answered 429";

  @Test
  void aPayerThatAsksForPauseAfterPauseIsHeldSinceTheFirstUntilItBearsACall() {
    node.register("bison", 1);
    payerAsksForPause();
    pass("payer_gate", Duration.ofMinutes(5));
    payerAsksForPause();
    pass("payer_gate", Duration.ofMinutes(5));

    Hold hold = Node.only(holds("known").all());
    assertThat(hold)
        .extracting(Hold::kind, Hold::name, Hold::reason, Hold::why)
        .containsExactly("payer", "bison", FailureReason.PAYER_BUSY, WHY);
    assertThat(hold.time()).isBetween(Duration.ofMinutes(10), Duration.ofMinutes(13));

    node.transfers.matched(Node.only(node.claims.claimForMatch(1)), List.of("g1"));
    assertThat(holds("known").all()).isEmpty();
  }

  @Test
  void aPauseLongAfterTheLastOneIsAnother() {
    node.holds.hold("bison", PAUSE, WHY);
    pass("payer_gate", Duration.ofHours(5));
    assertThat(holds("known").all()).isEmpty();

    node.holds.hold("bison", PAUSE, WHY);

    assertThat(Node.only(holds("known").all()).time()).isLessThan(Duration.ofHours(1));
  }

  @Test
  void aSinkThatAsksForPauseAfterPauseIsHeldSinceTheFirstUntilItTakesSomething() {
    fetched("fhir");
    sinkAsksForPause();
    pass("sink_gate", Duration.ofMinutes(5));
    sinkAsksForPause();
    pass("sink_gate", Duration.ofMinutes(5));

    Hold hold = Node.only(holds("fhir").all());
    assertThat(hold)
        .extracting(Hold::kind, Hold::name, Hold::reason)
        .containsExactly("sink", "fhir", FailureReason.SINK_BUSY);
    assertThat(hold.time()).isBetween(Duration.ofMinutes(10), Duration.ofMinutes(13));

    node.deliver(Node.only(node.claims.claimForSink("fhir", 1)));
    assertThat(holds("fhir").all()).isEmpty();
  }

  @Test
  void aSinkThatIsNotConfiguredAnyMoreIsNamedWithItsKeyAndHowManyWait() {
    fetched("known", "file-uri-1");
    fetched("known", "file-uri-1");

    Hold hold = Node.only(holds("known", "fhir").all());
    assertThat(hold)
        .extracting(Hold::kind, Hold::name, Hold::reason)
        .containsExactly("sink", "file-uri-1", FailureReason.SINK_REFUSED);
    assertThat(hold.why())
        .startsWith("key of file-uri-1 is not configured on this node")
        .contains("transfers that wait for it: 2;");

    assertThat(node("node-2", PAUSE).claims.claimForSink("file-uri-1", 2)).hasSize(2);
    assertThat(holds("known", "fhir").all()).as("another node knows the sink").isEmpty();
  }

  private Holds holds(String... sinks) {
    return new Holds(database, node.tokenHolds, List.of(sinks), "key of "::concat);
  }

  private void payerAsksForPause() {
    TransferClaim claim = Node.only(node.claims.claimForMatch(1));
    node.holds.hold("bison", PAUSE, WHY);
    node.steps.retryLater(claim, FailureReason.PAYER_BUSY, WHY, Duration.ZERO);
  }

  private void sinkAsksForPause() {
    DeliveryClaim claim = Node.only(node.claims.claimForSink("fhir", 1));
    new SinkHolds(database).hold("fhir", PAUSE);
    node.steps.retryLater(claim, FailureReason.SINK_BUSY, WHY, Duration.ZERO);
  }

  private void fetched(String... sinks) {
    node.ready("bison", 1);
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of(sinks));
  }

  private void pass(String gate, Duration time) {
    database
        .jdbc()
        .sql(
            """
            UPDATE %s SET held_since = held_since - INTERVAL '%d' MINUTE,
              held_until = held_until - INTERVAL '%d' MINUTE"""
                .formatted(gate, time.toMinutes(), time.toMinutes()))
        .update();
  }
}
