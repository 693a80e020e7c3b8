package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.DeliveryState;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.LinkLoss;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.OperatorAction.NotDone;
import org.payerexchange.step.FailureReason;

class OperatorLedgerTest extends LedgerTest {

  @Test
  void aRetryGoesBackToTheMatchThatFailed() {
    String failed = node.register("bison", 1).get(0);
    node.steps.fail(
        Node.only(node.claims.claimForMatch(1)), FailureReason.TOKEN_REFUSED, "HTTP 401");

    assertThat(node.operators.retry(failed, "alice")).isTrue();

    assertThat(node.find(failed).transfer())
        .extracting(TransferSummary::state, TransferSummary::reason, TransferSummary::finishedAt)
        .containsExactly(TransferState.RECEIVED, null, null);
    assertThat(Node.only(node.claims.claimForMatch(1)).transferId()).isEqualTo(failed);
    assertThat(node.claims.claimForOutcome(1)).isEmpty();
    TransferDetails.Event event = node.find(failed).events().get(2);
    assertThat(event.what()).isEqualTo("RETRIED");
    assertThat(event.actor()).isEqualTo("alice");
  }

  @Test
  void aRetryAsksAgainForAMemberWhoWasUnknown() {
    String id = node.register("bison", 1).get(0);
    node.transfers.noMatch(
        Node.only(node.claims.claimForMatch(1)), FailureReason.NO_MATCH, "unknown");

    assertThat(node.operators.retry(id, "alice")).isTrue();

    assertThat(node.claims.claimForMatch(1)).hasSize(1);
  }

  @Test
  void aRetryDownloadsOnlyTheFileThatFailed() {
    String id = node.ready("bison", 2);
    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    node.steps.fail(files.get(0), FailureReason.FILE_INVALID, "line 3");
    node.files.stored(files.get(1), Node.content("h"), List.of("a"));
    node.claims.claimForDelivery(1).forEach(node::deliver);
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);

    assertThat(node.operators.retry(id, "alice")).isTrue();

