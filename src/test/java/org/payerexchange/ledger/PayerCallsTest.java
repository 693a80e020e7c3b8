package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/** A payer is called as often and at the hours that it bears, by all nodes together. */
class PayerCallsTest extends LedgerTest {
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
  void whatFollowsIsACallOfItsOwnThatAClaimGivesOut() {
    node.register("limited", 1);
    TransferClaim match = Node.only(node.claims.claimForMatch(1));

    node.transfers.matched(match, List.of("g1"));

    assertThat(node.leases.handedOn(match)).isEmpty();
    assertThat(node.claims.claimForKickoff(9)).hasSize(1);
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
    assertThat(new Holds(database, node.tokenHolds, List.of(), sink -> sink).all())
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
