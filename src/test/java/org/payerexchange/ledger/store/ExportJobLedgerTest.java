package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.LinkLoss;
import org.payerexchange.ledger.ManifestFacts;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.RetryDecision;

class ExportJobLedgerTest extends LedgerTest {

  @Test
  void aTakeoverThatDoesNotKnowWhatBecameOfTheKickoffRepeatsItAndSaysSo() {
    String id = node.matched("bison", "g1");
    Node dying = node("dying", Duration.ofMillis(50));
    assertThat(dying.jobs.kickoffStarted(Node.only(dying.claims.claimForKickoff(1)), AskedFor.ALL))
        .isTrue();

    ExportJobClaim taken =
        await().until(() -> node.claims.claimForKickoff(1), claims -> !claims.isEmpty()).get(0);
    assertThat(node.jobs.kickoffStarted(taken, AskedFor.ALL)).isTrue();

    assertThat(node.events(id))
        .containsExactly("RECEIVED", "MATCHED", "KICKOFF_STARTED", "KICKOFF_REPEATED");
  }

  @Test
  void aTakeoverBeforeTheKickoffIsNoRepetition() {
    String id = node.matched("bison", "g1");
    node("dying", Duration.ofMillis(50)).claims.claimForKickoff(1);

    ExportJobClaim taken =
        await().until(() -> node.claims.claimForKickoff(1), claims -> !claims.isEmpty()).get(0);
    node.jobs.kickoffStarted(taken, AskedFor.ALL);

    assertThat(node.events(id)).doesNotContain("KICKOFF_REPEATED");
  }

  @Test
  void aKickoffThatThePayerPutOffIsNoRepetitionButOneWithoutAnAnswerIs() {
    String id = node.matched("bison", "g1");
    kickOffAndRetry(FailureReason.PAYER_BUSY);
    kickOffAndRetry(FailureReason.PAYER_UNAVAILABLE);
    kickOffAndRetry(FailureReason.PAYER_BUSY);

    assertThat(node.events(id).stream().filter(event -> event.startsWith("KICKOFF")))
        .containsExactly("KICKOFF_STARTED", "KICKOFF_STARTED", "KICKOFF_REPEATED");
  }

  @Test
  void aKickoffThatAnOperatorHasTriedAgainBehindOneWithoutAnAnswerIsARepetition() {
    String id = node.matched("bison", "g1");
    ExportJobClaim lost = Node.only(node.claims.claimForKickoff(1));
    node.jobs.kickoffStarted(lost, AskedFor.ALL);
    node.steps.fail(lost, FailureReason.PAYER_UNAVAILABLE, "no answer");
    node.end();
    node.operators.retry(id, "alice");

    node.jobs.kickoffStarted(Node.only(node.claims.claimForKickoff(1)), AskedFor.ALL);

    assertThat(node.events(id)).endsWith("KICKOFF_REPEATED");
  }

  @Test
  void aKickoffBehindOneWithoutAnAnswerIsARepetitionWhateverWasNotStartedBetweenThem() {
    String id = node.matched("bison", "g1");
    kickOffAndRetry(FailureReason.PAYER_UNAVAILABLE);
    kickOffAndRetry(FailureReason.PAYER_BUSY);
    node.steps.retryLater(
        Node.only(node.claims.claimForKickoff(1)), FailureReason.TOKEN_REFUSED, "401", Node.NOW);
    ExportJobClaim unsent = Node.only(node.claims.claimForKickoff(1));
    node.jobs.kickoffStarted(unsent, AskedFor.ALL);
    node.steps.retryLater(
        unsent,
        new RetryDecision(
            RetryDecision.Action.RETRY,
            Duration.ZERO,
            Duration.ZERO,
            FailureReason.PAYER_UNAVAILABLE,
            "connection refused",
            null,
            true));
    ExportJobClaim last = Node.only(node.claims.claimForKickoff(1));
    node.jobs.kickoffStarted(last, AskedFor.ALL);
    node.jobs.kickoffRefused(last);
    node.jobs.kickoffStarted(last, AskedFor.ALL);

    assertThat(node.events(id).stream().filter(event -> event.startsWith("KICKOFF")))
        .containsExactly(
            "KICKOFF_STARTED",
            "KICKOFF_REPEATED",
            "KICKOFF_REPEATED",
            "KICKOFF_REPEATED",
            "KICKOFF_REPEATED");
  }

