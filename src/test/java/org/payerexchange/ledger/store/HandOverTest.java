package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/** The commit that ends a step hands on those that follow. */
class HandOverTest extends LedgerTest {
  private static final int DOWNLOADS = 16;

  private final Set<Stage> done = EnumSet.allOf(Stage.class);
  private final Capacity capacity =
      new Capacity(done::contains, Map.of(Stage.DOWNLOAD, DOWNLOADS), 64, 4, Set.of("a", "b"));
  private Node worker;

  @BeforeEach
  void startWorker() {
    worker =
        new Node(
            database, "worker", new Leases.Limits(Duration.ofMinutes(5), LONG, LONG), capacity);
  }

  private static final Duration LONG = Duration.ofHours(24);

  @Test
  void aWholeTransferIsCarriedAsFarAsItNeedsNotWait() {
    String id = worker.register("bison", 1).get(0);
    TransferClaim match = (TransferClaim) Node.only(worker.leases.claim());
    worker.transfers.matched(match, List.of("g1"));
    ExportJobClaim kickoff = (ExportJobClaim) Node.only(worker.leases.handedOn(match));
    worker.kickOff(kickoff);
    ExportJobClaim poll = (ExportJobClaim) Node.only(worker.leases.handedOn(kickoff));
    worker.jobs.ready(poll, Node.facts(), Node.manifest(2));
    List<Claim> downloads = worker.leases.handedOn(poll);
    assertThat(downloads).hasSize(2);
    store(downloads.get(0), List.of());
    assertThat(worker.leases.handedOn(downloads.get(0))).as("the other runs").isEmpty();
    store(downloads.get(1), List.of());
    OutcomeClaim outcome = (OutcomeClaim) Node.only(worker.leases.handedOn(downloads.get(1)));
    worker.outcomes.sent(outcome);
    ExportJobClaim release = (ExportJobClaim) Node.only(worker.leases.handedOn(outcome));
    worker.jobs.released(release);

    assertThat(worker.leases.handedOn(release)).isEmpty();
    assertThat(worker.leases.claim()).isEmpty();
    assertThat(worker.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
    assertThat(count("step")).isZero();
  }

  @Test
  void noMoreIsHandedOnThanThePayerBearsAndTheRestIsDue() {
    List<Claim> kickoffs = matched("narrow", "g1", "g2", "g3");

    assertThat(kickoffs).hasSize(2);
    assertThat(worker.leases.done(kickoffs.get(0))).as("more may be due").isTrue();
    worker.kickOff((ExportJobClaim) kickoffs.get(0));
    worker.steps.release(Node.only(worker.leases.handedOn(kickoffs.get(0))));
    assertThat(worker.leases.claim()).hasSize(1);
  }

  @Test
  void nothingIsHandedOnWhileThePayerIsHeld() {
    Claim match = registered("bison");
    worker.holds.hold("bison", Duration.ofHours(1), "429");

    worker.transfers.matched((TransferClaim) match, List.of("g1"));

    assertThat(worker.leases.handedOn(match)).isEmpty();
    assertThat(leased()).isZero();
  }

  @Test
  void whatThisNodeDoesNotDoIsLeftToOthers() {
    done.remove(Stage.EXPORT_KICKOFF);

    assertThat(matched("bison", "g1")).isEmpty();

    assertThat(node.claims.claimForKickoff(10)).hasSize(1);
  }

  @Test
  void aSinkThatIsHeldOrNotKnownHereIsHandedNothing() {
    List<Claim> downloads = ready("bison", 1);
    new SinkHolds(database).hold("a", Duration.ofHours(1));

    store(downloads.get(0), List.of("a", "b", "elsewhere"));

    assertThat(worker.leases.handedOn(downloads.get(0)))
        .extracting(Claim::lane)
        .containsExactly("b");
  }

  @Test
  void aCommitThatFailsHandsOnNothingAndKeepsNoPlace() {
    Claim match = registered("bison");
    assertThat(worker.steps.release(match)).isTrue();

    assertThat(worker.transfers.matched((TransferClaim) match, List.of("g1"))).isFalse();

    assertThat(worker.leases.handedOn(match)).isEmpty();
    worker.leases.done(match);
    assertThat(capacity.free(Stage.EXPORT_KICKOFF, "bison")).isEqualTo(64);
  }

  @Test
  void whatNobodyBeganIsGivenBackWithItsPlace() {
    Claim match = registered("bison");
    worker.transfers.matched((TransferClaim) match, List.of("g1"));
    assertThat(leased()).isEqualTo(1);

    assertThat(worker.leases.done(match)).isTrue();

    assertThat(leased()).isZero();
    assertThat(capacity.free(Stage.EXPORT_KICKOFF, "bison")).isEqualTo(64);
    assertThat(node.claims.claimForKickoff(10)).hasSize(1);
  }

  @Test
  void aDeliveryThatHasHadItsTurnWaitsBehindTheOthers() {
    List<Claim> downloads = ready("bison", 1);
    store(downloads.get(0), List.of("a"));
    DeliveryClaim turn = (DeliveryClaim) Node.only(worker.leases.handedOn(downloads.get(0)));

    worker.deliveries.end(turn);

    assertThat(worker.leases.handedOn(turn)).isEmpty();
    assertThat(worker.leases.done(turn)).isTrue();
    assertThat(Node.only(worker.leases.claim()).lane()).isEqualTo("a");
  }

  @Test
  void downloadsLeaveAQuarterOfWhatAPayerBearsToOtherCalls() {
    List<Claim> downloads = ready("bison", 100);
    worker.register("bison", 10);

    assertThat(downloads).hasSize(6);
    assertThat(worker.leases.claim()).extracting(Claim::stage).containsOnly(Stage.MEMBER_MATCH);
  }

  /** A member with many files, and others of the same payer that come after it. */
  @Test
  void smallTransfersHaveTheirTurnBesideALargeOne() {
    List<Claim> running = new ArrayList<>(ready("bison", 500));
    String large = running.get(0).transferId();
    List<String> small = new ArrayList<>();
    for (int member = 0; member < 5; member++) {
      small.add(node.ready("bison", 2));
    }

    int ended = 0;
    while (!small.isEmpty()) {
      Claim next = running.remove(0);
      store(next, List.of());
      ended++;
      for (Claim claim : worker.leases.handedOn(next)) {
        if (claim.stage() == Stage.DOWNLOAD) {
          running.add(claim);
        } else {
          small.remove(claim.transferId());
        }
      }
      worker.leases.done(next);
      worker.leases.claim().stream()
          .filter(claim -> claim.stage() == Stage.DOWNLOAD)
          .forEach(running::add);
    }

    assertThat(ended).as("downloads until the small ones had ended").isLessThan(100);
    assertThat(worker.find(large).transfer().state()).isEqualTo(TransferState.MATCHED);
  }

  @Test
  void everyKindHasItsTurn() {
    assertThat(Claimer.IN_TURN).containsExactlyInAnyOrder(Stage.values());
  }

  @Test
  void aDownloadGivesItsPlaceToOthersThatWait() {
    List<Claim> downloads = ready("bison", 200);
    worker.register("bison", 20);
    worker.leases.claim();

    store(downloads.get(0), List.of());

    assertThat(worker.leases.handedOn(downloads.get(0))).as("matches wait").isEmpty();
    assertThat(worker.leases.done(downloads.get(0))).isTrue();
    assertThat(worker.leases.claim()).extracting(Claim::stage).containsOnly(Stage.MEMBER_MATCH);
  }

  /** Those that are put off for long would hold all the others of their job up. */
  @Test
  void filesThatAreTriedAgainMuchLaterHoldNoOthersUp() {
    List<Claim> running = new ArrayList<>(ready("bison", 70));
    int putOff = 0;
    while (!running.isEmpty()) {
      Claim next = running.remove(0);
      worker.steps.retryLater(next, FailureReason.BAD_ANSWER, "a test", LONG);
      worker.leases.done(next);
      putOff++;
      running.addAll(worker.leases.claim());
    }

    assertThat(putOff).isEqualTo(70);
  }

  private Claim registered(String payer) {
    worker.register(payer, 1);
    return Node.only(worker.leases.claim());
  }

  private List<Claim> matched(String payer, String... groups) {
    Claim match = registered(payer);
    worker.transfers.matched((TransferClaim) match, List.of(groups));
    List<Claim> next = worker.leases.handedOn(match);
    worker.leases.done(match);
    return next;
  }

  /** The downloads that a manifest of so many files hands on. */
  private List<Claim> ready(String payer, int files) {
    ExportJobClaim kickoff = (ExportJobClaim) Node.only(matched(payer, "g1"));
    worker.kickOff(kickoff);
    ExportJobClaim poll = (ExportJobClaim) Node.only(worker.leases.handedOn(kickoff));
    worker.leases.done(kickoff);
    worker.jobs.ready(poll, Node.facts(), Node.manifest(files));
    List<Claim> downloads = worker.leases.handedOn(poll);
    worker.leases.done(poll);
    return downloads;
  }

  private void store(Claim download, List<String> sinks) {
    assertThat(worker.files.stored((OutputFileClaim) download, Node.content("h"), sinks)).isTrue();
  }

  private int leased() {
    return database
        .jdbc()
        .sql("SELECT COUNT(*) FROM step WHERE lease_until IS NOT NULL")
        .query(Integer.class)
        .single();
  }

  private int count(String table) {
    return database.jdbc().sql("SELECT COUNT(*) FROM " + table).query(Integer.class).single();
  }

  @Test
  void filesThatEndTogetherAreNotFollowedByMoreThanTheirPayerBears() throws Exception {
    List<Claim> downloads = ready("bison", 6);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch others = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    // the first holds the transfer until the others wait for it, to go together
    threads.add(
        start(
            () ->
                worker.leases.endsWithOthers(
                    downloads.get(0),
                    transfer -> {
                      begun.countDown();
                      await(others);
                      return false;
                    })));
    await(begun);
    for (Claim download : downloads.subList(1, 6)) {
      int attachments = download.equals(downloads.get(5)) ? 6 : 0;
      threads.add(
          start(
              () ->
                  worker.files.stored(
                      (OutputFileClaim) download,
                      Node.content("h").naming(attachments(attachments)),
                      List.of())));
    }
    try {
      Awaitility.await()
          .until(
              () -> threads.stream().noneMatch(each -> each.getState() == Thread.State.RUNNABLE));
    } finally {
      others.countDown();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(count("step WHERE kind = 'DOWNLOAD' AND lease_until IS NOT NULL"))
        .as("of 8 requests downloads take 6")
        .isLessThanOrEqualTo(6);
  }

  private static Thread start(Runnable work) {
    Thread thread = new Thread(work);
    thread.start();
    return thread;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FoundAttachments attachments(int count) {
    return new FoundAttachments(
        IntStream.range(0, count)
            .mapToObj(
                each -> new Attachment("http://localhost/" + each, null, null, null, "Patient-1/1"))
            .toList(),
        0,
        100,
        List.of());
  }
}
