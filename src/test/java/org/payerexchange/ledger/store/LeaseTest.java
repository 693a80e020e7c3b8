package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.Progress;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Hands;
import org.payerexchange.step.Stage;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;

class LeaseTest extends LedgerTest {
  private static final Duration SHORT = Duration.ofMillis(50);

  @Test
  void aDatabaseThatFallsSilentIsNotWaitedForForever() throws Exception {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    try (Connection connection = database.dataSource().getConnection()) {
      assertThat(connection.getNetworkTimeout()).isEqualTo(300_000);
    }
    try (LedgerDatabase other = LedgerDatabase.open(url + "&socketTimeout=7", "postgres", "", 2);
        Connection connection = other.dataSource().getConnection()) {
      assertThat(connection.getNetworkTimeout()).isEqualTo(7_000);
    }
  }

  @Test
  void aClaimThatNobodyWaitsForAnyMoreTakesNothing() {
    node.register("bison", 1);
    Duration lease = Duration.ofMinutes(5);
    Capacity capacity = new Capacity(kind -> true, Map.of(), 8, 8, Set.of());
    Claimer late =
        new Claimer(
            new Taking(
                new DueSteps(database, "node-2", lease),
                new LostEnds(database),
                new PayerPace(database, Map.of()),
                new CallGates(database, Map.of()),
                new Hands(lease),
                capacity,
                capacity.kinds()),
            Duration.ZERO);

    late.undo();

    assertThat(database.lease(late::claim)).isEmpty();
    assertThat(capacity.free(Stage.MEMBER_MATCH)).as("no place is kept for nobody").isEqualTo(8);
    assertThat(node.claims.claimForMatch(1)).hasSize(1);
  }

  @Test
  void aNodeThatStandsStillInTheMiddleOfAClaimHoldsTheOthersUpForAMinuteAtMost() throws Exception {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    node.register("bison", 1);
    try (LedgerDatabase still = LedgerDatabase.open(url, "postgres", "", 2)) {
      JdbcClient change = still.jdbc();
      still.change(
          () -> {
            assertThat(
                    change
                        .sql("SHOW idle_in_transaction_session_timeout")
                        .query(String.class)
                        .single())
                .isEqualTo("1min");
            change.sql("SET idle_in_transaction_session_timeout = 300").update();
            change.sql("SELECT payer FROM payer_gate FOR UPDATE").query().listOfRows();

            assertThat(node.claims.claimForMatch(1)).hasSize(1);
            return null;
          });
    } catch (TransactionException ended) {
      // it learns that it has changed nothing
    }
  }

