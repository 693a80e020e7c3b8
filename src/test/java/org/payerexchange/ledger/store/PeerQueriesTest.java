package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

class PeerQueriesTest extends LedgerTest {

  @Test
  void openTransfersAreCountedByPayerAndState() {
    node.matched("bison", "g1");
    node.register("bison", 2);
    node.operators.cancel(node.register("elk", 1).get(0), "alice");

    assertThat(new PeerQueries(database).openTransfers())
        .isEqualTo(Map.of("bison", Map.of(TransferState.RECEIVED, 2L, TransferState.MATCHED, 1L)));
  }

  @Test
  void whatIsDueInHandAndFailingIsToldOfPayersAndSinksApart() {
    node.ready("bison", 1);
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a", "bison"));
    node.register("bison", 3);
    List<TransferClaim> claims = node.claims.claimForMatch(2);
    node.steps.retryLater(
        claims.get(0), FailureReason.PAYER_UNAVAILABLE, "503", Duration.ofHours(1));

    Map<TokenClient.Kind, Map<String, PeerQueries.Work>> work = new PeerQueries(database).work();

    PeerQueries.Work atPayer = work.get(TokenClient.Kind.PAYER).get("bison");
    assertThat(atPayer)
        .extracting(
            PeerQueries.Work::open,
            PeerQueries.Work::running,
            PeerQueries.Work::failing,
            PeerQueries.Work::due)
        .containsExactly(3L, 1L, 1L, 1L);
    assertThat(atPayer.dueSince()).isNotNull();
    assertThat(work.get(TokenClient.Kind.SINK)).containsOnlyKeys("a", "bison");
    assertThat(work.get(TokenClient.Kind.SINK).get("a").open()).isOne();
  }

  @Test
  void workIsToldByItsKindAndWhatFailsLongestByItsPayer() {
    List<String> ids = node.register("bison", 3);
    List<TransferClaim> claims = node.claims.claimForMatch(2);
    node.steps.retryLater(
        claims.get(0), FailureReason.PAYER_UNAVAILABLE, "503", Duration.ofHours(1));
    node.steps.retryLater(claims.get(1), FailureReason.BAD_ANSWER, "{}", Duration.ofHours(1));
    PeerQueries peers = new PeerQueries(database);

    assertThat(peers.workByStage()).containsOnlyKeys(Stage.MEMBER_MATCH);
    assertThat(peers.workByStage().get(Stage.MEMBER_MATCH).open()).isEqualTo(3);
    assertThat(peers.workByStage().get(Stage.MEMBER_MATCH).failing()).isEqualTo(2);
    Waiting longest = peers.failing().get(TokenClient.Kind.PAYER).get("bison");
    assertThat(longest.reason()).isEqualTo(FailureReason.PAYER_UNAVAILABLE);
    assertThat(longest.detail()).isEqualTo("503");
    assertThat(longest.nextTry()).isNotNull();
    assertThat(peers.failing()).containsOnlyKeys(TokenClient.Kind.PAYER);

    NextStep next = node.queries.summary(claims.get(0).transferId()).orElseThrow().next();
    assertThat(next.stage()).isEqualTo(Stage.MEMBER_MATCH);
    assertThat(next.attempts()).isOne();
    assertThat(next.dueAt()).isEqualTo(longest.nextTry());
    node.operators.cancel(ids.get(0), "alice");
    node.claims.claimForOutcome(1);
    assertThat(node.queries.summary(ids.get(0)).orElseThrow().next())
        .isEqualTo(new NextStep(Stage.OUTCOME, 1, 1, 0, null));
  }