    assertThat(node.claims.claimForDownload(10)).as("URLs are replaced first").isEmpty();
    node.jobs.ready(Node.only(node.claims.claimForPoll(1)), Node.facts(), Node.manifest(2));
    OutputFileClaim again = Node.only(node.claims.claimForDownload(10));
    assertThat(again.number()).isEqualTo(files.get(0).number());
    assertThat(node.claims.claimForKickoff(1)).isEmpty();
    node.files.stored(again, Node.content("h"), List.of("a"));
    node.claims.claimForDelivery(10).forEach(node::deliver);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void aRetrySendsOnlyTheDeliveryThatFailed() {
    String id = node.ready("bison", 1);
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a", "b"));
    List<DeliveryClaim> deliveries = node.claims.claimForDelivery(10);
    node.deliver(deliveries.get(0));
    node.steps.fail(deliveries.get(1), FailureReason.SINK_REFUSED, "HTTP 400");

    assertThat(node.operators.retry(id, "alice")).isTrue();

    assertThat(node.claims.claimForDownload(1)).isEmpty();
    DeliveryClaim again = Node.only(node.claims.claimForDelivery(10));
    assertThat(again.sink()).isEqualTo(deliveries.get(1).sink());
    node.deliver(again);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void aRetryPollsAJobThatMayStillRunAndStartsOneThatFailedAgain() {
    ExportJobClaim job = node.running("bison");
    node.steps.fail(job, FailureReason.RETRY_DEADLINE, "HTTP 503");
    node.operators.retry(job.transferId(), "alice");
    ExportJobClaim poll = Node.only(node.claims.claimForPoll(1));
    assertThat(poll.statusUrl()).isEqualTo(job.statusUrl());

    node.steps.fail(poll, FailureReason.JOB_FAILED, "status Failed");
    node.operators.retry(job.transferId(), "alice");

    assertThat(node.claims.claimForKickoff(1)).as("before its release").isEmpty();
    node.jobs.released(Node.only(node.claims.claimForRelease(1)));
    ExportJobClaim kickoff = Node.only(node.claims.claimForKickoff(1));
    assertThat(kickoff.statusUrl()).isNull();
    assertThat(node.claims.claimForRelease(1)).isEmpty();
  }

  @Test
  void aRetryStartsAJobAgainThatThePayerHasLostTogetherWithItsFiles() {
    String id = node.ready("bison", 1);
    node.files.manifestNeeded(Node.only(node.claims.claimForDownload(1)), LinkLoss.IN_VAIN);
    node.jobs.startAgain(Node.only(node.claims.claimForPoll(1)), FailureReason.JOB_GONE);
    ExportJobClaim kickoff = Node.only(node.claims.claimForKickoff(1));
    node.steps.fail(kickoff, FailureReason.PAYER_REFUSED, "HTTP 403");

    assertThat(node.operators.retry(id, "alice")).isTrue();

    assertThat(node.claims.claimForDownload(1)).as("its URL leads nowhere").isEmpty();
    node.kickOff(Node.only(node.claims.claimForKickoff(1)));
    node.jobs.ready(
        Node.only(node.claims.claimForPoll(1)), Node.facts(), Node.manifest(1, "second"));
    node.finish();
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void aFileThatIsLostAfterItsJobWasHasTheJobStartedAgain() {
    String id = node.ready("bison", 2);
    List<OutputFileClaim> files = node.claims.claimForDownload(2);
    files.forEach(file -> node.files.stored(file, Node.content("h"), List.of("a", "b")));
    node.steps.fail(
        Node.only(node.claims.claimForSink("a", 1)), FailureReason.SINK_REFUSED, "HTTP 400");
    node.lose(Node.only(node.claims.claimForSink("b", 1)));
    node.files.manifestNeeded(Node.only(node.claims.claimForDownload(1)), LinkLoss.IN_VAIN);
    node.jobs.startAgain(Node.only(node.claims.claimForPoll(1)), FailureReason.JOB_GONE);
    node.steps.fail(
        Node.only(node.claims.claimForKickoff(1)), FailureReason.PAYER_REFUSED, "HTTP 403");

    node.operators.retry(id, "alice");

    assertThat(node.claims.claimForDownload(2)).isEmpty();
    assertThat(node.claims.claimForPoll(1)).as("there is nothing to ask for").isEmpty();
    assertThat(node.claims.claimForKickoff(1)).hasSize(1);
  }

  @Test
  void aRetryDeliversNothingOfAnEarlierExportInPlaceOfAFileThatFailedInTheLaterOne() {
    String id = node.ready("bison", 2);
    List<OutputFileClaim> files = node.claims.claimForDownload(2);
    node.files.stored(files.get(0), Node.content("old"), List.of("a"));
    node.files.manifestNeeded(files.get(1), LinkLoss.IN_VAIN);
    node.jobs.startAgain(Node.only(node.claims.claimForPoll(1)), FailureReason.JOB_GONE);
    node.kickOff(Node.only(node.claims.claimForKickoff(1)));
    node.jobs.ready(
        Node.only(node.claims.claimForPoll(1)), Node.facts(), Node.manifest(2, "second"));
    for (OutputFileClaim file : node.claims.claimForDownload(2)) {
      if (file.number() == files.get(0).number()) {
        node.steps.fail(file, FailureReason.FILE_INVALID, "line 3");
      } else {
        node.files.stored(file, Node.content("new"), List.of("a"));
      }
    }
    node.claims.claimForDelivery(10).forEach(node::deliver);
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);

    assertThat(node.operators.retry(id, "alice")).isTrue();

    assertThat(node.claims.claimForDelivery(10)).isEmpty();
    node.jobs.ready(
        Node.only(node.claims.claimForPoll(1)), Node.facts(), Node.manifest(2, "second"));
    OutputFileClaim again = Node.only(node.claims.claimForDownload(2));
    assertThat(again.number()).isEqualTo(files.get(0).number());
    node.files.stored(again, Node.content("new"), List.of("a"));
    node.claims.claimForDelivery(10).forEach(node::deliver);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void whatHasNotFailedIsNotRetried() {
    String open = node.register("bison", 1).get(0);

    assertThat(node.operators.retry(open, "alice")).isFalse();
    assertThat(node.operators.retry("no-such-transfer", "alice")).isFalse();
    assertThat(node.events(open)).containsExactly("RECEIVED");
  }

  @Test
  void allTransfersOfAPayerThatFailedForOneReasonAreRetriedTogether() {
    node.register("bison", 3);
    node.register("elk", 1);
    List<TransferClaim> claims = node.claims.claimForMatch(10);
    claims.forEach(claim -> node.steps.fail(claim, FailureReason.TOKEN_REFUSED, "HTTP 401"));
    String other = node.register("bison", 1).get(0);
    node.steps.fail(Node.only(node.claims.claimForMatch(1)), FailureReason.BAD_ANSWER, "?");

    ActionReport told = retryAll(of("bison", FailureReason.TOKEN_REFUSED), true);
    assertThat(told).isEqualTo(new ActionReport(3, 3, Map.of()));
    assertThat(node.claims.claimForMatch(1)).as("it is only told what would be done").isEmpty();

    assertThat(retryAll(of("bison", FailureReason.TOKEN_REFUSED), false)).isEqualTo(told);
    assertThat(node.find(other).transfer().state()).isEqualTo(TransferState.FAILED);
    assertThat(retryAll(of("bison", null), false))
        .isEqualTo(new ActionReport(4, 1, Map.of(NotDone.NOT_FAILED, 3L)));
    assertThat(node.find(other).events())
        .filteredOn(event -> event.what().equals("RETRIED"))
        .extracting(TransferDetails.Event::actor)
        .containsExactly("alice");
  }

  @Test
  void aCancelledTransferStopsAllStepsAndReleasesItsJobs() {
    String id = node.ready("bison", 2);
    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    node.files.stored(files.get(0), Node.content("h"), List.of("a"));
    DeliveryClaim delivery = Node.only(node.claims.claimForDelivery(1));

    assertThat(node.operators.cancel(id, "alice")).isTrue();

    assertThat(node.steps.renew(files.get(1))).isFalse();
    assertThat(node.files.stored(files.get(1), Node.content("h"), List.of())).isFalse();
    assertThat(node.deliver(delivery)).isEmpty();
    assertThat(node.files.isNobodys(files.get(1))).isTrue();
    assertThat(node.claims.claimForRelease(1)).hasSize(1);
    assertThat(node.claims.claimForOutcome(1)).hasSize(1);
    TransferDetails end = node.find(id);
    assertThat(end.transfer().state()).isEqualTo(TransferState.CANCELLED);
    assertThat(end.jobs()).extracting(TransferDetails.Job::state).containsOnly(JobState.CANCELLED);
    assertThat(end.files())
        .extracting(TransferReport.ReportedFile::state)
        .as("what is in the outbox stays there")
        .containsExactlyInAnyOrder(FileState.STORED, FileState.FAILED);
    assertThat(end.deliveries())
        .extracting(TransferDetails.Delivery::state)
        .containsOnly(DeliveryState.FAILED);
    assertThat(node.operators.cancel(id, "alice")).isFalse();
    assertThat(node.operators.retry(id, "alice")).isFalse();
  }

  @Test
  void whatAnotherNodeHasOrIsFetchingIsNotTakenBackByOneThatCameTooLate() {
    String id = node.ready("bison", 1);
    OutputFileClaim late = Node.only(node("node-2", Duration.ZERO).claims.claimForDownload(1));
    OutputFileClaim next = Node.only(node.claims.claimForDownload(1));
    assertThat(node.files.stored(late, Node.content("h"), List.of("a"))).isFalse();
    assertThat(node.files.isNobodys(late)).as("it is being fetched").isFalse();

    node.files.stored(next, Node.content("h"), List.of("a"));
    node.operators.cancel(id, "alice");

    assertThat(node.files.stored(late, Node.content("h"), List.of("a"))).isFalse();
    assertThat(node.files.isNobodys(late)).as("it is stored").isFalse();
  }

  @Test
  void aMatchThatComesInAfterTheCancelIsDiscarded() {
    String id = node.register("bison", 1).get(0);
    TransferClaim claim = Node.only(node.claims.claimForMatch(1));
    node.operators.cancel(id, "alice");

    assertThat(node.transfers.matched(claim, List.of("g"))).isFalse();
    assertThat(node.find(id).jobs()).isEmpty();
  }

  @Test
  void aCancelTellsWhatWasStoredOfEachJobAndEndsEveryLease() {
    String id = node.ready("bison", 2);
    List<OutputFileClaim> files = node.claims.claimForDownload(2);
    node.files.stored(files.get(0), Node.content("h"), List.of());
    assertThat(node.steps.holds(files.get(1))).isTrue();

    node.operators.cancel(id, "alice");

    assertThat(node.steps.holds(files.get(1))).isFalse();
    assertThat(node.find(id).events())
        .filteredOn(event -> event.what().equals("CANCELLED"))
        .extracting(TransferDetails.Event::detail)
        .containsExactly("by alice");
    assertThat(node.find(id).events())
        .filteredOn(event -> event.what().equals("EXPORT_CANCELLED"))
        .extracting(TransferDetails.Event::detail)
        .singleElement()
        .asString()
        .contains("(1 files, ");
  }

  @Test
  void aJobThatThePayerTakesAfterTheCancelIsReleasedThere() {
    String id = node.matched("bison", "g1");
    ExportJobClaim claim = Node.only(node.claims.claimForKickoff(1));
    node.jobs.kickoffStarted(claim, AskedFor.ALL);
    node.operators.cancel(id, "alice");
    assertThat(node.claims.claimForRelease(1)).isEmpty();

    node.jobs.running(claim, "job-1", "https://payer.example/jobs/1", Duration.ZERO);

    ExportJobClaim release = Node.only(node.claims.claimForRelease(1));
    assertThat(release.statusUrl()).isEqualTo("https://payer.example/jobs/1");
    assertThat(node.jobs.released(release)).isTrue();
    assertThat(node.find(id).jobs())
        .extracting(TransferDetails.Job::state)
        .containsExactly(JobState.CANCELLED);
    assertThat(node.events(id))
        .endsWith("CANCELLED", "EXPORT_CANCELLED", "EXPORT_RELEASED")
        .doesNotContain("EXPORT_RUNNING");
  }

  @Test
  void aRetryOfManySaysWhichCannotBeAskedForAgain() {
    List<String> ids = node.register("bison", 2);
    node.claims
        .claimForMatch(10)
        .forEach(claim -> node.steps.fail(claim, FailureReason.BAD_ANSWER, "?"));
    database
        .jdbc()
        .sql("DELETE FROM transfer_request WHERE transfer_id = ?")
        .param(ids.get(0))
        .update();

    assertThat(retryAll(of("bison", null), false))
        .isEqualTo(new ActionReport(2, 1, Map.of(NotDone.REQUEST_REMOVED, 1L)));
    assertThat(node.find(ids.get(1)).transfer().state()).isEqualTo(TransferState.RECEIVED);
  }

  @Test
  void manyAreCancelledPageByPageAndThoseThatHaveEndedAreCounted() {
    int many = 1050;
    node.register("bison", many);
    node.register("elk", 1);
    node.steps.fail(
        Node.only(node.claims.claimForMatch(1)), FailureReason.BAD_ANSWER, "ended before");

    ActionReport report =
        node.operators.act(OperatorAction.CANCEL, TransferFilter.ALL, "alice", false);

    assertThat(report).isEqualTo(new ActionReport(many + 1, many, Map.of(NotDone.ENDED, 1L)));
    assertThat(node.queries.counts().values().stream().map(of -> of.get(TransferState.CANCELLED)))
        .filteredOn(Objects::nonNull)
        .satisfies(
            cancelled ->
                assertThat(cancelled.stream().mapToLong(count -> count).sum()).isEqualTo(many));
  }

  @Test
  void whatWaitsForItsNextTryIsTriedAtOnceUnlessItsPayerIsHeldOrItIsInHand() {
    String held = node.register("bison", 1).get(0);
    String free = node.register("elk", 1).get(0);
    node.claims
        .claimForMatch(2)
        .forEach(
            claim ->
                node.steps.retryLater(
                    claim, FailureReason.PAYER_UNAVAILABLE, "503", Duration.ofHours(1)));
    String fresh = node.register("elk", 1).get(0);
    assertThat(node.claims.claimForMatch(2))
        .extracting(TransferClaim::transferId)
        .containsExactly(fresh);
    node.holds.hold("bison", Duration.ofMinutes(1), "it asks for a pause");

    assertThat(node.operators.act(OperatorAction.NOW, TransferFilter.ALL, "alice", false))
        .isEqualTo(new ActionReport(3, 2, Map.of(NotDone.NOTHING_WAITS, 1L)));

    TransferClaim again = Node.only(node.claims.claimForMatch(3));
    assertThat(again.transferId()).isEqualTo(free);
    assertThat(again.attempts()).as("it is the next try").isEqualTo(1);
    assertThat(node.events(held)).endsWith("TRIED_NOW");
    database.jdbc().sql("UPDATE payer_gate SET held_until = NULL").update();
    assertThat(Node.only(node.claims.claimForMatch(3)).transferId()).isEqualTo(held);
    assertThat(node.operators.act(OperatorAction.NOW, free, "alice"))
        .as("it is in hand")
        .contains(NotDone.NOTHING_WAITS);
  }

  private ActionReport retryAll(TransferFilter filter, boolean dryRun) {
    return node.operators.act(OperatorAction.RETRY, filter, "alice", dryRun);
  }

  private static TransferFilter of(String payer, FailureReason reason) {
    return new TransferFilter(
        Set.of(),
        payer,
        reason == null ? Set.of() : Set.of(reason),
        null,
        null,
        null,
        null,
        null,
        null);
  }
}