  @Test
  void aJobThatComesAfterTheLeaseIsSurplusUnlessTheNextNodeGotTheSame() {
    String id = node.matched("bison", "g1");
    Node late = node("late", Duration.ofMillis(50));
    ExportJobClaim lost = Node.only(late.claims.claimForKickoff(1));
    ExportJobClaim taken =
        await().until(() -> node.claims.claimForKickoff(1), claims -> !claims.isEmpty()).get(0);
    node.kickOff(taken);

    assertThat(late.jobs.running(lost, "late", "http://localhost/job/late", Node.NOW)).isFalse();

    assertThat(late.jobs.isSurplus(lost, "http://localhost/job/" + taken.id())).isFalse();
    assertThat(late.jobs.isSurplus(lost, "http://localhost/job/late")).isTrue();
    assertThat(late.jobs.surplusReleased(lost)).isTrue();
    assertThat(node.events(id)).endsWith("EXPORT_RUNNING", "EXPORT_RELEASED");
    assertThat(Node.only(node.claims.claimForPoll(1)).statusUrl()).endsWith("/job/" + taken.id());
  }

  @Test
  void aLostJobIsKickedOffAgainTwiceAndThenFails() {
    ExportJobClaim job = node.running("bison");
    for (int restart = 1; restart <= 2; restart++) {
      assertThat(node.jobs.startAgain(job, FailureReason.JOB_GONE)).isTrue();
      node.kickOff(Node.only(node.claims.claimForKickoff(1)));
      job = Node.only(node.claims.claimForPoll(1));
      assertThat(job.restarts()).isEqualTo(restart);
    }

    assertThat(node.jobs.startAgain(job, FailureReason.JOB_GONE)).isTrue();

    assertThat(node.find(job.transferId()).transfer())
        .extracting(TransferSummary::state, TransferSummary::reason)
        .containsExactly(TransferState.FAILED, FailureReason.JOB_GONE);
    assertThat(node.events(job.transferId())).doesNotContain("KICKOFF_REPEATED");
  }

  @Test
  void aJobThatNeverRanIsNotReleased() {
    node.matched("bison", "g1");
    node.steps.fail(
        Node.only(node.claims.claimForKickoff(1)), FailureReason.CONSENT_EXPIRED, "yesterday");

    assertThat(node.claims.claimForRelease(1)).isEmpty();
  }

  @Test
  void expiredFileUrlsHaveTheManifestFetchedAgainAndNumbersStay() {
    String id = node.ready("bison", 3);
    List<OutputFileClaim> files = node.claims.claimForDownload(2);
    node.files.stored(files.get(0), Node.content("h"), List.of("a"));

    assertThat(node.files.manifestNeeded(files.get(1), LinkLoss.IN_VAIN)).isTrue();
    assertThat(node.claims.claimForDownload(10)).as("wait for the manifest").isEmpty();
    assertThat(Node.only(node.find(id).jobs()).state()).isEqualTo(JobState.RUNNING);
    ready(Node.manifest(3, "second"));

    assertThat(node.claims.claimForDownload(10))
        .extracting(OutputFileClaim::number, OutputFileClaim::url)
        .containsExactlyInAnyOrder(
            tuple(2, "http://localhost/second/2"), tuple(3, "http://localhost/second/3"));
    assertThat(node.find(id).files().get(0).state()).isEqualTo(FileState.STORED);
  }

  @Test
  void aManifestInAnotherOrderChangesNoFileThatItStillNamesUnderTheSameUrl() {
    String id = node.ready("bison", 3);
    List<OutputFileClaim> files = node.claims.claimForDownload(3);
    node.files.stored(files.get(0), Node.content("h"), List.of());
    node.files.manifestNeeded(files.get(1), LinkLoss.IN_VAIN);
    node.files.manifestNeeded(files.get(2), LinkLoss.IN_VAIN);
    List<NewFile> first = Node.manifest(3);

    ready(List.of(Node.manifest(1, "added").get(0), first.get(2), first.get(0), first.get(1)));

    assertThat(node.claims.claimForDownload(10))
        .extracting(OutputFileClaim::number, OutputFileClaim::url)
        .containsExactlyInAnyOrder(
            tuple(2, "http://localhost/first/2"),
            tuple(3, "http://localhost/first/3"),
            tuple(4, "http://localhost/added/1"));
    assertThat(node.find(id).files().get(0).state()).isEqualTo(FileState.STORED);
  }

