package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

class PayerPaceTest extends LedgerTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Test
  void aPayerWhoseCallsTimeOutIsGivenOneRequestAtATimeByAllNodes() {
    node.register("bison", 40);

    fail(node.claims.claimForMatch(100), FailureReason.PAYER_UNAVAILABLE);

    List<TransferClaim> next = node("node-2", LONG).claims.claimForMatch(100);
    assertThat(next).hasSize(1);
    assertThat(node.claims.claimForMatch(100)).isEmpty();
  }

  @Test
  void oneFailureAmongManyHalvesThePaceAndOthersKeepTheirs() {
    node.register("bison", 40);
    node.register("elk", 40);
    List<TransferClaim> first = node.claims.claimForMatch(100);

    fail(first.stream().filter(of("bison")).limit(1).toList(), FailureReason.PAYER_BUSY);
    first.forEach(node.steps::release);

    List<TransferClaim> next = node.claims.claimForMatch(100);
    assertThat(next).filteredOn(of("bison")).hasSize(4);
    assertThat(next).filteredOn(of("elk")).hasSize(8);
  }

  @Test
  void everySuccessGivesAPayerOneMoreUntilItHasAllAgain() {
    node.register("bison", 60);
    fail(node.claims.claimForMatch(100), FailureReason.PAYER_UNAVAILABLE);
    List<Integer> atOnce = new ArrayList<>();

    for (int round = 0; round < 5; round++) {
      List<TransferClaim> claims = node.claims.claimForMatch(100);
      atOnce.add(claims.size());
      claims.forEach(claim -> node.transfers.noMatch(claim, FailureReason.NO_MATCH, "422"));
    }

    assertThat(atOnce).containsExactly(1, 2, 4, 8, 8);
  }

  @Test
  void aSuccessOnOneNodeCountsOnAll() {
    Node other = node("node-2", LONG);
    node.register("bison", 40);
    fail(node.claims.claimForMatch(100), FailureReason.PAYER_UNAVAILABLE);

    other.transfers.noMatch(
        Node.only(other.claims.claimForMatch(100)), FailureReason.NO_MATCH, "422");

    assertThat(node.claims.claimForMatch(100)).hasSize(2);
  }

  @Test
  void aLongCommitOfAPayerThatIsGivenFewRequestsHoldsUpNoClaimOfAnother() throws Exception {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    Node other = node("node-2", LONG);
    ExportJobClaim poll = node.running("bison");
    node.steps.retryLater(poll, FailureReason.PAYER_BUSY, "429", Node.NOW);
    node.register("bison", 1);
    ExportJobClaim again = Node.only(node.claims.claimForPoll(1));
    node.register("elk", 1);
    try (Connection connection = DriverManager.getConnection(url, "postgres", "");
        Statement lock = connection.createStatement()) {
      connection.setAutoCommit(false);
      lock.execute("LOCK TABLE output_file IN SHARE MODE");
      CompletableFuture<Boolean> ready =
          CompletableFuture.supplyAsync(
              () -> node.jobs.ready(again, Node.facts(), Node.manifest(2)));
      await().atMost(PATIENCE).until(() -> waiting() == 1);

      List<TransferClaim> claims =
          CompletableFuture.supplyAsync(() -> other.claims.claimForMatch(100))
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

      assertThat(claims).filteredOn(of("elk")).hasSize(1);
      connection.rollback();
      assertThat(ready.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void whatIsNotThePayersFaultDoesNotSlowItDown() {
    node.register("bison", 40);

    fail(node.claims.claimForMatch(100), FailureReason.BAD_ANSWER);

    assertThat(node.claims.claimForMatch(100)).hasSize(8);
  }

  @Test
  void aSinkThatIsAwaySlowsNoPayerDown() {
    node.ready("bison", 8);
    node.claims
        .claimForDownload(100)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of("a")));
    node.claims
        .claimForDelivery(100)
        .forEach(
            claim -> node.steps.retryLater(claim, FailureReason.SINK_UNAVAILABLE, "full", LONG));

    node.register("bison", 40);
    assertThat(node.claims.claimForMatch(100)).hasSize(8);
  }

  @Test
  void payersThatHangLeaveDownloadSlotsToOthersWhateverTheirOrder() {
    // the default: 16 downloads, and 8 requests for one payer
    Capacity capacity =
        new Capacity(kind -> kind == Stage.DOWNLOAD, Map.of(Stage.DOWNLOAD, 16), 0, 0, Set.of());
    for (String hanging : List.of("bison", "elk", "moose")) {
      node.ready(hanging, 40);
      for (int round = 0; round < 3; round++) {
        node.leases.claim(capacity);
      }
    }
    assertThat(capacity.free(Stage.DOWNLOAD)).isBetween(3, 4);

    node.ready("narrow", 40);

    assertThat(node.leases.claim(capacity)).extracting(Claim::payer).containsExactly("narrow");
  }

  private void fail(List<TransferClaim> claims, FailureReason reason) {
    claims.forEach(claim -> node.steps.retryLater(claim, reason, "no answer", LONG));
  }

  private static Predicate<TransferClaim> of(String payer) {
    return claim -> claim.payer().equals(payer);
  }
}