  @Test
  void whatFailsAtTheOutboxOrTheOutcomeQueueIsToldThereAndNotAtThePayer() {
    String id = node.ready("bison", 0);
    String detail = "the outbox directory cannot be used: bison, FileSystemException";
    node.steps.retryLater(
        Node.only(node.claims.claimForOutcome(1)),
        FailureReason.SINK_UNAVAILABLE,
        detail,
        Duration.ZERO);
    PeerQueries peers = new PeerQueries(database);

    assertThat(peers.work().get(TokenClient.Kind.SINK).get("outbox").failing()).isOne();
    assertThat(peers.work().get(TokenClient.Kind.PAYER)).isEmpty();
    assertThat(peers.failing()).containsOnlyKeys(TokenClient.Kind.SINK);
    Waiting waiting = peers.failing().get(TokenClient.Kind.SINK).get("outbox");
    assertThat(waiting.reason()).isEqualTo(FailureReason.SINK_UNAVAILABLE);
    assertThat(waiting.detail()).isEqualTo(detail);
    assertThat(node.queries.summary(id).orElseThrow().waitsFor()).isEqualTo(waiting);
    assertThat(failedAt("outbox")).containsExactly(id);
    assertThat(failedAt("outcome-queue")).isEmpty();

    OutcomeClaim written = Node.only(node.claims.claimForOutcome(1));
    node.outcomes.written(written);
    node.steps.retryLater(written, FailureReason.INTERNAL, "away", Duration.ZERO);
    assertThat(peers.failing().get(TokenClient.Kind.SINK)).containsOnlyKeys("outcome-queue");
    assertThat(peers.work().get(TokenClient.Kind.SINK)).containsOnlyKeys("outcome-queue");
    assertThat(node.queries.summary(id).orElseThrow().waitsFor()).isNull();
    assertThat(failedAt("outcome-queue")).containsExactly(id);
    assertThat(failedAt("outbox")).isEmpty();
  }

  private List<String> failedAt(String sink) {
    TransferFilter filter =
        new TransferFilter(Set.of(), null, Set.of(), sink, null, null, null, null, null);
    return node.queries.page(filter, 0, 10).transfers().stream().map(TransferSummary::id).toList();
  }

  @Test
  void aReleaseThatFailsIsToldOfItsPayerWhereNothingElseDoes() {
    String id = node.ready("bison", 0);
    node.outcomes.sent(Node.only(node.claims.claimForOutcome(1)));
    node.steps.retryLater(
        Node.only(node.claims.claimForRelease(1)),
        FailureReason.PAYER_UNAVAILABLE,
        "503",
        Duration.ofHours(1));
    PeerQueries peers = new PeerQueries(database);

    assertThat(peers.work().get(TokenClient.Kind.PAYER).get("bison").failing()).isOne();
    Waiting release = peers.failing().get(TokenClient.Kind.PAYER).get("bison");
    assertThat(release.stage()).isEqualTo(Stage.RELEASE);
    assertThat(release.reason()).isNull();
    assertThat(node.queries.summary(id).orElseThrow().waitsFor()).isNull();

    node.register("bison", 1);
    node.steps.retryLater(
        node.claims.claimForMatch(1).get(0),
        FailureReason.PAYER_UNAVAILABLE,
        "503",
        Duration.ofHours(1));
    assertThat(peers.failing().get(TokenClient.Kind.PAYER).get("bison").stage())
        .isEqualTo(Stage.MEMBER_MATCH);
  }

  @Test
  void whatEndedInTheLastHourIsToldByMinute() {
    node.register("bison", 2);
    node.operators.cancel(node.register("bison", 1).get(0), "alice");
    database
        .jdbc()
        .sql(
            """
            UPDATE transfer SET state = 'COMPLETE',
              finished_at = CURRENT_TIMESTAMP - INTERVAL '10' MINUTE
            WHERE id IN (SELECT MIN(id) FROM transfer WHERE state = 'RECEIVED')""")
        .update();

    List<Throughput.Minute> hour = new Throughput(database).lastHour();

    assertThat(hour).hasSize(60);
    assertThat(hour.stream().mapToLong(Throughput.Minute::complete).sum()).isOne();
    assertThat(hour.stream().mapToLong(Throughput.Minute::other).sum()).isOne();
    Throughput.Minute whole =
        hour.stream().filter(minute -> minute.complete() > 0).findFirst().orElseThrow();
    assertThat(Duration.between(whole.at(), hour.get(59).at()).toMinutes()).isBetween(9L, 11L);
    assertThat(hour.subList(57, 60)).anyMatch(minute -> minute.other() == 1);
  }
}
