package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.SinkBacklog;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

class TransferQueriesTest extends LedgerTest {

  @Test
  void pagesAreFilteredByStatePayerAndSource() {
    node.register("bison", 5);
    node.register("elk", 2);
    node.transfers.register(
        List.of(new IntakeEntry.Rejected("inbox/bad_1.csv", 3, "abc", "birthDate")));
    node.claims
        .claimForMatch(2)
        .forEach(claim -> node.steps.fail(claim, FailureReason.BAD_ANSWER, "not JSON"));

    assertThat(page(Set.of(), null, null).total()).isEqualTo(8);
    assertThat(page(Set.of(), "bison", null).total()).isEqualTo(5);
    assertThat(page(Set.of(TransferState.FAILED), null, null).transfers())
        .hasSize(2)
        .extracting(TransferSummary::reason)
        .containsOnly(FailureReason.BAD_ANSWER);
    assertThat(page(Set.of(), null, "bad_1.csv").transfers())
        .extracting(TransferSummary::state)
        .containsExactly(TransferState.REJECTED);
    assertThat(page(Set.of(), null, "badX1.csv").total()).isZero();
  }

  @Test
  void oneThatFailedIsFoundByItsReason() {
    node.register("bison", 1);
    String bad = node.register("elk", 1).get(0);
    node.claims
        .claimForMatch(2)
        .forEach(
            claim -> {
              if (claim.transferId().equals(bad)) {
                node.steps.fail(claim, FailureReason.BAD_ANSWER, "not JSON");
              }
            });

    assertThat(ids(ofReasons(FailureReason.BAD_ANSWER, FailureReason.INTERNAL)))
        .containsExactly(bad);
    assertThat(ids(ofReasons(FailureReason.INTERNAL))).isEmpty();
  }

  @Test
  void aTransferIsFoundByASinkUntilThatHasAllAndAfterItRefused() {
    String id = node.ready("bison", 1);
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a", "b"));
    assertThat(ids(ofSink(Set.of(), "a"))).containsExactly(id);
    assertThat(ids(ofSink(Set.of(), "b"))).containsExactly(id);

    node.deliver(Node.only(node.claims.claimForSink("a", 1)));
    node.steps.fail(
        Node.only(node.claims.claimForSink("b", 1)), FailureReason.SINK_REFUSED, "a test");

    assertThat(ids(ofSink(Set.of(), "a"))).isEmpty();
    assertThat(ids(ofSink(Set.of(TransferState.FAILED), "b"))).containsExactly(id);
    assertThat(ids(ofSink(Set.of(TransferState.MATCHED), "b"))).isEmpty();
  }

  @Test
  void transfersAreFoundByWhenTheyWereReceivedTheBeginIncludedAndTheEndNot() {
    String first = node.register("bison", 1).get(0);
    String second = node.register("bison", 1).get(0);
    Instant before = node.find(first).transfer().receivedAt();
    Instant after = node.find(second).transfer().receivedAt();

    assertThat(ids(received(before, after))).containsExactly(first);
    assertThat(ids(received(after, null))).containsExactly(second);
    assertThat(ids(received(null, before))).isEmpty();
    assertThat(ids(received(before, null))).containsExactly(second, first);
  }

  @Test
  void pagesFollowEachOtherTheLatestFirst() {
    String first = node.register("bison", 1).get(0);
    String second = node.register("bison", 1).get(0);
    TransferQueries queries = node.queries;

    assertThat(queries.page(TransferFilter.ALL, 0, 1).transfers())
        .extracting(TransferSummary::id)
        .containsExactly(second);
    assertThat(queries.page(TransferFilter.ALL, 1, 1).transfers())
        .extracting(TransferSummary::id)
        .containsExactly(first);
  }

