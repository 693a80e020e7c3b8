package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Supplier;
import org.assertj.core.api.Assertions;
import org.assertj.core.data.TemporalUnitOffset;
import org.junit.jupiter.api.Test;
import org.payerexchange.auth.TokenClient.Kind;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.FailureReason;

/** Steps grow older only while their payer or sink may be asked, whatever it is held for. */
class GateClockTest extends LedgerTest {
  private static final String WHY = "the payer answered 429";
  private static final TemporalUnitOffset ABOUT = Assertions.within(5, ChronoUnit.MINUTES);

  @Test
  void whatWaitsForATokenGrowsNoOlder() {
    aPollAndAMatchThatFail();
    node.tokenHolds.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY);
    pass(30, "payer_gate");

    node.tokenHolds.free(Node.only(node.tokenHolds.all()));
    pass(1, "payer_gate");

    assertPollAndMatchAreHoursOld(1);
  }

  @Test
  void whatWaitsForAPauseThatThePayerAskedForGrowsNoOlder() {
    aPollAndAMatchThatFail();
    node.holds.hold("bison", Duration.ofHours(20), WHY);
    pass(23, "payer_gate");

    assertPollAndMatchAreHoursOld(3);
  }

  @Test
  void whatIsPausedGrowsNoOlderUntilItIsResumed() {
    aPollAndAMatchThatFail();
    new Pauses(database).pause(Kind.PAYER, "bison", "ann");
    pass(30, "payer_gate");
    node.holds.hold("bison", Duration.ofHours(2), WHY);
    pass(4, "payer_gate");

    new Pauses(database).resume(Kind.PAYER, "bison", "ann");
    pass(1, "payer_gate");

    assertPollAndMatchAreHoursOld(1);
  }

  @Test
  void holdsThatFollowEachOtherAddUpAndHoldsAtOnceCountOnce() {
    aPollAndAMatchThatFail();
    node.holds.hold("bison", Duration.ofHours(5), WHY);
    pass(6, "payer_gate");
    node.holds.hold("bison", Duration.ofHours(10), WHY);
    pass(4, "payer_gate");
    node.tokenHolds.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY);
    node.holds.hold("bison", Duration.ofHours(8), WHY);
    pass(2, "payer_gate");
    node.tokenHolds.free(Node.only(node.tokenHolds.all()));
    assertThat(node.claims.claimForMatch(1)).isEmpty();
    pass(8, "payer_gate");

    assertPollAndMatchAreHoursOld(1 + 2);
  }

  @Test
  void whatBeginsOrFailsWhileItIsHeldIsNoOlderThanThat() {
    node.matched("bison", "g1");
    ExportJobClaim kickoff = Node.only(node.claims.claimForKickoff(1));
    node.register("bison", 1);
    TransferClaim match = Node.only(node.claims.claimForMatch(1));
    node.tokenHolds.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY);
    pass(40, "payer_gate");

    node.kickOff(kickoff);
    node.steps.retryLater(match, FailureReason.PAYER_UNAVAILABLE, "503", Duration.ZERO);
    pass(3, "payer_gate");
    node.tokenHolds.free(Node.only(node.tokenHolds.all()));
    pass(2, "payer_gate");

    assertPollAndMatchAreHoursOld(2);
  }

  @Test
  void whatFailsAfterAHoldIsToldToHaveFailedSinceThen() {
    node.register("bison", 1);
    new Pauses(database).pause(Kind.PAYER, "bison", "ann");
    pass(30, "payer_gate");
    new Pauses(database).resume(Kind.PAYER, "bison", "ann");
    TransferClaim match = Node.only(node.claims.claimForMatch(1));

    node.steps.retryLater(match, FailureReason.PAYER_UNAVAILABLE, "503", Duration.ZERO);

    assertThat(node.queries.summary(match.transferId()).orElseThrow().waitsFor().since())
        .isCloseTo(Instant.now(), ABOUT);
    assertThat(new PeerQueries(database).failing().get(Kind.PAYER).get("bison").since())
        .isCloseTo(Instant.now(), ABOUT);
  }

  @Test
  void aRetryOfWhatWasHeldBeginsAtItsOwnTime() {
    ExportJobClaim poll = node.running("bison");
    node.tokenHolds.refuse(Kind.PAYER, "bison", FailureReason.TOKEN_REFUSED, WHY);
    pass(40, "payer_gate");
    node.steps.fail(poll, FailureReason.PAYER_REFUSED, "403");
    assertThat(new OperatorLedger(database).retry(poll.transferId(), "a test")).isTrue();
    node.tokenHolds.free(Node.only(node.tokenHolds.all()));

    assertThat(Node.only(node.claims.claimForPoll(1)).startedAt()).isCloseTo(Instant.now(), ABOUT);
  }

  @Test
  void aJobThatANodeOfAnEarlierVersionStartedHasItsTimeAsWell() {
    node.steps.release(node.running("bison"));
    database.jdbc().sql("UPDATE export_job SET polling_since = NULL").update();

    assertThat(Node.only(node.claims.claimForPoll(1)).startedAt()).isCloseTo(Instant.now(), ABOUT);
  }

  @Test
  void deliveriesGrowNoOlderWhileTheirSinkIsHeld() {
    node.ready("bison", 1);
    node.claims
        .claimForDownload(1)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of("fhir", "jms")));
    for (String sink : List.of("fhir", "jms")) {
      node.steps.retryLater(
          Node.only(node.claims.claimForSink(sink, 1)),
          FailureReason.SINK_UNAVAILABLE,
          "503",
          Duration.ZERO);
    }
    new SinkHolds(database).hold("fhir", Duration.ofHours(20));
    node.tokenHolds.refuse(Kind.SINK, "fhir", FailureReason.TOKEN_REFUSED, WHY);
    pass(30, "sink_gate");
    new SinkHolds(database).hold("fhir", Duration.ofHours(1));
    node.tokenHolds.free(Node.only(node.tokenHolds.all()));
    assertThat(node.claims.claimForSink("fhir", 1)).isEmpty();
    pass(3, "sink_gate");

    assertHoursOld(2, () -> Node.only(node.claims.claimForSink("fhir", 1)).failingSince());
    assertHoursOld(33, () -> Node.only(node.claims.claimForSink("jms", 1)).failingSince());
  }

  private void aPollAndAMatchThatFail() {
    ExportJobClaim poll = node.running("bison");
    node.steps.retryLater(poll, FailureReason.PAYER_UNAVAILABLE, "503", Duration.ZERO);
    node.register("bison", 1);
    node.steps.retryLater(
        Node.only(node.claims.claimForMatch(1)),
        FailureReason.PAYER_UNAVAILABLE,
        "503",
        Duration.ZERO);
  }

  private void assertPollAndMatchAreHoursOld(int hours) {
    ExportJobClaim poll = Node.only(node.claims.claimForPoll(1));
    assertHoursOld(hours, poll::startedAt);
    assertHoursOld(hours, () -> Node.only(node.claims.claimForMatch(1)).failingSince());
  }

  private static void assertHoursOld(int hours, Supplier<Instant> since) {
    assertThat(since.get()).isCloseTo(Instant.now().minus(Duration.ofHours(hours)), ABOUT);
  }

  /** Has all that is kept as a point in time be some hours longer ago. */
  private void pass(int hours, String gate) {
    List.of("held_until", "held_counted_at", "refused_since").forEach(it -> back(gate, it, hours));
    List.of("failing_since", "refused_since").forEach(column -> back("step", column, hours));
    back("export_job", "polling_since", hours);
  }

  private void back(String table, String column, int hours) {
    database
        .jdbc()
        .sql("UPDATE %s SET %s = %s - INTERVAL '%d' HOUR".formatted(table, column, column, hours))
        .update();
  }
}
