package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.CallWindow;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;
import org.payerexchange.support.SettableClock;

/** A payer is called as often and at the hours that it bears, by all nodes together. */
class CallGatesTest extends LedgerTest {
  private static final Duration LONG = Duration.ofHours(1);

  @Test
  void twoNodesTogetherGiveOutNoMoreCallsThanTheSecondAndTheMinuteHave() {
    Node other = node("node-2", LONG);
    node.register("limited", 40);

    List<TransferClaim> first = node.claims.claimForMatch(3);
    List<TransferClaim> second = other.claims.claimForMatch(100);
    assertThat(first.size() + second.size()).isEqualTo(5);
    assertThat(node.claims.claimForMatch(100)).isEmpty();
    first.forEach(node.steps::release);
    second.forEach(other.steps::release);
    assertThat(other.claims.claimForMatch(100)).as("a call that was given back was one").isEmpty();

    secondsGoBy(1);
    assertThat(other.claims.claimForMatch(100)).hasSize(5).allMatch(other.steps::release);
    secondsGoBy(1);
    assertThat(node.claims.claimForMatch(100)).hasSize(2).allMatch(node.steps::release);
    secondsGoBy(1);
    assertThat(node.claims.claimForMatch(100)).isEmpty();
    secondsGoBy(60);
    assertThat(node.claims.claimForMatch(100)).hasSize(5).allMatch(claim -> claim.attempts() == 0);
  }

  @Test
  void aPayerAtItsLimitIsHeldUntilThereIsRoomIfSomethingIsDueThere() {
    node.register("limited", 5);
    node.claims.claimForMatch(100);
    assertThat(holds()).as("nothing more is due").isEmpty();

    node.register("limited", 1);

    Hold hold = Node.only(holds());
    assertThat(hold)
        .extracting(Hold::name, Hold::reason)
        .containsExactly("limited", FailureReason.AT_LIMIT);
    assertThat(Duration.between(hold.since(), hold.until())).isEqualTo(Duration.ofSeconds(1));
    secondsGoBy(1);
    assertThat(holds()).isEmpty();
  }

  @Test
  void whatFollowsIsACallOfItsOwnThatAClaimGivesOut() {
    node.register("limited", 1);
    TransferClaim match = Node.only(node.claims.claimForMatch(1));

    node.transfers.matched(match, List.of("g1"));

    assertThat(node.leases.handedOn(match)).isEmpty();
    assertThat(node.claims.claimForKickoff(9)).hasSize(1);
  }

  /** Polls come first where there is room for all; here they would take every call for ever. */
  @Test
  void whateverKindOfCallIsDueGetsSomeOfFewCalls() {
    node.ready("limited", 1);
    minuteGoesBy();
    for (int i = 0; i < 6; i++) {
      node.matched("limited", "g1");
      node.claims.claimForKickoff(9).forEach(node::kickOff);
      minuteGoesBy();
    }
    node.matched("limited", "g1");
    node.register("limited", 6);
    minuteGoesBy();
    Capacity all = new Capacity(kind -> kind.callsPayer(), Map.of(), 100, 100, Set.of());

    List<Claim> claims = node.leases.claim(all);

    assertThat(claims)
        .hasSize(5)
        .extracting(Claim::stage)
        .contains(Stage.EXPORT_POLL, Stage.EXPORT_KICKOFF, Stage.MEMBER_MATCH, Stage.DOWNLOAD);
  }

  @Test
  void nothingIsClaimedOutsideTheHoursOnAnyNodeAndNothingAges() {
    List<String> ids = node.register("bison", 2);
    TransferClaim match = node.claims.claimForMatch(1).get(0);
    String waits =
        ids.stream().filter(id -> !id.equals(match.transferId())).findFirst().orElseThrow();
    Node other = node("node-2", LONG);
    other.claims.claimForPoll(1);
    closed(-10, 10);

    assertThat(node.queries.summary(waits).orElseThrow().waitsFor())
        .extracting(Waiting::name, Waiting::reason)
        .containsExactly("bison", FailureReason.OUTSIDE_HOURS);
    assertThat(holds())
        .extracting(Hold::name, Hold::reason)
        .containsExactly(tuple("bison", FailureReason.OUTSIDE_HOURS));
    for (Node each : List.of(node, other)) {
      assertThat(each.claims.claimForMatch(9)).isEmpty();
    }
    node.transfers.matched(match, List.of("g1"));
    assertThat(node.claims.claimForKickoff(9)).as("what was under way hands nothing on").isEmpty();

    closed(-3600, -60);
    assertThat(node.claims.claimForKickoff(9)).hasSize(1);
    assertThat(held()).isBetween(3530.0, 3550.0);
  }

  @Test
  void whatWaitsForTheHoursIsNotLeftUndone() {
    node.register("bison", 1);
    database
        .jdbc()
        .sql("UPDATE step SET due_at = CURRENT_TIMESTAMP - INTERVAL '7200' SECOND")
        .update();
    assertThat(oldestMatch()).isGreaterThan(Duration.ofMinutes(119));

    closed(-10, 10);
    assertThat(node.queries.oldestDue()).isEmpty();

    closed(3600, 7200);
    assertThat(oldestMatch())
        .as("it counts from when they began")
        .isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
  }

