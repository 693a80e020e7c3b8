package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.DeliveryState;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.LinkLoss;
import org.payerexchange.ledger.ManifestFacts;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

class FanInTest extends LedgerTest {

  @Test
  void ofManyChildrenThatEndAtTheSameTimeTheLastOneEndsTheTransferOnce() throws Exception {
    String id = node.matched("bison", "g1", "g2");
    node.claims.claimForKickoff(10).forEach(node::kickOff);
    node.claims
        .claimForPoll(10)
        .forEach(job -> node.jobs.ready(job, Node.facts(), Node.manifest(8)));
    while (node.find(id).files().stream().anyMatch(file -> file.state() == FileState.PENDING)) {
      List<OutputFileClaim> files = node.claims.claimForDownload(8);
      LeaseTest.inParallel(
          files.size(),
          worker -> node.files.stored(files.get(worker), Node.content("h"), Node.SINKS));
    }
    List<DeliveryClaim> deliveries = node.claims.claimForDelivery(100);
    assertThat(deliveries).extracting(DeliveryClaim::sink).containsAll(Node.SINKS).hasSize(2);

    LeaseTest.inParallel(2, worker -> assertThat(node.deliver(deliveries.get(worker))).isPresent());

    node.end();
    TransferDetails transfer = node.find(id);
    assertThat(transfer.transfer().state()).isEqualTo(TransferState.COMPLETE);
    assertThat(transfer.jobs())
        .extracting(TransferDetails.Job::state)
        .containsOnly(JobState.COMPLETE);
    assertThat(transfer.files())
        .extracting(TransferReport.ReportedFile::state)
        .containsOnly(FileState.STORED);
    assertThat(node.events(id)).containsOnlyOnce("COMPLETE").endsWith("COMPLETE", "OUTCOME_SENT");
    assertThat(transfer.events())
        .extracting(TransferDetails.Event::number)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, transfer.events().size()).boxed().toList());
  }

  @Test
  void aJobIsCompleteWhenAllSinksHaveItsFiles() {
    String id = node.ready("bison", 1);
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a", "b"));
    List<DeliveryClaim> deliveries = node.claims.claimForDelivery(10);

    node.deliver(deliveries.get(0));
    assertThat(Node.only(node.find(id).jobs()).state()).isEqualTo(JobState.READY);
    node.deliver(deliveries.get(1));
    assertThat(Node.only(node.find(id).jobs()).state()).isEqualTo(JobState.COMPLETE);
  }

  @Test
  void withoutSinksAStoredFileIsDelivered() {
    String id = node.ready("bison", 1);

    node.files.stored(Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of());

    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void aFailedFileFailsTheTransferWhenTheOthersAreThroughAndTheyStayDelivered() {
    String id = node.ready("bison", 2);
    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    node.steps.fail(files.get(0), FailureReason.FILE_INVALID, "line 3 is not JSON");
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.MATCHED);
    node.files.stored(files.get(1), Node.content("h"), List.of("a"));
    node.claims.claimForDelivery(10).forEach(node::deliver);

    TransferReport report = node.outcomes.report(id);
    assertThat(report.state()).isEqualTo(TransferState.FAILED);
    assertThat(report.reason()).isEqualTo(FailureReason.FILE_INVALID);
    assertThat(report.detail()).isEqualTo("line 3 is not JSON");
    assertThat(report.files())
        .extracting(TransferReport.ReportedFile::state)
        .containsExactlyInAnyOrder(FileState.FAILED, FileState.STORED);
    assertThat(node.claims.claimForRelease(1)).as("kept for a retry").isEmpty();
  }

  @Test
  void aFailedDeliveryFailsTheTransferWhenTheOtherSinksAreThroughAndItsFileStays() {
    String id = node.ready("bison", 1);
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a", "b"));
    List<DeliveryClaim> deliveries = node.claims.claimForDelivery(10);

    node.steps.fail(deliveries.get(0), FailureReason.SINK_REFUSED, "HTTP 422");
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.MATCHED);
    node.deliver(deliveries.get(1));

    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::reason)
        .containsExactly(TransferState.FAILED, FailureReason.SINK_REFUSED);
    assertThat(Node.only(node.outcomes.report(id).files()))
        .extracting(TransferReport.ReportedFile::state, TransferReport.ReportedFile::reason)
        .containsExactly(FileState.STORED, FailureReason.SINK_REFUSED);
  }

  @Test
  void aTransferEndsWithTheLastOfItsJobsAndFailsWithAnyOfThem() {
    String id = node.matched("bison", "g1", "g2");
    List<ExportJobClaim> jobs = node.claims.claimForKickoff(10);
    jobs.forEach(node::kickOff);
    List<ExportJobClaim> polls = node.claims.claimForPoll(10);

    node.jobs.expired(polls.get(0), "not ready after 24 h");
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.MATCHED);
    node.jobs.ready(polls.get(1), Node.facts(), List.of());

    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::reason)
        .containsExactly(TransferState.FAILED, FailureReason.JOB_EXPIRED);
    node.end();
    assertThat(node.claims.claimForRelease(10)).as("released at the payer, both").hasSize(2);
  }

  @Test
  void aDeliveryToASinkThatTheNodeDoesNotKnowIsLeftToOthersForATime() {
    node.ready("bison", 2);
    node.claims
        .claimForDownload(10)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of("known", "new")));
    assertThat(claimForRest()).isEmpty();

    database.jdbc().sql("UPDATE step SET due_at = due_at - INTERVAL '25' HOUR").update();
    assertThat(Node.only(claimForRest()).sink()).isEqualTo("new");
  }

  private List<DeliveryClaim> claimForRest() {
    return node.claims.claimForSinks(Set.of("known"), 10).stream()
        .filter(claim -> !claim.sink().equals("known"))
        .toList();
  }

  @Test
  void whatAnEndedJobNeverFetchedHoldsNoDeliveryOfAnotherJobUp() {
    String id = node.matched("bison", "g1", "g2");
    node.claims.claimForKickoff(10).forEach(node::kickOff);
    node.claims
        .claimForPoll(10)
        .forEach(job -> node.jobs.ready(job, Node.facts(), Node.manifest(1)));
    List<OutputFileClaim> files =
        node.claims.claimForDownload(10).stream()
            .sorted(Comparator.comparing(OutputFileClaim::number))
            .toList();
    node.files.manifestNeeded(files.get(0), LinkLoss.IN_VAIN);
    node.files.stored(
        files.get(1), Node.content("h"), List.of("in turn"), List.of("all fetched"), 1L);
    assertThat(node.claims.claimForSink("in turn", 1)).isEmpty();
    assertThat(node.claims.claimForSink("all fetched", 1)).isEmpty();

    node.jobs.expired(Node.only(node.claims.claimForPoll(1)), "not ready after 24 h");

    node.deliver(Node.only(node.claims.claimForSink("in turn", 1)));
    node.deliver(Node.only(node.claims.claimForSink("all fetched", 1)));
    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::reason)
        .containsExactly(TransferState.FAILED, FailureReason.JOB_EXPIRED);
  }

  @Test
  void nothingOfAJobThatFailedWhileItsManifestWasFetchedAgainArrivesAfterTheTransfersEnd() {
    String id = node.ready("bison", 3);
    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    node.files.stored(files.get(0), Node.content("h"), List.of("a"));
    DeliveryClaim delivery = Node.only(node.claims.claimForDelivery(1));
    node.files.manifestNeeded(files.get(1), LinkLoss.IN_VAIN);
    node.steps.fail(Node.only(node.claims.claimForPoll(1)), FailureReason.JOB_FAILED, "Failed");
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);

    assertThat(node.deliver(delivery)).isEmpty();
    assertThat(node.steps.renew(delivery)).isFalse();
    assertThat(node.files.stored(files.get(2), Node.content("h"), List.of("a"))).isFalse();
    assertThat(node.find(id).files())
        .extracting(TransferReport.ReportedFile::state)
        .containsExactlyInAnyOrder(FileState.STORED, FileState.FAILED, FileState.FAILED);
    assertThat(Node.only(node.find(id).deliveries()).state()).isEqualTo(DeliveryState.FAILED);

    node.operators.retry(id, "alice");
    assertThat(node.claims.claimForDownload(10)).as("of a job that failed").isEmpty();
    node.jobs.released(Node.only(node.claims.claimForRelease(1)));
    node.kickOff(Node.only(node.claims.claimForKickoff(1)));
    node.jobs.ready(
        Node.only(node.claims.claimForPoll(1)), Node.facts(), Node.manifest(3, "second"));
    node.claims
        .claimForDownload(10)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of("a")));
    node.claims.claimForDelivery(10).forEach(node::deliver);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void aFetchedFileThatIsLostAndCannotBeHadAgainHoldsNoOtherUpAtItsSinks() {
    String id = fetchedAndLost();

    node.steps.fail(
        Node.only(node.claims.claimForDownload(1)), FailureReason.FILE_INVALID, "no JSON");

    node.deliver(Node.only(node.claims.claimForSink("a", 1)));
    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::reason)
        .containsExactly(TransferState.FAILED, FailureReason.FILE_INVALID);
    assertRetriedAndComplete(id);
  }

  @Test
  void aFetchedFileThatIsLostAndNotNamedAnyMoreHoldsNoOtherUpAtItsSinks() {
    String id = fetchedAndLost();

    node.files.manifestNeeded(Node.only(node.claims.claimForDownload(1)), LinkLoss.IN_VAIN);
    node.jobs.ready(Node.only(node.claims.claimForPoll(1)), Node.facts(), List.of());

    node.deliver(Node.only(node.claims.claimForSink("a", 1)));
    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::reason)
        .containsExactly(TransferState.FAILED, FailureReason.FILE_GONE);
    assertRetriedAndComplete(id);
  }

  /** Two stored files, of which the first is not what it was in the outbox. */
  private String fetchedAndLost() {
    String id = node.ready("bison", 2);
    node.claims
        .claimForDownload(2)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of("a")));
    node.lose(Node.only(node.claims.claimForSink("a", 1)));
    return id;
  }

  private void assertRetriedAndComplete(String id) {
    node.operators.retry(id, "alice");
    assertThat(node.claims.claimForSink("a", 1)).as("of what is not there").isEmpty();
    node.jobs.ready(Node.only(node.claims.claimForPoll(1)), Node.facts(), Node.manifest(2));
    node.files.stored(Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a"));
    node.deliver(Node.only(node.claims.claimForSink("a", 1)));
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  /** The sink goes past it: what it skipped it is to have once the file is there again. */
  @Test
  void aStoredFileThatIsMissingAfterItsJobHasFailedIsDeliveredAfterARetry() {
    String id = node.matched("bison", "g1", "g2");
    node.claims.claimForKickoff(10).forEach(node::kickOff);
    node.claims
        .claimForPoll(10)
        .forEach(job -> node.jobs.ready(job, Node.facts(), Node.manifest(2)));
    List<OutputFileClaim> files =
        node.claims.claimForDownload(10).stream()
            .sorted(Comparator.comparing(OutputFileClaim::number))
            .toList();
    node.files.stored(files.get(0), Node.content("h"), List.of("a"));
    node.files.manifestNeeded(files.get(1), LinkLoss.IN_VAIN);
    node.steps.fail(
        Node.only(node.claims.claimForPoll(1)), FailureReason.RETRY_DEADLINE, "HTTP 503");
    assertThat(node.lose(Node.only(node.claims.claimForSink("a", 1)))).isTrue();
    files.subList(2, 4).forEach(file -> node.files.stored(file, Node.content("h"), List.of("a")));
    node.deliver(Node.only(node.claims.claimForSink("a", 1)));
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);

    node.operators.retry(id, "alice");
    node.jobs.ready(Node.only(node.claims.claimForPoll(1)), Node.facts(), Node.manifest(2));
    node.claims
        .claimForDownload(10)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of("a")));

    DeliveryClaim rest = Node.only(node.claims.claimForSink("a", 1));
    assertThat(node.deliveries.files(rest, 10)).extracting(StoredFile::number).contains(1, 2);
    node.deliver(rest);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void filesOfTwoJobsThatAreTakenAwayAgainAndAgainEndTheTransferOnce() {
    String id = storedFilesOfTwoJobs();
    for (int times = 1; times <= 3; times++) {
      takeAway(1, 2);
      storeAgain();
    }

    takeAway(1, 2);

    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);
    assertThat(node.find(id).transfer().reason()).isEqualTo(FailureReason.FILE_GONE);
    assertThat(node.events(id)).containsOnlyOnce("FAILED");
    assertThat(node.claims.claimForOutcome(10)).hasSize(1);
  }

  @Test
  void aTransferWhoseOneFileIsGivenUpWaitsForTheOtherJob() {
    String id = storedFilesOfTwoJobs();
    for (int times = 1; times <= 3; times++) {
      takeAway(1);
      storeAgain();
    }

    takeAway(1, 2);

    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.MATCHED);
    assertThat(node.claims.claimForOutcome(10)).isEmpty();
    storeAgain();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);
    assertThat(node.claims.claimForOutcome(10)).hasSize(1);
  }

  private String storedFilesOfTwoJobs() {
    String id = node.matched("bison", "g1", "g2");
    node.claims.claimForKickoff(10).forEach(node::kickOff);
    node.claims
        .claimForPoll(10)
        .forEach(job -> node.jobs.ready(job, Node.facts(), Node.manifest(1)));
    storeAgain();
    return id;
  }

  private void storeAgain() {
    node.claims
        .claimForDownload(10)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of()));
  }

  private void takeAway(Integer... files) {
    node.outcomes.fetchAgain(Node.only(node.claims.claimForOutcome(1)), List.of(files));
  }

  @Test
  void failuresBeforeASinkWentOnCountNoMore() {
    node.ready("bison", 1);
    node.files.stored(Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a"));
    DeliveryClaim first = Node.only(node.claims.claimForDelivery(1));
    node.steps.retryLater(first, FailureReason.SINK_UNAVAILABLE, "connection refused", Node.NOW);
    DeliveryClaim second = Node.only(node.claims.claimForDelivery(1));
    node.deliveries.position(second, node.next(second), 0);
    node.steps.retryLater(second, FailureReason.SINK_UNAVAILABLE, "connection refused", Node.NOW);
    DeliveryClaim third = Node.only(node.claims.claimForDelivery(1));
    assertThat(third.attempts()).isEqualTo(2);

    node.deliveries.position(third, node.next(third), 7);
    node.steps.release(third);

    DeliveryClaim fourth = Node.only(node.claims.claimForDelivery(1));
    assertThat(fourth.attempts()).isZero();
    assertThat(fourth.failingSince()).isNull();
  }

  @Test
  void aSinksPositionIsKeptOverARetry() {
    node.ready("bison", 1);
    node.files.stored(Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a"));
    DeliveryClaim delivery = Node.only(node.claims.claimForDelivery(1));

    assertThat(node.deliveries.position(delivery, node.next(delivery), 7)).isTrue();
    node.steps.retryLater(
        delivery, FailureReason.SINK_UNAVAILABLE, "connection refused", Duration.ZERO);

    assertThat(Node.only(node.claims.claimForDelivery(1)).position()).isEqualTo(7);
  }

  @Test
  void filesThatComeAsTheyShouldAreOneEventOfTheirJobAndOthersSayWhy() {
    String id = node.ready("bison", 3);
    List<OutputFileClaim> files =
        node.claims.claimForDownload(3).stream()
            .sorted(Comparator.comparing(OutputFileClaim::number))
            .toList();
    node.files.stored(files.get(0), Node.content("h"), List.of());
    node.files.stored(
        files.get(1), new FetchedFile(10, 1000, "h", null, List.of("an empty line")), List.of());
    node.files.stored(files.get(2), Node.content("h"), List.of());
    node.outcomes.fetchAgain(Node.only(node.claims.claimForOutcome(1)), List.of(3));
    node.files.stored(Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of());

    assertThat(node.find(id).events())
        .filteredOn(event -> event.what().startsWith("FILE") || event.what().endsWith("COMPLETE"))
        .extracting(event -> event.what() + " " + event.detail().replaceAll("job \\d+", "job"))
        .containsExactly(
            "FILE_STORED %s: 10 resources, 1000 bytes, 1 warnings".formatted(files.get(1).name()),
            "EXPORT_COMPLETE job: 3 files, 30 resources, 3000 bytes",
            "FILE_PENDING Coverage-3.ndjson: not in the outbox as it was stored",
            "FILE_STORED Coverage-3.ndjson: 10 resources, 1000 bytes, again, 0 warnings",
            "EXPORT_COMPLETE job: 3 files, 30 resources, 3000 bytes");
    assertThat(node.find(id).files()).allMatch(file -> file.storedAt() != null);
  }

  @Test
  void resourcesThatWereAnnouncedButDidNotArriveAreAWarning() {
    ExportJobClaim job = node.running("bison");
    node.jobs.ready(
        job,
        new ManifestFacts(null, 31L, List.of("1 of 6 batches failed"), List.of(), null),
        Node.manifest(3));
    node.claims
        .claimForDownload(10)
        .forEach(
            file ->
                node.files.stored(
                    file,
                    new FetchedFile(10, 100, "h", null, List.of("an empty line")),
                    List.of()));

    node.end();
    TransferReport report = node.outcomes.report(job.transferId());
    assertThat(report.state()).isEqualTo(TransferState.COMPLETE);
    assertThat(report.warnings())
        .containsExactly(
            "1 of 6 batches failed",
            "31 resources announced, 30 arrived",
            "Coverage-1.ndjson: an empty line",
            "Coverage-2.ndjson: an empty line",
            "Coverage-3.ndjson: an empty line");
    assertThat(node.find(job.transferId()).transfer().warnings()).isEqualTo(5);
  }

  @Test
  void anAttachmentIsAFileOfTheJobWithoutWhichItIsCompleteWithAWarning() {
    String id = node.ready("bison", 1);
    FoundAttachments found =
        new FoundAttachments(
            List.of(
                new Attachment("http://localhost/a?sig=1", "a/b", 3L, "h", "Patient-1.ndjson/1"),
                new Attachment("http://localhost/b", null, null, null, "Patient-1.ndjson/2"),
                new Attachment("http://localhost/c", null, null, null, "Patient-1.ndjson/3")),
            0,
            2,
            List.of());

    node.files.stored(
        Node.only(node.claims.claimForDownload(10)), Node.content("h").naming(found), List.of());

    List<OutputFileClaim> attachments = node.claims.claimForDownload(10);
    assertThat(attachments)
        .extracting(OutputFileClaim::name)
        .containsExactlyInAnyOrder("attachment-2", "attachment-3");
    assertThat(attachments)
        .extracting(OutputFileClaim::attachment)
        .containsExactlyInAnyOrder(found.found().get(0), found.found().get(1));
    assertThat(Node.only(node.find(id).jobs()).state()).isEqualTo(JobState.READY);
    node.files.stored(attachments.get(0), Node.content("a"), List.of());
    node.steps.fail(attachments.get(1), FailureReason.PAYER_REFUSED, "404");
    node.end();
    TransferReport report = node.outcomes.report(id);
    assertThat(report.state()).isEqualTo(TransferState.COMPLETE);
    assertThat(report.warnings())
        .containsExactly(
            "Coverage-1.ndjson: 1 attachment(s) are not fetched: a transfer has no more (p2p.attachments.max-count)",
            "%s: the attachment could not be had: PAYER_REFUSED: 404"
                .formatted(attachments.get(1).name()));
    assertThat(node.find(id).transfer().warnings()).isEqualTo(2);
  }

  @Test
  void anOutcomeMessageOrReleaseThatIsGivenUpChangesNoState() {
    String id = node.ready("bison", 0);
    OutcomeClaim written = Node.only(node.claims.claimForOutcome(1));
    assertThat(node.outcomes.written(written)).isTrue();
    List<Claim> claims = new ArrayList<>(List.of(written));
    claims.addAll(node.claims.claimForRelease(1));

    assertThat(claims).hasSize(2);
    claims.forEach(
        claim -> {
          node.steps.retryLater(claim, FailureReason.PAYER_UNAVAILABLE, "HTTP 500", Node.NOW);
        });
    OutcomeClaim again = Node.only(node.claims.claimForOutcome(1));
    assertThat(again.written()).isTrue();
    node.steps.fail(again, FailureReason.RETRY_DEADLINE, "72 h");
    node.claims
        .claimForRelease(1)
        .forEach(claim -> node.steps.fail(claim, FailureReason.RETRY_DEADLINE, "72 h"));

    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::reason)
        .containsExactly(TransferState.COMPLETE, null);
    assertThat(node.events(id)).endsWith("OUTCOME_GIVEN_UP", "RELEASE_GIVEN_UP");
    assertThat(node.queries.oldestDue()).isEmpty();
  }

  @Test
  void aTransferWhoseManifestCannotBeWrittenFailsAndCanBeRetried() {
    String id = node.ready("bison", 1);
    node.finish();

    node.steps.fail(
        Node.only(node.claims.claimForOutcome(1)), FailureReason.RETRY_DEADLINE, "72 h");

    TransferReport report = node.outcomes.report(id);
    assertThat(report.state()).isEqualTo(TransferState.FAILED);
    assertThat(report.failedAt()).isEqualTo(Stage.OUTCOME);
    node.end();
    assertThat(node.operators.retry(id, "alice")).isTrue();
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
    assertThat(node.claims.claimForRelease(1)).hasSize(1);
  }

  @Test
  void whatIsMissingBeforeTheManifestIsFetchedAgainAndNoSinkGetsItTwice() {
    String id = node.ready("bison", 3);
    node.finish();
    OutcomeClaim early = Node.only(node.claims.claimForOutcome(1));

    assertThat(node.outcomes.fetchAgain(early, List.of(1, 3))).isTrue();

    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::finishedAt)
        .containsExactly(TransferState.MATCHED, null);
    assertThat(node.claims.claimForRelease(1)).as("it is needed again").isEmpty();
    assertThat(node.claims.claimForOutcome(1)).isEmpty();
    List<OutputFileClaim> again = node.claims.claimForDownload(10);
    assertThat(again).extracting(OutputFileClaim::number).containsExactlyInAnyOrder(1, 3);
    again.forEach(file -> node.files.stored(file, Node.content("h"), Node.SINKS));
    assertThat(node.claims.claimForDelivery(10)).isEmpty();
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
    assertThat(node.outcomes.sent(early)).isFalse();
    assertThat(node.claims.claimForRelease(1)).hasSize(1);
  }

  @Test
  void aFileThatIsTakenAwayAgainAndAgainFailsItsTransferWhichSaysSo() {
    String id = node.ready("bison", 2);
    node.finish();
    for (int times = 1; times <= 3; times++) {
      node.outcomes.fetchAgain(Node.only(node.claims.claimForOutcome(1)), List.of(2));
      node.finish();
    }

    node.outcomes.fetchAgain(Node.only(node.claims.claimForOutcome(1)), List.of(2));

    TransferSummary failed = node.find(id).transfer();
    assertThat(failed.state()).isEqualTo(TransferState.FAILED);
    assertThat(failed.reason()).isEqualTo(FailureReason.FILE_GONE);
    assertThat(failed.detail()).contains("taken out of the outbox");
    node.end();
    node.operators.retry(id, "alice");
    node.jobs.ready(Node.only(node.claims.claimForPoll(1)), Node.facts(), Node.manifest(2));
    node.finish();
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }
}
