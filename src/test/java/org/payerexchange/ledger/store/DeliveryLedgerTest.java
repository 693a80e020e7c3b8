package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileNumbers;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.LinkLoss;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

class DeliveryLedgerTest extends LedgerTest {

  @Test
  void filesGoInTheOrderOfTheirNumbersHoweverTheyArrive() {
    node.ready("bison", 3);
    List<OutputFileClaim> files = download();
    store(files.get(2), "h");
    assertThat(node.claims.claimForDelivery(1)).as("the first is still to come").isEmpty();
    store(files.get(0), "h");
    DeliveryClaim first = claim();
    assertThat(numbers(first)).containsExactly(1);
    node.deliver(first);
    assertThat(node.claims.claimForDelivery(1)).isEmpty();

    store(files.get(1), "h");

    assertThat(numbers(claim())).containsExactly(2, 3);
  }

  @Test
  void aFileThatIsStoredLateInFrontOfThePlaceIsDeliveredAndNoOtherTwice() {
    String id = readyWithoutItsFirstFile();
    DeliveryClaim others = claim();
    assertThat(numbers(others)).containsExactly(2, 3);
    node.deliver(others);
    retryForTheFirst(id);

    store(Node.only(download()), "h");

    DeliveryClaim late = claim();
    assertThat(numbers(late)).containsExactly(1);
    node.deliver(late);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
    assertThat(Node.only(node.find(id).deliveries()))
        .extracting(TransferDetails.Delivery::delivered, TransferDetails.Delivery::files)
        .containsExactly(3, 3);
  }

  @Test
  void aFileThatIsStoredWhileASinkHasLaterOnesInHandIsDelivered() {
    String id = readyWithoutItsFirstFile();
    node.steps.fail(claim(), FailureReason.SINK_REFUSED, "HTTP 422");
    node.end();
    retryForTheFirst(id);
    DeliveryClaim claim = claim();
    List<StoredFile> inHand = node.deliveries.files(claim, 100);
    assertThat(inHand).extracting(StoredFile::number).containsExactly(2, 3);

    store(Node.only(download()), "h");
    inHand.forEach(file -> node.deliveries.taken(claim, file));
    node.deliveries.end(claim);

    assertThat(numbers(claim())).containsExactly(1);
  }

  @Test
  void aDeliveryThatBeginsAgainGetsAllFilesFromTheFirstLineOn() {
    node.ready("bison", 2);
    download().forEach(file -> store(file, "h"));
    DeliveryClaim claim = claim();
    List<StoredFile> files = node.deliveries.files(claim, 100);
    assertThat(node.deliveries.hasBegun(claim)).isFalse();
    node.deliveries.taken(claim, files.get(0));
    node.deliveries.position(claim, files.get(1), 1);
    assertThat(node.deliveries.hasBegun(claim)).isTrue();

    assertThat(node.deliveries.beginAgain(claim)).isTrue();

    assertThat(node.deliveries.beginAgain(claim)).as("its lease is over").isFalse();
    DeliveryClaim again = claim();
    assertThat(node.deliveries.hasBegun(again)).isFalse();
    assertThat(node.deliveries.files(again, 100))
        .extracting(StoredFile::number, StoredFile::position)
        .containsExactly(tuple(1, 0L), tuple(2, 0L));
    node.deliver(again);
    assertThat(node.claims.claimForDelivery(1)).isEmpty();
  }

  @Test
  void aFileThatChangesWhileASinkTakesItIsBroughtThereOnceMore() {
    node.ready("bison", 2);
    download().forEach(file -> storeAt(file, "h", List.of("a", "b")));
    List<DeliveryClaim> claims = node.claims.claimForDelivery(2);
    DeliveryClaim takes = claims.get(0);
    StoredFile before = node.next(takes);
    node.lose(claims.get(1));

    storeAt(Node.only(download()), "other", List.of("a", "b"));

    assertThat(node.deliveries.taken(takes, before)).isFalse();
    assertThat(node.claims.claimForDelivery(2))
        .hasSize(2)
        .allSatisfy(again -> assertThat(node.next(again).key()).endsWith("/content-2"));
  }

  @Test
  void whatWasWrittenHereAndIsLostIsDeliveredOnceItIsWrittenAgainAsItWas() {
    String id = node.register("bison", 1).get(0);
    node.transfers.matchedPatient(Node.only(node.claims.claimForMatch(1)), "p1", true);
    retrieve();
    DeliveryClaim claim = claim();
    node.lose(claim);
    node.deliver(claim());
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);
    node.operators.retry(id, "alice");

    retrieve();

