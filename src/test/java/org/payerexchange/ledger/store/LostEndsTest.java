package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/** Steps whose node ended with them. */
class LostEndsTest extends LedgerTest {
  private static final Duration SHORT = Duration.ofMillis(50);

  @Test
  void aStepThatEndsThreeProcessesInARowFailsAndThoseBesideItDoNot() {
    List<String> transfers = node.register("bison", 3);
    assertThat(claimAndDie()).hasSize(3);
    assertThat(claimAndDie()).hasSize(3);
    assertThat(claimAndDie()).as("each is to be taken alone from now on").isEmpty();
    String guilty = Node.only(claimAndDie()).transferId();

    await()
        .untilAsserted(
            () -> {
              node.claims
                  .claimForMatch(10)
                  .forEach(claim -> node.transfers.matched(claim, List.of("g")));
              assertThat(counts()).isEmpty();
            });

    for (String id : transfers) {
      assertThat(node.find(id).transfer().state())
          .isEqualTo(id.equals(guilty) ? TransferState.FAILED : TransferState.MATCHED);
    }
    assertThat(node.find(guilty).transfer().reason()).isEqualTo(FailureReason.INTERNAL);
    assertThat(node.find(guilty).transfer().detail()).contains("ended the process");
  }

  @Test
  void aStepThatEndedTwoProcessesIsTakenAloneAndNothingBesideIt() {
    node.register("bison", 1);
    claimAndDie();
    claimAndDie();
    assertThat(node.claims.claimForMatch(10)).isEmpty();
    node.register("elk", 5);

    TransferClaim alone = Node.only(node.claims.claimForMatch(10));

    assertThat(alone.payer()).isEqualTo("bison");
    assertThat(node.claims.claimForMatch(10)).isEmpty();
    assertThat(node.claims.claimForKickoff(10)).isEmpty();
    assertThat(node.transfers.matched(alone, List.of("g"))).isTrue();
    assertThat(node.claims.claimForMatch(10)).hasSize(5);
    assertThat(counts()).isEmpty();
  }

  @Test
  void aClaimThatFindsNothingButWhatEndedProcessesComesToAnEnd() {
    node.register("narrow", 1);
    assertThat(claimAndDie()).hasSize(1);
    assertThat(claimAndDie()).hasSize(1);

    assertThat(claimAndDie()).as("it is to be taken alone from now on").isEmpty();
    assertThat(claimAndDie()).hasSize(1);
  }

  @Test
  void whatIsInHandIsFinishedBeforeAStepIsTakenAlone() {
    node.register("bison", 1);
    claimAndDie();
    claimAndDie();
    node.register("elk", 1);
    TransferClaim before = Node.only(node.claims.claimForMatch(10));
    node.register("elk", 1);

    assertThat(node.claims.claimForMatch(10)).isEmpty();
    assertThat(node.transfers.matched(before, List.of("g"))).isTrue();

    assertThat(Node.only(node.claims.claimForMatch(10)).payer()).isEqualTo("bison");
  }

  @Test
  void aStepThatIsNeverAloneIsNoneThatFails() {
    node.register("bison", 1);
    for (int end = 0; end < 5; end++) {
      assertThat(countedWithoutBeingAlone()).isLessThan(LostEnds.GUILTY);
    }
  }

  @Test
  void whatComesToAnEndHoweverBadIsForgiven() {
    node.register("bison", 1);
    claimAndDie();
    TransferClaim again = Node.only(node.claims.claimForMatch(1));
    await().untilAsserted(() -> assertThat(counts()).hasSize(1));
    assertThat(node.steps.release(again)).isTrue();
    assertThat(counts()).isEmpty();

    claimAndDie();
    again = Node.only(node.claims.claimForMatch(1));
    assertThat(node.steps.retryLater(again, FailureReason.PAYER_UNAVAILABLE, "no answer", Node.NOW))
        .isTrue();
    assertThat(counts()).isEmpty();
  }

  @Test
  void aStepThatComesBackLateHasEndedNoProcess() {
    node.register("bison", 1);
    Node slow = node("slow", SHORT);
    TransferClaim late = Node.only(slow.claims.claimForMatch(1));
    await().until(() -> node.claims.claimForMatch(1), claims -> !claims.isEmpty());
    assertThat(counts()).hasSize(1);

    assertThat(slow.transfers.matched(late, List.of("g"))).isFalse();
    assertThat(counts()).isEmpty();
  }

  @Test
  void aStepThatGetsOnLongAfterItsLeaseIsForgivenToo() {
    node.matched("bison", "g");
    Node.only(node("dying", SHORT).claims.claimForKickoff(1));
    Node late = node("late", SHORT);
    ExportJobClaim claim =
        Node.only(await().until(() -> late.claims.claimForKickoff(1), claims -> !claims.isEmpty()));
    await().pollDelay(SHORT.multipliedBy(2)).until(() -> late.claims.claimForMatch(1).isEmpty());

    late.kickOff(claim);

    assertThat(counts()).isEmpty();
    assertThat(node.claims.claimForPoll(1)).hasSize(1);
  }

  @Test
  void aDeliveryThatGotOnIsForgiven() {
    node.ready("bison", 1);
    node.claims
        .claimForDownload(1)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of("a")));
    assertThat(node("dying", SHORT).claims.claimForDelivery(1)).hasSize(1);
    DeliveryClaim claim =
        await().until(() -> node.claims.claimForDelivery(1), found -> !found.isEmpty()).get(0);
    await().untilAsserted(() -> assertThat(new LostEnds(database).all(LostEnds.STEP)).hasSize(1));

    assertThat(node.deliveries.position(claim, node.next(claim), 0)).isTrue();
    assertThat(new LostEnds(database).all(LostEnds.STEP)).hasSize(1);
    assertThat(node.deliveries.position(claim, node.next(claim), 1)).isTrue();
    assertThat(new LostEnds(database).all(LostEnds.STEP)).isEmpty();
  }

  @Test
  void aPlannedEndIsNoLostOne() {
    node.register("bison", 1);
    assertThat(node.claims.claimForMatch(1)).hasSize(1);
    database.close();

    database = LedgerDatabase.open(url, "postgres", "", 8);
    node = node("node-2", Duration.ofMinutes(5));

    assertThat(node.claims.claimForMatch(1)).hasSize(1);
    assertThat(counts()).isEmpty();
  }

  private int countedWithoutBeingAlone() {
    LostEnds ends = new LostEnds(database);
    return database.change(() -> ends.count(LostEnds.STEP, "1"));
  }

  /** A node that takes what is due, and says no more. */
  private List<TransferClaim> claimAndDie() {
    List<TransferClaim> claims = node("dying", SHORT).claims.claimForMatch(10);
    await().untilAsserted(() -> assertThat(due()).isGreaterThanOrEqualTo(claims.size()));
    return claims;
  }

  private int due() {
    return database
        .jdbc()
        .sql("SELECT COUNT(*) FROM step WHERE due_at <= CURRENT_TIMESTAMP")
        .query(Integer.class)
        .single();
  }

  private Map<String, Integer> counts() {
    return new LostEnds(database).all(LostEnds.STEP);
  }
}