  private Duration oldestMatch() {
    return node.queries.oldestDue().get(Stage.MEMBER_MATCH);
  }

  @Test
  void aTimeThatIsHeldAndClosedCountsOnce() {
    node.register("bison", 1);
    node.claims.claimForMatch(1);
    closed(-3600, -1800);
    database
        .jdbc()
        .sql("UPDATE payer_gate SET held_until = CURRENT_TIMESTAMP - INTERVAL '2400' SECOND")
        .update();

    assertThat(held()).isBetween(1790.0, 1810.0);
  }

  /** A restart in between, and the nights in which clocks are put forward and back. */
  @ParameterizedTest
  @ValueSource(strings = {"2026-11-28T12:00:00Z", "2026-03-07T12:00:00Z", "2026-10-31T12:00:00Z"})
  void twoNodesGoByTheWindowForTwoDaysWithRestartsInBetween(String start) {
    node.register("bison", 1);
    assertThat(node.claims.claimForMatch(9)).hasSize(1).allMatch(node.steps::release);
    SettableClock clock = new SettableClock(Instant.parse(start));
    CallLimits night =
        new CallLimits(0, 0, Optional.of(CallWindow.of("20:00-06:00 America/Chicago")));
    Supplier<CallGates> newNode =
        () -> new CallGates(database, Map.of("bison", night), clock::instant);
    List<CallGates> nodes = new ArrayList<>(List.of(newNode.get(), newNode.get()));
    for (int i = 0; i < 96; i++) {
      if (i % 7 == 6) {
        nodes.set(i % 2, newNode.get());
      }
      nodes.get((i + 1) % 2).plan();
      if (i % 3 == 0) {
        nodes.get(i % 2).plan();
      }

      int hour = clock.instant().atZone(ZoneId.of("America/Chicago")).getHour();
      assertThat(claimsAt(clock.instant()))
          .as("at %s", clock.instant())
          .isEqualTo(hour >= 20 || hour < 6);
      clock.forward(Duration.ofMinutes(30));
    }
  }

  /** Whether something is claimed where the gate is closed as it is at that time. */
  private boolean claimsAt(Instant time) {
    List<Instant> closed =
        database
            .jdbc()
            .sql("SELECT closed_from, closed_until FROM payer_gate WHERE payer = 'bison'")
            .query(
                (results, at) ->
                    List.of(
                        new Row(results).instant("closed_from"),
                        new Row(results).instant("closed_until")))
            .single();
    Duration ago = Duration.between(time, Instant.now());
    close(closed.get(0).plus(ago), closed.get(1).plus(ago));
    List<TransferClaim> claims = node.claims.claimForMatch(9);
    claims.forEach(node.steps::release);
    close(closed.get(0), closed.get(1));
    return !claims.isEmpty();
  }

  private void close(Instant from, Instant until) {
    database
        .jdbc()
        .sql("UPDATE payer_gate SET closed_from = ?, closed_until = ? WHERE payer = 'bison'")
        .params(from.atOffset(ZoneOffset.UTC), until.atOffset(ZoneOffset.UTC))
        .update();
  }

  @Test
  void aWindowThatWasTakenOutOfTheConfigurationIsForgotten() {
    node.register("bison", 1);
    closed(-10, 10);

    assertThat(node.claims.claimForMatch(9)).hasSize(1);
  }

  private List<Hold> holds() {
    return new Holds(database, node.tokenHolds, List.of(), sink -> sink).all();
  }

  private void closed(int from, int until) {
    database
        .jdbc()
        .sql(
            """
            UPDATE payer_gate SET
              held_counted_at = CURRENT_TIMESTAMP - INTERVAL '3600' SECOND,
              closed_from = CURRENT_TIMESTAMP + CAST(? AS INTEGER) * INTERVAL '1' SECOND,
              closed_until = CURRENT_TIMESTAMP + CAST(? AS INTEGER) * INTERVAL '1' SECOND
            WHERE payer = 'bison'""")
        .params(from, until)
        .update();
  }

  private double held() {
    return database
        .jdbc()
        .sql(
            "SELECT %s AS held FROM (VALUES ('bison')) AS step (lane)"
                .formatted(GateClock.held(Stage.MEMBER_MATCH, "step.lane")))
        .query(Double.class)
        .single();
  }

  private void minuteGoesBy() {
    secondsGoBy(60);
  }

  private void secondsGoBy(int seconds) {
    database
        .jdbc()
        .sql(
            """
            UPDATE payer_gate SET
              called_at = called_at - CAST(? AS INTEGER) * INTERVAL '1' SECOND,
              calls_from = calls_from - CAST(? AS INTEGER) * INTERVAL '1' SECOND
            WHERE payer = 'limited'""")
        .params(seconds, seconds)
        .update();
  }
}
