package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.step.FailureReason;

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
}