  @Test
  void twoClaimersNeverGetOneRow() throws Exception {
    Set<String> registered = new HashSet<>(node.register("bison", 120));
    registered.addAll(node.register("elk", 80));
    Node other = node("node-2", Duration.ofMinutes(5));
    List<String> claimed = Collections.synchronizedList(new ArrayList<>());

    inParallel(
        6,
        worker -> {
          Node claimer = worker % 2 == 0 ? node : other;
          while (claimed.size() < registered.size()) {
            for (TransferClaim claim : claimer.claims.claimForMatch(5)) {
              claimed.add(claim.transferId());
              assertThat(claimer.transfers.matched(claim, List.of("g"))).isTrue();
            }
          }
        });

    assertThat(claimed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(registered);
  }

  @Test
  void aRowIsTakenOverWhenItsLeaseHasRunOutAndTheOldClaimIsWorthNothing() {
    node.register("bison", 1);
    Node slow = node("slow", SHORT);
    TransferClaim old = Node.only(slow.claims.claimForMatch(1));

    TransferClaim taken =
        await().until(() -> node.claims.claimForMatch(1), claims -> !claims.isEmpty()).get(0);

    assertThat(taken.leaseToken()).isGreaterThan(old.leaseToken());
    await()
        .untilAsserted(() -> assertThat(node.queries.takeovers()).isEqualTo(Map.of("bison", 1L)));
    assertThat(slow.transfers.matched(old, List.of("g"))).isFalse();
    assertThat(slow.steps.retryLater(old, FailureReason.INTERNAL, "late", SHORT)).isFalse();
    assertThat(slow.steps.fail(old, FailureReason.INTERNAL, "late")).isFalse();
    assertThat(slow.steps.release(old)).isFalse();
    assertThat(node.events(old.transferId())).containsExactly("RECEIVED");
    assertThat(node.transfers.matched(taken, List.of("g"))).isTrue();
  }

  @Test
  void aRenewedLeaseIsNotTakenOver() {
    node.ready("bison", 2);
    Node slow = node("slow", SHORT);
    List<OutputFileClaim> files = slow.claims.claimForDownload(2);

    assertThat(node("slow", Duration.ofMinutes(5)).steps.renew(files.get(0))).isTrue();

    assertThat(await().until(() -> node.claims.claimForDownload(2), some -> !some.isEmpty()))
        .extracting(OutputFileClaim::id)
        .containsExactly(files.get(1).id());
    assertThat(node.claims.claimForDownload(2)).isEmpty();
    assertThat(slow.files.stored(files.get(0), Node.content("h"), Node.SINKS)).isTrue();
  }

  @Test
  void aLostLeaseCannotBeRenewed() {
    node.ready("bison", 1);
    Node slow = node("slow", SHORT);
    OutputFileClaim file = Node.only(slow.claims.claimForDownload(1));
    await().until(() -> !node.claims.claimForDownload(1).isEmpty());

    assertThat(slow.steps.renew(file)).isFalse();
    assertThat(slow.files.stored(file, Node.content("h"), Node.SINKS)).isFalse();
  }

  @Test
  void whatAFailoverHasForgottenIsNobodyElsesThoughItsIdsAndTokensAreGivenAgain() {
    node.ready("bison", 1);
    node.register("elk", 1);
    OutputFileClaim file = Node.only(node.claims.claimForDownload(1));
    TransferClaim match = Node.only(node.claims.claimForMatch(1));
    // the same id, kind and token, of another time
    database.update("UPDATE step SET lease_owner = 'node-2' WHERE lease_owner = 'node-1'");

    assertThat(node.files.stored(file, Node.content("h"), Node.SINKS)).isFalse();
    assertThat(node.transfers.matched(match, List.of("g"))).isFalse();
    assertThat(node.steps.fail(match, FailureReason.INTERNAL, "late")).isFalse();
    assertThat(node.steps.renew(match)).isFalse();

    Node other = node("node-2", Duration.ofMinutes(5));
    assertThat(other.files.stored(file, Node.content("h"), Node.SINKS)).isTrue();
    assertThat(other.transfers.matched(match, List.of("g"))).isTrue();
  }

  @Test
  void anEndOfANodeGivesBackWhatItHasBesideWhoeverHasSomeOfItLocked() throws Exception {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    node.register("bison", 2);
    List<Long> steps =
        node.claims.claimForMatch(2).stream().map(claim -> claim.lease().step()).sorted().toList();
    CompletableFuture<Void> end;
    try (Connection cancel = database.dataSource().getConnection();
        Statement locks = cancel.createStatement()) {
      cancel.setAutoCommit(false);
      locks.execute("SELECT 1 FROM step WHERE id = %s FOR UPDATE".formatted(steps.get(1)));

      end = CompletableFuture.runAsync(() -> database.giveBack("node-1"));
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> database.finds("SELECT 1 FROM step WHERE lease_owner IS NULL"));
      locks.execute("UPDATE step SET attempts = 1 WHERE id = %s".formatted(steps.get(0)));
      cancel.commit();
    }
    end.get(1, TimeUnit.MINUTES);

    assertThat(node("node-2", Duration.ofMinutes(5)).claims.claimForMatch(9)).hasSize(2);
  }

  @Test
  void aClaimIsGoodForOneChange() {
    ExportJobClaim job = node.running("bison");

    assertThat(node.jobs.stillRunning(job, new Progress(null), Node.NOW)).isTrue();

    assertThat(node.jobs.stillRunning(job, new Progress(null), Node.NOW)).isFalse();
    assertThat(node.steps.fail(job, FailureReason.INTERNAL, "again")).isFalse();
  }

  @Test
  void whatIsHandedBackIsDueAtOnceAndHasNotFailed() {
    node.register("bison", 1);

    assertThat(node.steps.release(Node.only(node.claims.claimForMatch(1)))).isTrue();

    TransferClaim again = Node.only(node.claims.claimForMatch(1));
    assertThat(again.attempts()).isZero();
    assertThat(again.failingSince()).isNull();
  }

  @Test
  void aRetriedStepKnowsHowOftenAndSinceWhenItFails() {
    String id = node.register("bison", 1).get(0);
    retry(Node.only(node.claims.claimForMatch(1)));
    TransferClaim second = Node.only(node.claims.claimForMatch(1));
    assertThat(second.attempts()).isEqualTo(1);
    retry(second);

    TransferClaim third = Node.only(node.claims.claimForMatch(1));
    assertThat(third.attempts()).isEqualTo(2);
    assertThat(third.failingSince()).isEqualTo(second.failingSince()).isNotNull();
    assertThat(node.find(id).transfer().reason()).isEqualTo(FailureReason.PAYER_UNAVAILABLE);
    node.transfers.matched(third, List.of("g"));
    assertThat(node.find(id).transfer().reason()).isNull();
    assertThat(Node.only(node.claims.claimForKickoff(1)).attempts()).isZero();
  }

  @Test
  void refusalsOfATokenCountFromTheFirstThatNoOtherFailureFollowed() {
    node.register("bison", 1);
    assertThat(failedBy(FailureReason.PAYER_UNAVAILABLE).refusedSince()).isNull();

    TransferClaim refused = failedBy(FailureReason.PAYER_REFUSED);
    assertThat(refused.refusedSince()).isAfter(refused.failingSince());
    assertThat(failedBy(FailureReason.PAYER_REFUSED).refusedSince())
        .isEqualTo(refused.refusedSince());

    TransferClaim other = failedBy(FailureReason.PAYER_UNAVAILABLE);
    assertThat(other.refusedSince()).isNull();
    assertThat(other.failingSince()).isEqualTo(refused.failingSince());
  }