  @Test
  void aFileThatANewManifestNamesNoMoreFails() {
    String id = node.ready("bison", 2);
    List<OutputFileClaim> files = node.claims.claimForDownload(2);
    node.files.manifestNeeded(files.get(1), LinkLoss.IN_VAIN);
    node.files.stored(files.get(0), Node.content("h"), List.of());

    ready(Node.manifest(1));

    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::reason)
        .containsExactly(TransferState.FAILED, FailureReason.FILE_GONE);
  }

  @Test
  void aFileThatStaysLostHasTheExportStartedAgainAndFailsInTheEnd() {
    String id = node.ready("bison", 1);
    for (int export = 1; export <= 3; export++) {
      for (int lost = 1; lost <= 2; lost++) {
        assertThat(
                node.files.manifestNeeded(
                    Node.only(node.claims.claimForDownload(1)), LinkLoss.IN_VAIN))
            .isTrue();
        ready(Node.manifest(1, "export" + export));
      }
      assertThat(
              node.files.manifestNeeded(
                  Node.only(node.claims.claimForDownload(1)), LinkLoss.IN_VAIN))
          .isTrue();
      if (export < 3) {
        node.jobs.released(Node.only(node.claims.claimForRelease(1)));
        node.kickOff(Node.only(node.claims.claimForKickoff(1)));
        ready(Node.manifest(1, "new export" + export));
      }
    }

    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::reason)
        .containsExactly(TransferState.FAILED, FailureReason.FILE_GONE);
    assertThat(node.events(id).stream().filter("EXPORT_RESTARTED"::equals)).hasSize(2);
  }

  @Test
  void aFileOfWhichMoreComesUnderEveryLinkKeepsItsExport() {
    String id = node.ready("bison", 1);
    for (int link = 0; link < 5; link++) {
      lose(LinkLoss.IN_VAIN);
      lose(LinkLoss.IN_VAIN);
      lose(LinkLoss.MORE_CAME);
    }

    assertTheExportStartsAgainAtTheThirdLinkInVain(id);
  }

  @Test
  void aLinkWhoseTimeIsOverIsNoneThatBroughtNothingAndTheNextIsTried() {
    String id = node.matched("bison", "g1");
    node.kickOff(Node.only(node.claims.claimForKickoff(1)));
    ManifestFacts facts =
        new ManifestFacts(
            "2026-11-23T00:00:00.000Z",
            null,
            List.of(),
            List.of(),
            Instant.parse("2027-01-01T00:00:00Z"));
    node.jobs.ready(Node.only(node.claims.claimForPoll(1)), facts, Node.manifest(1));
    OutputFileClaim old = Node.only(node.claims.claimForDownload(1));
    assertThat(old.goodUntil()).isNotNull();

    node.files.manifestNeeded(old, LinkLoss.NOT_ASKED);

    node.jobs.ready(Node.only(node.claims.claimForPoll(1)), facts, Node.manifest(1));
    OutputFileClaim next = Node.only(node.claims.claimForDownload(1));
    assertThat(next.goodUntil()).as("it is tried").isNull();
    node.steps.release(next);
    assertTheExportStartsAgainAtTheThirdLinkInVain(id);
  }

  @Test
  void aLossThatAnotherFileHasTheManifestAskedForIsNotCounted() {
    String id = node.ready("bison", 2);
    for (int link = 0; link < 3; link++) {
      List<OutputFileClaim> files = bothInOrder();
      node.files.manifestNeeded(files.get(0), LinkLoss.MORE_CAME);
      node.files.manifestNeeded(files.get(1), LinkLoss.IN_VAIN);
      ready(Node.manifest(2));
    }
    List<OutputFileClaim> files = bothInOrder();
    node.files.stored(files.get(0), Node.content("h"), List.of());
    node.steps.release(files.get(1));

    assertTheExportStartsAgainAtTheThirdLinkInVain(id);
  }

  @Test
  void aNewExportHasAllItsFilesFetchedAgainAndWhatIsTheSameIsNotDeliveredTwice() {
    String id = node.ready("bison", 3);
    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    node.files.stored(files.get(0), Node.content("one"), List.of("a"));
    node.files.stored(files.get(1), Node.content("two"), List.of("a"));
    node.claims.claimForDelivery(10).forEach(node::deliver);
    node.files.manifestNeeded(files.get(2), LinkLoss.IN_VAIN);
    node.jobs.startAgain(Node.only(node.claims.claimForPoll(1)), FailureReason.JOB_GONE);
    node.kickOff(Node.only(node.claims.claimForKickoff(1)));
    ready(Node.manifest(2, "second"));

    List<OutputFileClaim> again = node.claims.claimForDownload(10);
    assertThat(again).extracting(OutputFileClaim::number).containsExactlyInAnyOrder(1, 2);
    for (OutputFileClaim file : again) {
      String content = file.number() == files.get(0).number() ? "one" : "changed";
      node.files.stored(file, Node.content(content), List.of("a"));
    }

    DeliveryClaim delivery = Node.only(node.claims.claimForDelivery(10));
    StoredFile changed = Node.only(node.deliveries.files(delivery, 10));
    assertThat(changed.sha256()).isEqualTo("changed");
    assertThat(changed.key()).isEqualTo(changed.path() + "/content-2");
    assertThat(changed.position()).isZero();
    node.deliver(delivery);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
    assertThat(node.find(id).files()).hasSize(2);
  }

  @Test
  void anAttachmentThatWasNotHadIsAskedForByTheLinkThatANewExportGives() {
    String id = node.ready("bison", 2);
    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    node.files.stored(files.get(0), Node.content("h").naming(links("first")), List.of());
    for (OutputFileClaim attachment : node.claims.claimForDownload(10)) {
      if (attachment.url().contains("/had")) {
        node.files.stored(attachment, Node.content("a"), List.of());
      } else {
        node.steps.fail(attachment, FailureReason.PAYER_REFUSED, "403");
      }
    }
    node.files.manifestNeeded(files.get(1), LinkLoss.IN_VAIN);
    node.jobs.startAgain(Node.only(node.claims.claimForPoll(1)), FailureReason.JOB_GONE);
    node.kickOff(Node.only(node.claims.claimForKickoff(1)));
    ready(Node.manifest(1, "second"));

    node.files.stored(
        Node.only(node.claims.claimForDownload(10)),
        Node.content("h").naming(links("second")),
        List.of());

    OutputFileClaim again = Node.only(node.claims.claimForDownload(10));
    assertThat(again.url()).isEqualTo("http://localhost/old?sig=second");
    node.files.stored(again, Node.content("b"), List.of());
    node.end();
    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::warnings)
        .containsExactly(TransferState.COMPLETE, 0);
    assertThat(node.find(id).files()).hasSize(3);
  }

  @Test
  void anAttachmentWhoseOldLinkFailsWhileANewOneComesIsAskedForByTheNewOne() {
    String id = node.ready("bison", 2);
    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    node.files.stored(files.get(0), Node.content("h").naming(links("first")), List.of());
    node.files.manifestNeeded(files.get(1), LinkLoss.IN_VAIN);
    node.jobs.startAgain(Node.only(node.claims.claimForPoll(1)), FailureReason.JOB_GONE);
    node.kickOff(Node.only(node.claims.claimForKickoff(1)));
    ready(Node.manifest(1, "second"));
    List<OutputFileClaim> inHand = node.claims.claimForDownload(10);
    assertThat(inHand).hasSize(3);

    for (OutputFileClaim file : inHand) {
      if (file.kind() == FileKind.OUTPUT) {
        node.files.stored(file, Node.content("h").naming(links("second")), List.of());
      }
    }
    inHand.stream()
        .filter(file -> file.kind() == FileKind.ATTACHMENT)
        .forEach(old -> node.steps.fail(old, FailureReason.PAYER_REFUSED, "403"));

    requireThatBothAreHadByTheSecondLink(id);
  }

  @Test
  void anAttachmentOfAnExportThatIsFetchedAgainIsAskedForByTheLinkThatItGivesThen() {
    ExportJobClaim job = node.running("bison");
    String id = job.transferId();
    node.jobs.ready(job, Node.facts(), ofTwoPatients());
    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    node.files.stored(files.get(0), Node.content("h").naming(links("first")), List.of());
    node.claims
        .claimForDownload(10)
        .forEach(attachment -> node.files.stored(attachment, Node.content("a"), List.of()));
    node.steps.fail(files.get(1), FailureReason.TOO_LARGE, "other people's, too?");
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);
    node.operators.retry(id, "alice");
    ready(ofTwoPatients());

    for (OutputFileClaim file : node.claims.claimForDownload(10)) {
      if (file.kind() == FileKind.ATTACHMENT) {
        node.steps.fail(file, FailureReason.PAYER_REFUSED, "403");
      } else {
        node.files.stored(file, Node.content("h").naming(links("second")), List.of());
      }
    }

    requireThatBothAreHadByTheSecondLink(id);
  }

  @Test
  void whatAnotherFileOfTheSameExportSaysOfAnAttachmentIsNotTakenInPlaceOfTheFirst() {
    String id = node.ready("bison", 2);
    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    node.files.stored(files.get(0), Node.content("h").naming(links("first")), List.of());
    node.claims
        .claimForDownload(10)
        .forEach(bad -> node.steps.fail(bad, FailureReason.FILE_INVALID, "another hash"));

    node.files.stored(
        files.get(1), Node.content("h").naming(links("second", "Coverage-2.ndjson/4")), List.of());

    assertThat(node.claims.claimForDownload(10)).isEmpty();
    node.end();
    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::warnings)
        .containsExactly(TransferState.COMPLETE, 2);
  }

  private void requireThatBothAreHadByTheSecondLink(String id) {
    List<OutputFileClaim> again = node.claims.claimForDownload(10);
    assertThat(again).hasSize(2).allMatch(file -> file.url().endsWith("?sig=second"));
    again.forEach(file -> node.files.stored(file, Node.content("b"), List.of()));
    node.end();
    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::warnings)
        .containsExactly(TransferState.COMPLETE, 0);
  }

  private static List<NewFile> ofTwoPatients() {
    return Stream.of("1", "2")
        .map(
            name -> new NewFile(FileKind.OUTPUT, "Patient", "http://localhost/" + name, true, null))
        .toList();
  }

  private static FoundAttachments links(String signature) {
    return links(signature, "Patient-1.ndjson/1");
  }

  private static FoundAttachments links(String signature, String namedIn) {
    return new FoundAttachments(
        Stream.of("old", "had")
            .map(
                name ->
                    new Attachment(
                        "http://localhost/%s?sig=%s".formatted(name, signature),
                        null,
                        null,
                        null,
                        namedIn))
            .toList(),
        0,
        10,
        List.of());
  }

  @Test
  void aFileThatANewExportNamesNoMoreGoesWithAllThatWasSaidOfIt() {
    String id = node.ready("bison", 3);
    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    FetchedFile doubtful = new FetchedFile(10, 1000, "h", null, List.of("3 announced, 10 arrived"));
    node.files.stored(files.get(0), doubtful, List.of("a"));
    node.files.stored(files.get(1), doubtful, List.of("a"));
    node.claims.claimForDelivery(10).forEach(node::deliver);
    assertThat(node.outcomes.report(id).warnings()).hasSize(2);
    node.files.manifestNeeded(files.get(2), LinkLoss.IN_VAIN);
    node.jobs.startAgain(Node.only(node.claims.claimForPoll(1)), FailureReason.JOB_GONE);
    node.kickOff(Node.only(node.claims.claimForKickoff(1)));

    ready(Node.manifest(1, "second"));
    node.files.stored(Node.only(node.claims.claimForDownload(10)), Node.content("h"), List.of("a"));
    DeliveryClaim last = Node.only(node.claims.claimForDelivery(10));
    assertThat(node.deliveries.files(last, 10)).as("it has them").isEmpty();
    node.deliver(last);

    node.end();
    assertThat(node.find(id).files()).hasSize(1);
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
    assertThat(node.outcomes.report(id).warnings()).hasSize(node.find(id).transfer().warnings());
  }

  @Test
  void aSinkThatSumsUpDoesSoAgainOverAKnownFileAndDoesNotGetItTwice() {
    String id = node.ready("bison", 1);
    store("one");
    node.claims
        .claimForDelivery(10)
        .forEach(
            each -> {
              node.deliveries.files(each, 10).forEach(file -> node.deliveries.taken(each, file));
              node.deliveries.end(each, each.whole() ? List.of("cut", "cut") : null);
            });
    assertThat(node.outcomes.report(id).warnings()).containsExactly("sum: cut", "sum: cut");
    node.outcomes.fetchAgain(Node.only(node.claims.claimForOutcome(1)), List.of(1));

    store("one");

    DeliveryClaim again = Node.only(node.claims.claimForDelivery(10));
    assertThat(again.sink()).isEqualTo("sum");
    assertThat(node.deliveries.files(again, 10)).isEmpty();
    assertThat(node.deliveries.end(again)).as("it has not summed up").contains(false);
    node.deliveries.end(Node.only(node.claims.claimForDelivery(10)), List.of("cut"));
    node.end();
    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::warnings)
        .containsExactly(TransferState.COMPLETE, 1);
  }

  @Test
  void anExportOfWhichASinkSaysThatNothingIsMissingIsAMarkAndOneThatLacksSomethingIsNone() {
    node.ready("bison", 1);
    store("one");
    sumUp(List.of("no member"), 1);
    node.outcomes.fetchAgain(Node.only(node.claims.claimForOutcome(1)), List.of(1));
    store("one");
    sumUp(List.of("cut"), 0);
    node.end();
    ExportJobClaim next = node.running("bison");
    assertThat(node.jobs.lastDelivered(next)).isEmpty();

    String id = node.ready("bison", 1);
    store("one");
    sumUp(List.of("no member"), 1);
    node.end();

    assertThat(node.jobs.lastDelivered(next)).isPresent();
    assertThat(node.find(id).transfer().warnings()).isEqualTo(1);
    assertThat(node.outcomes.report(id).warnings()).containsExactly("sum: no member");
  }

  @Test
  void whatTheLastReleaseSaysOfASinkIsNoRemarkThoughThereWasOneBefore() {
    ExportJobClaim next = node.running("bison");
    node.ready("bison", 1);
    store("one");
    sumUp(List.of("no member"), 1);
    node.end();
    assertThat(node.jobs.lastDelivered(next)).isPresent();

    database
        .jdbc()
        .sql(
            """
            UPDATE delivery SET warnings = 'cut', updated_at = updated_at + INTERVAL '1' SECOND
            WHERE warnings IS NOT NULL""")
        .update();

    assertThat(node.jobs.lastDelivered(next)).isEmpty();
  }

  private void sumUp(List<String> warnings, int remarks) {
    node.claims
        .claimForDelivery(10)
        .forEach(
            each -> {
              node.deliveries.files(each, 10).forEach(file -> node.deliveries.taken(each, file));
              if (each.whole()) {
                node.deliveries.end(each, warnings, remarks);
              } else {
                node.deliveries.end(each);
              }
            });
  }

  private void store(String content) {
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)),
        Node.content(content),
        List.of("a"),
        List.of("sum"),
        7L);
  }

  @Test
  void aStoredFileThatIsMissingIsFetchedAgainAndItsDeliveriesWait() {
    String id = node.ready("bison", 1);
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a", "b"));
    List<DeliveryClaim> deliveries = node.claims.claimForDelivery(10);
    node.deliver(deliveries.get(0));

    assertThat(node.lose(deliveries.get(1))).isTrue();
    assertThat(node.claims.claimForDelivery(10)).isEmpty();
    node.files.stored(
        Node.only(node.claims.claimForDownload(1)), Node.content("h"), List.of("a", "b"));

    assertThat(Node.only(node.claims.claimForDelivery(10)).sink())
        .isEqualTo(deliveries.get(1).sink());
    assertThat(node.events(id)).contains("FILE_PENDING");
  }

  private void assertTheExportStartsAgainAtTheThirdLinkInVain(String id) {
    lose(LinkLoss.IN_VAIN);
    lose(LinkLoss.IN_VAIN);
    assertThat(node.events(id)).doesNotContain("EXPORT_RESTARTED");
    node.files.manifestNeeded(Node.only(node.claims.claimForDownload(1)), LinkLoss.IN_VAIN);
    assertThat(node.events(id)).contains("EXPORT_RESTARTED");
  }

  private List<OutputFileClaim> bothInOrder() {
    return node.claims.claimForDownload(2).stream()
        .sorted(Comparator.comparing(OutputFileClaim::number))
        .toList();
  }

  /** A file loses its link, and the manifest names it again. */
  private void lose(LinkLoss loss) {
    OutputFileClaim file = Node.only(node.claims.claimForDownload(1));
    assertThat(node.files.manifestNeeded(file, loss)).isTrue();
    ready(Node.manifest(file.number()));
  }

  private void ready(List<NewFile> files) {
    assertThat(node.jobs.ready(Node.only(node.claims.claimForPoll(1)), Node.facts(), files))
        .isTrue();
  }

  private void kickOffAndRetry(FailureReason reason) {
    ExportJobClaim claim = Node.only(node.claims.claimForKickoff(1));
    node.jobs.kickoffStarted(claim, AskedFor.ALL);
    assertThat(node.steps.retryLater(claim, reason, "not now", Node.NOW)).isTrue();
  }
}
