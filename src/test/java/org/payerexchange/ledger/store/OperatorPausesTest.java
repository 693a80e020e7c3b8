package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.auth.TokenClient.Kind;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.FailureReason;

/** What operators have paused waits on all nodes, and says so, until they resume it. */
class OperatorPausesTest extends LedgerTest {
  private Pauses pauses;

  @BeforeEach
  void pauses() {
    pauses = new Pauses(database);
  }

  @Test
  void nothingOfAPausedPayerIsClaimedOnAnyNodeAndAllOfOthersIs() {
    node.running("bison");
    database.giveBack("node-1");
    node.matched("bison", "g2");
    String waits = node.register("bison", 1).get(0);
    String other = node.register("elk", 1).get(0);

    assertThat(pauses.pause(Kind.PAYER, "bison", "ann")).isTrue();
    assertThat(pauses.pause(Kind.PAYER, "bison", "bob")).as("it is already").isFalse();

    for (Node each : List.of(node, node("node-2", Duration.ofMinutes(5)))) {
      assertThat(each.claims.claimForPoll(9)).isEmpty();
      assertThat(each.claims.claimForKickoff(9)).isEmpty();
    }
    assertThat(node.claims.claimForMatch(9))
        .extracting(TransferClaim::transferId)
        .containsExactly(other);
    Waiting waiting = node.queries.summary(waits).orElseThrow().waitsFor();
    assertThat(waiting)
        .extracting(Waiting::kind, Waiting::name, Waiting::reason, Waiting::detail)
        .containsExactly(
            "payer", "bison", FailureReason.PAUSED, "paused by ann until somebody resumes it");
    assertThat(waiting.since()).isNotNull();
    assertThat(waiting.nextTry()).isNull();
    assertThat(node.queries.summary(other).orElseThrow().waitsFor()).isNull();

    assertThat(pauses.resume(Kind.PAYER, "bison", "bob")).isTrue();
    assertThat(pauses.resume(Kind.PAYER, "bison", "bob")).as("it goes on already").isFalse();

    assertThat(node.claims.claimForPoll(9)).hasSize(1);
    assertThat(node.claims.claimForKickoff(9)).hasSize(1);
    assertThat(node.claims.claimForMatch(9)).hasSize(1);
    assertThat(node.queries.summary(waits).orElseThrow().waitsFor()).isNull();
  }

  @Test
  void whatIsInHandIsFinishedAndHandsNothingOn() {
    ExportJobClaim poll = node.running("bison");
    pauses.pause(Kind.PAYER, "bison", "ann");

    assertThat(node.jobs.ready(poll, Node.facts(), Node.manifest(2))).isTrue();

    assertThat(node.claims.claimForDownload(9)).isEmpty();
    assertThat(node.find(poll.transferId()).jobs())
        .extracting(TransferDetails.Job::state)
        .containsExactly(JobState.READY);
  }

  @Test
  void jobsAreReleasedAtAPausedPayerUnlessItIsHeldAsWell() {
    String id = node.ready("bison", 1);
    node.operators.cancel(id, "ann");
    pauses.pause(Kind.PAYER, "bison", "ann");
    node.holds.hold("bison", Duration.ofMinutes(5), "it asks for a pause");
    assertThat(node.claims.claimForRelease(9)).isEmpty();

    database.jdbc().sql("UPDATE payer_gate SET held_until = NULL").update();

    assertThat(node.claims.claimForRelease(9)).hasSize(1);
  }

  @Test
  void nothingIsDeliveredToAPausedSink() {
    String id = node.ready("bison", 1);
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a", "b"));
    pauses.pause(Kind.SINK, "a", "ann");

    assertThat(node.claims.claimForSink("a", 9)).isEmpty();
    node.deliver(Node.only(node.claims.claimForSink("b", 9)));
    assertThat(node.queries.summary(id).orElseThrow().waitsFor())
        .extracting(Waiting::kind, Waiting::name, Waiting::reason)
        .containsExactly("sink", "a", FailureReason.PAUSED);

    pauses.resume(Kind.SINK, "a", "ann");
    assertThat(node.claims.claimForSink("a", 9)).hasSize(1);
  }

  @Test
  void aPauseIsToldAmongTheHoldsAndOutlivesARestart() {
    pauses.pause(Kind.PAYER, "bison", "ann");
    pauses.pause(Kind.SINK, "fhir", "bob");
    database.close();
    database = LedgerDatabase.open(url, "postgres", "", 8);
    Node again = node("node-2", Duration.ofMinutes(5));

    List<Hold> held = new Holds(database, again.tokenHolds, List.of("fhir"), key -> key).all();

    assertThat(held)
        .extracting(Hold::kind, Hold::name, Hold::reason, Hold::until)
        .containsExactly(
            tuple("payer", "bison", FailureReason.PAUSED, null),
            tuple("sink", "fhir", FailureReason.PAUSED, null));
    assertThat(new Pauses(database).isPaused(Kind.SINK, "fhir")).isTrue();
    again.register("bison", 1);
    assertThat(again.claims.claimForMatch(1)).isEmpty();
  }
}