  private TransferClaim failedBy(FailureReason reason) {
    node.steps.retryLater(Node.only(node.claims.claimForMatch(1)), reason, "a test", Duration.ZERO);
    TransferClaim again = Node.only(node.claims.claimForMatch(1));
    node.steps.release(again);
    return again;
  }

  @Test
  void whatIsToBeRetriedLaterIsNotDueBefore() {
    node.register("bison", 1);
    TransferClaim claim = Node.only(node.claims.claimForMatch(1));
    node.steps.retryLater(claim, FailureReason.PAYER_BUSY, "429", Duration.ofHours(1));

    assertThat(node.claims.claimForMatch(1)).isEmpty();
  }

  @Test
  void aStartEndsTheLeasesOfAnEmbeddedDatabaseOnly() {
    node.register("bison", 1);
    TransferClaim before = Node.only(node.claims.claimForMatch(1));
    if (kind == TestDatabase.H2) {
      database.close();
    }

    try (LedgerDatabase opened = LedgerDatabase.open(url, "postgres", "", 8)) {
      Node again = new Node(opened, "again", Duration.ofMinutes(5));
      List<TransferClaim> claims = again.claims.claimForMatch(1);
      if (kind == TestDatabase.H2) {
        assertThat(Node.only(claims).transferId()).isEqualTo(before.transferId());
        assertThat(again.transfers.matched(before, List.of("g"))).isFalse();
      } else {
        assertThat(claims).isEmpty();
      }
    }
  }

  @Test
  void aPayersLimitHoldsOverAllStagesAndNodes() throws Exception {
    node.register("narrow", 4);
    node.transfers.matched(node.claims.claimForMatch(1).get(0), List.of("a", "b", "c"));

    assertThat(node.claims.claimForMatch(1)).hasSize(1);
    assertThat(node.claims.claimForKickoff(10)).hasSize(1);
    assertThat(node.claims.claimForKickoff(10)).isEmpty();
    assertThat(node("node-2", Duration.ofMinutes(5)).claims.claimForMatch(10)).isEmpty();
  }

  @Test
  void aPayersLimitHoldsAgainstClaimersAtTheSameTime() throws Exception {
    node.register("bison", 100);
    List<TransferClaim> claims = Collections.synchronizedList(new ArrayList<>());

    inParallel(
        8,
        worker -> claims.addAll(node("n" + worker, Duration.ofMinutes(5)).claims.claimForMatch(5)));

    assertThat(claims).hasSize(8);
  }

  @Test
  void deliveriesAndOutcomesAreNoRequestsToThePayer() {
    node.ready("narrow", 1);
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a", "b", "c"));
    node.holds.hold("narrow", Duration.ofHours(1), "429");

    assertThat(node.claims.claimForDelivery(10)).hasSize(3);
  }

  @Test
  void aHeldPayerIsSkippedByAllNodesAndOthersAreNot() {
    node.register("bison", 3);
    List<String> elk = node.register("elk", 3);

    node.holds.hold("bison", Duration.ofHours(1), "429 Too Many Requests");
    node.holds.hold("bison", Duration.ofSeconds(1), "a shorter hold does not end a longer one");

    assertThat(node("node-2", Duration.ofMinutes(5)).claims.claimForMatch(10))
        .extracting(TransferClaim::transferId)
        .containsExactlyInAnyOrderElementsOf(elk);
  }

  @Test
  void aHoldEnds() {
    node.register("bison", 1);
    node.holds.hold("bison", SHORT, "429");

    await().until(() -> node.claims.claimForMatch(1), claims -> claims.size() == 1);
  }

  @Test
  void aPayerWithManyDueRowsDoesNotHoldUpAnother() {
    node.register("bison", 200);
    node.register("elk", 3);
    node.register("moose", 1);

    List<TransferClaim> claims = node.claims.claimForMatch(9);

    assertThat(claims).hasSize(9);
    assertThat(claims).filteredOn(claim -> claim.payer().equals("elk")).hasSize(3);
    assertThat(claims).filteredOn(claim -> claim.payer().equals("moose")).hasSize(1);
  }

  @Test
  void aPayerWhoseStepsHangDoesNotHoldUpAnother() {
    node.register("bison", 200);
    node.register("elk", 20);
    assertThat(node.claims.claimForMatch(16)).hasSize(16);

    node("node-2", Duration.ofMinutes(5)).register("moose", 1);

    assertThat(node.claims.claimForMatch(16))
        .extracting(TransferClaim::payer)
        .containsExactly("moose");
  }

  @Test
  void aPayerThatIsNoLongerConfiguredIsClaimedSoThatItsTransfersCanFail() {
    node.register("unknown", 3);

    assertThat(node.claims.claimForMatch(10)).hasSize(1);
  }

  private void retry(TransferClaim claim) {
    assertThat(node.steps.retryLater(claim, FailureReason.PAYER_UNAVAILABLE, "HTTP 500", Node.NOW))
        .isTrue();
  }

  static void inParallel(int workers, Work work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        int worker = i;
        tasks.add(
            () -> {
              work.run(worker);
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(tasks)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  interface Work {
    void run(int worker) throws Exception;
  }
}
