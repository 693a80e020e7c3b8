package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.payerexchange.step.FailureReason;

class PayerPaceTest extends LedgerTest {
  private static final Duration LONG = Duration.ofHours(1);

  @Test
  void aPayerWhoseCallsTimeOutIsGivenOneRequestAtATimeByAllNodes() {
    node.register("bison", 40);

    fail(node.transfers.claimForMatch(100), FailureReason.PAYER_UNAVAILABLE);

    List<TransferClaim> next = node("node-2", LONG).transfers.claimForMatch(100);
    assertThat(next).hasSize(1);
    assertThat(node.transfers.claimForMatch(100)).isEmpty();
  }

  @Test
  void oneFailureAmongManyHalvesThePaceAndOthersKeepTheirs() {
    node.register("bison", 40);
    node.register("elk", 40);
    List<TransferClaim> first = node.transfers.claimForMatch(100);

    fail(first.stream().filter(of("bison")).limit(1).toList(), FailureReason.PAYER_BUSY);
    first.forEach(node.steps::release);

    List<TransferClaim> next = node.transfers.claimForMatch(100);
    assertThat(next).filteredOn(of("bison")).hasSize(4);
    assertThat(next).filteredOn(of("elk")).hasSize(8);
  }

  @Test
  void everySuccessGivesAPayerOneMoreUntilItHasAllAgain() {
    node.register("bison", 60);
    fail(node.transfers.claimForMatch(100), FailureReason.PAYER_UNAVAILABLE);
    List<Integer> atOnce = new ArrayList<>();

    for (int round = 0; round < 5; round++) {
      List<TransferClaim> claims = node.transfers.claimForMatch(100);
      atOnce.add(claims.size());
      claims.forEach(claim -> node.transfers.noMatch(claim, FailureReason.NO_MATCH, "422"));
    }

    assertThat(atOnce).containsExactly(1, 2, 4, 8, 8);
  }

  @Test
  void aSuccessOnOneNodeCountsOnAll() {
    Node other = node("node-2", LONG);
    node.register("bison", 40);
    fail(other.transfers.claimForMatch(100), FailureReason.PAYER_UNAVAILABLE);

    node.transfers.noMatch(
        Node.only(node.transfers.claimForMatch(100)), FailureReason.NO_MATCH, "422");

    assertThat(other.transfers.claimForMatch(100)).hasSize(2);
  }

  @Test
  void whatIsNotThePayersFaultDoesNotSlowItDown() {
    node.register("bison", 40);

    fail(node.transfers.claimForMatch(100), FailureReason.BAD_ANSWER);

    assertThat(node.transfers.claimForMatch(100)).hasSize(8);
  }

  @Test
  void aSinkThatIsAwaySlowsNoPayerDown() {
    node.ready("bison", 8);
    node.files
        .claimForDownload(100)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of("a")));
    node.deliveries
        .claimForDelivery(100)
        .forEach(
            claim -> node.steps.retryLater(claim, FailureReason.SINK_UNAVAILABLE, "full", LONG));

    node.register("bison", 40);
    assertThat(node.transfers.claimForMatch(100)).hasSize(8);
  }

  @Test
  void payersThatHangLeaveDownloadSlotsToOthersWhateverTheirOrder() {
    // the default: 16 slots, and 8 for one payer
    int free = 16;
    for (String hanging : List.of("bison", "elk", "moose")) {
      node.ready(hanging, 40);
      for (int round = 0; round < 3; round++) {
        free -= node.files.claimForDownload(free).size();
      }
    }
    assertThat(free).isBetween(3, 4);

    node.ready("narrow", 40);

    assertThat(node.files.claimForDownload(free))
        .extracting(OutputFileClaim::payer)
        .containsExactly("narrow");
  }

  private void fail(List<TransferClaim> claims, FailureReason reason) {
    claims.forEach(claim -> node.steps.retryLater(claim, reason, "no answer", LONG));
  }

  private static Predicate<TransferClaim> of(String payer) {
    return claim -> claim.payer().equals(payer);
  }
}