  @Test
  void countsAreByPayerAndState() {
    node.ready("elk", 0);
    node.end();
    node.register("bison", 2);
    node.transfers.register(List.of(new IntakeEntry.Rejected("a", 1, "abc", "birthDate")));

    assertThat(node.queries.counts())
        .isEqualTo(
            Map.of(
                "bison", Map.of(TransferState.RECEIVED, 2L),
                "elk", Map.of(TransferState.COMPLETE, 1L),
                "", Map.of(TransferState.REJECTED, 1L)));
  }

  @Test
  void bytesCountOnceTheyAreDownloaded() {
    node.ready("bison", 2);
    node.ready("elk", 1);
    assertThat(node.queries.bytes()).isEmpty();

    node.finish();

    assertThat(node.queries.bytes()).isEqualTo(Map.of("bison", 2000L, "elk", 1000L));
  }

  @Test
  void theOldestDueRowOfEachStageHasAnAge() {
    node.register("bison", 2);

    assertThat(node.queries.oldestDue()).containsOnlyKeys(Stage.MEMBER_MATCH);
    assertThat(node.queries.oldestDue().get(Stage.MEMBER_MATCH)).isPositive();
    node.claims.claimForMatch(2);
    await().untilAsserted(() -> assertThat(node.queries.oldestDue()).isEmpty());
  }

  @Test
  void whatIsPausedOrHeldIsNotLeftUndone() {
    node.register("bison", 1);
    Pauses pauses = new Pauses(database);

    pauses.pause(TokenClient.Kind.PAYER, "bison", "ann");
    assertThat(node.queries.oldestDue()).isEmpty();
    pauses.resume(TokenClient.Kind.PAYER, "bison", "ann");
    assertThat(node.queries.oldestDue()).containsOnlyKeys(Stage.MEMBER_MATCH);

    database
        .jdbc()
        .sql("UPDATE payer_gate SET held_until = CURRENT_TIMESTAMP + INTERVAL '60' SECOND")
        .update();
    assertThat(node.queries.oldestDue()).isEmpty();
  }

  @Test
  void aSinkHasABacklogUntilItHasAllAndTellsSinceWhenItFails() {
    node.ready("bison", 1);
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a", "b"));
    DeliveryClaim failing = node.claims.claimForDelivery(1).get(0);
    node.steps.retryLater(failing, FailureReason.SINK_UNAVAILABLE, "a test", Duration.ofHours(1));

    Map<String, SinkBacklog> backlogs = node.queries.backlogs();

    String other = failing.sink().equals("a") ? "b" : "a";
    assertThat(backlogs).containsOnlyKeys("a", "b");
    assertThat(backlogs.get(other)).isEqualTo(new SinkBacklog(1, 0, Duration.ZERO));
    assertThat(backlogs.get(failing.sink()).failing()).isOne();
    await()
        .untilAsserted(
            () -> assertThat(node.queries.backlogs().get(failing.sink()).longest()).isPositive());
    node.claims.claimForDelivery(1).forEach(node::deliver);
    assertThat(node.queries.backlogs()).containsOnlyKeys(failing.sink());
  }

  @Test
  void thereIsNothingToFindUnderAnUnknownId() {
    assertThat(node.queries.find("no-such-transfer")).isEmpty();
  }

  private TransferPage page(Set<TransferState> states, String payer, String source) {
    return node.queries.page(
        new TransferFilter(states, payer, Set.of(), null, null, source, null, null, null), 0, 100);
  }

  private List<String> ids(TransferFilter filter) {
    return node.queries.page(filter, 0, 100).transfers().stream().map(TransferSummary::id).toList();
  }

  private static TransferFilter ofSink(Set<TransferState> states, String sink) {
    return new TransferFilter(states, null, Set.of(), sink, null, null, null, null, null);
  }

  private static TransferFilter ofReasons(FailureReason... reasons) {
    return new TransferFilter(Set.of(), null, Set.of(reasons), null, null, null, null, null, null);
  }

  private static TransferFilter received(Instant from, Instant until) {
    return new TransferFilter(Set.of(), null, Set.of(), null, null, null, null, from, until);
  }
}