    assertThat(numbers(claim())).containsExactly(1);
  }

  @Test
  void whatIsLostWhileItsExportIsSplitIsFetchedAgainAndDeliveredBeforeTheSplitsFiles() {
    ExportJobClaim job = node.running("bison");
    node.jobs.ready(
        job,
        Node.facts(),
        List.of(
            new NewFile(FileKind.OUTPUT, FileKind.ALL_TYPES, "http://localhost/1", true, null),
            new NewFile(FileKind.OUTPUT, "Patient", "http://localhost/2", true, null)));
    List<OutputFileClaim> files = download();
    store(files.get(1), "h");
    node.files.storedForNobody(files.get(0), Node.content("h"));
    SplitClaim split = Node.only(node.claims.claimForTypeSplit(1));
    node.lose(claim());
    node.claims.claimForDelivery(1).forEach(node::deliver);
    int number = node.splits.numbers(split, List.of("Condition")).orElseThrow().of("Condition", 0);
    node.splits.splitByType(
        split,
        List.of(new SplitFile("Condition", number, Node.content("h"), null)),
        List.of("a"),
        List.of());
    assertThat(node.claims.claimForDelivery(1)).as("one is still to come").isEmpty();

    store(Node.only(download()), "h");

    DeliveryClaim claim = claim();
    assertThat(numbers(claim)).containsExactly(2, number);
    node.deliver(claim);
    node.end();
    assertThat(node.find(job.transferId()).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void whatANewExportDoesNotHaveIsTakenOutOfASinksHands() {
    node.ready("bison", 3);
    List<OutputFileClaim> files = download();
    files.subList(0, 2).forEach(file -> store(file, "h"));
    DeliveryClaim claim = claim();
    StoredFile inHand = node.deliveries.files(claim, 1).get(0);
    node.files.manifestNeeded(files.get(2), LinkLoss.IN_VAIN);
    node.jobs.startAgain(Node.only(node.claims.claimForPoll(1)), FailureReason.JOB_GONE);
    node.kickOff(Node.only(node.claims.claimForKickoff(1)));

    node.jobs.ready(
        Node.only(node.claims.claimForPoll(1)),
        Node.facts(),
        List.of(new NewFile(FileKind.OUTPUT, "Condition", "http://localhost/c", true, null)));

    assertThat(node.deliveries.taken(claim, inHand)).isFalse();
    store(Node.only(download()), "h");
    assertThat(numbers(claim())).containsExactly(4);
  }

  @Test
  void whatIsWrittenHereIsDeliveredBeforeTheAttachmentsThatItNames() {
    String id = node.register("bison", 1).get(0);
    node.transfers.matchedPatient(Node.only(node.claims.claimForMatch(1)), "p1", true);

    retrieve(
        Node.content("h")
            .naming(
                new FoundAttachments(
                    List.of(new Attachment("http://localhost/a", null, null, null, "Condition/1")),
                    0,
                    10,
                    List.of())));

    assertThat(node.find(id).files()).hasSize(3);
    assertThat(numbers(claim())).containsExactly(1, 2);
  }

  @Test
  void aFileThatIsLostInTheMiddleGoesOnThereIfItIsTheSame() {
    node.ready("bison", 1);
    store(Node.only(download()), "h");
    DeliveryClaim claim = claim();
    node.deliveries.position(claim, node.next(claim), 7);
    node.lose(claim);

    store(Node.only(download()), "h");
    DeliveryClaim again = claim();
    assertThat(node.next(again).position()).isEqualTo(7);
    node.lose(again);

    store(Node.only(download()), "other");
    StoredFile changed = node.next(claim());
    assertThat(changed.position()).isZero();
    assertThat(changed.key()).endsWith("/content-2");
  }

  @Test
  void whatIsStoredWhileASinkLooksForMoreIsNeverLeftLying() throws Exception {
    String id = node.ready("bison", 40);
    List<OutputFileClaim> files = download();
    List<Integer> had = Collections.synchronizedList(new ArrayList<>());

    LeaseTest.inParallel(
        2,
        worker -> {
          if (worker == 0) {
            for (List<OutputFileClaim> more = files; !more.isEmpty(); more = download()) {
              more.forEach(file -> store(file, "h"));
            }
          } else {
            await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(1))
                .until(
                    () -> {
                      for (DeliveryClaim claim : node.claims.claimForDelivery(1)) {
                        for (StoredFile file : node.deliveries.files(claim, 100)) {
                          node.deliveries.taken(claim, file);
                          had.add(file.number());
                        }
                        node.deliveries.end(claim);
                      }
                      return had.size() >= 40;
                    });
          }
        });

    assertThat(had).containsExactlyElementsOf(IntStream.rangeClosed(1, 40).boxed().toList());
    node.claims.claimForDelivery(1).forEach(node::deliver);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void aTransferOfManyFilesLetsOthersHaveTheirTurnBehindSomeOfThem() {
    String large = node.ready("bison", 5);
    download().forEach(file -> store(file, "h"));
    String small = node.ready("bison", 1);
    store(Node.only(download()), "h");

    DeliveryClaim first = claim();
    assertThat(first.transferId()).isEqualTo(large);
    node.deliveries.files(first, 2).forEach(file -> node.deliveries.taken(first, file));
    assertThat(node.deliveries.end(first)).contains(false);

    DeliveryClaim next = claim();
    assertThat(next.transferId()).isEqualTo(small);
    node.deliver(next);
    DeliveryClaim rest = claim();
    assertThat(rest.transferId()).isEqualTo(large);
    assertThat(numbers(rest)).containsExactly(3, 4, 5);
  }

  @Test
  void aSinkThatTakesATransferWholeBeginsWithItsLastFileAndGoesBackToWhatChanged() {
    String id = node.ready("bison", 3);
    List<OutputFileClaim> files = download();
    storeWhole(files.get(0), "h", 30);
    storeWhole(files.get(1), "h", 20);
    assertThat(node.claims.claimForDelivery(1)).isEmpty();
    storeWhole(files.get(2), "h", 10);
    DeliveryClaim whole = claim();
    assertThat(numbers(whole)).containsExactly(3, 2, 1);
    node.deliver(whole);
    node.outcomes.fetchAgain(Node.only(node.claims.claimForOutcome(1)), List.of(2));

    storeWhole(Node.only(download()), "changed", 20);

    DeliveryClaim back = claim();
    assertThat(numbers(back)).containsExactly(2, 1);
    node.deliver(back);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void ofFilesThatAreStoredAtTheSameTimeTheLastOneWakesASinkThatWaitsForAll() throws Exception {
    for (int round = 1; round <= 20; round++) {
      String id = node.ready("bison", 4);
      List<OutputFileClaim> files = download();

      LeaseTest.inParallel(4, worker -> storeWhole(files.get(worker), "h", worker + 1));

      DeliveryClaim whole = claim();
      assertThat(whole.transferId()).isEqualTo(id);
      assertThat(numbers(whole)).containsExactly(1, 2, 3, 4);
      node.deliver(whole);
    }
  }

  @Test
  void aSinkThatFailsKeepsItsPlaceForTheRetryAndItsReportSaysWhatItLacks() {
    String id = node.ready("bison", 3);
    download().forEach(file -> store(file, "h"));
    DeliveryClaim claim = claim();
    node.deliveries.taken(claim, node.next(claim));
    node.steps.fail(claim, FailureReason.SINK_REFUSED, "HTTP 422");

    assertThat(node.outcomes.report(id).files())
        .extracting(TransferReport.ReportedFile::reason)
        .containsExactly(null, FailureReason.SINK_REFUSED, FailureReason.SINK_REFUSED);
    node.operators.retry(id, "alice");
    assertThat(numbers(claim())).containsExactly(2, 3);
  }

  /** A transfer of three files, of which the first has failed and the others are stored. */
  private String readyWithoutItsFirstFile() {
    String id = node.ready("bison", 3);
    List<OutputFileClaim> files = download();
    node.steps.fail(files.get(0), FailureReason.FILE_INVALID, "line 3");
    files.subList(1, 3).forEach(file -> store(file, "h"));
    return id;
  }

  private void retryForTheFirst(String id) {
    node.operators.retry(id, "alice");
    node.jobs.ready(Node.only(node.claims.claimForPoll(1)), Node.facts(), Node.manifest(3));
  }

  private List<OutputFileClaim> download() {
    return node.claims.claimForDownload(8).stream()
        .sorted(Comparator.comparing(OutputFileClaim::number))
        .toList();
  }

  private void retrieve() {
    retrieve(Node.content("h"));
  }

  /** Two files that are written here. */
  private void retrieve(FetchedFile first) {
    ExportJobClaim job = Node.only(node.claims.claimForRetrieval(1));
    FileNumbers numbers = node.retrievals.numbers(job);
    List<SplitFile> written =
        List.of(
            new SplitFile("Condition", numbers.of("Condition", 0), first, null),
            new SplitFile("Patient", numbers.of("Patient", 1), Node.content("h"), null));
    assertThat(node.retrievals.retrieved(job, null, written, List.of(), List.of("a"), List.of()))
        .isTrue();
  }

  private void store(OutputFileClaim file, String content) {
    storeAt(file, content, List.of("a"));
  }

  private void storeAt(OutputFileClaim file, String content, List<String> sinks) {
    assertThat(node.files.stored(file, Node.content(content), sinks)).isTrue();
  }

  private void storeWhole(OutputFileClaim file, String content, long turn) {
    node.files.stored(file, Node.content(content), List.of(), List.of("fhir"), turn);
  }

  private DeliveryClaim claim() {
    return Node.only(node.claims.claimForDelivery(1));
  }

  private List<Integer> numbers(DeliveryClaim claim) {
    return node.deliveries.files(claim, 100).stream().map(StoredFile::number).toList();
  }
}
