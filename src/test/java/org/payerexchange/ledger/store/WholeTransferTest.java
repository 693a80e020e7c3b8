package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.Progress;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

class WholeTransferTest extends LedgerTest {

  @Test
  void aTransferGoesThroughAllItsStates() {
    String id = node.register("bison", 1).get(0);
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.RECEIVED);

    TransferClaim match = Node.only(node.claims.claimForMatch(10));
    assertThat(match.requestJson()).contains("Parameters");
    assertThat(match.consentEnd()).isEqualTo(Node.CONSENT_END);
    assertThat(node.transfers.matched(match, List.of("g1"))).isTrue();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.MATCHED);

    ExportJobClaim kickoff = Node.only(node.claims.claimForKickoff(10));
    assertThat(kickoff.groupId()).isEqualTo("g1");
    assertThat(kickoff.consentEnd()).isEqualTo(Node.CONSENT_END);
    assertThat(node.jobs.kickoffStarted(kickoff, AskedFor.ALL)).isTrue();
    assertThat(node.jobs.running(kickoff, "j1", "http://localhost/j1", Duration.ZERO)).isTrue();

    ExportJobClaim poll = Node.only(node.claims.claimForPoll(10));
    assertThat(poll.statusUrl()).isEqualTo("http://localhost/j1");
    assertThat(poll.startedAt()).isNotNull();
    assertThat(node.jobs.stillRunning(poll, new Progress("half"), Duration.ZERO)).isTrue();
    assertThat(Node.only(node.find(id).jobs()).progress()).isEqualTo("half");
    poll = Node.only(node.claims.claimForPoll(10));
    assertThat(poll.polls()).isEqualTo(1);
    assertThat(
            node.jobs.ready(
                poll,
                Node.facts(),
                List.of(
                    new NewFile(FileKind.OUTPUT, "Patient", "http://localhost/f1", true, 10L),
                    new NewFile(
                        FileKind.ERROR, "OperationOutcome", "http://localhost/f2", null, null))))
        .isTrue();

    List<OutputFileClaim> files = node.claims.claimForDownload(10);
    assertThat(files)
        .extracting(OutputFileClaim::name)
        .containsExactlyInAnyOrder("Patient-1.ndjson", "OperationOutcome-2.ndjson");
    assertThat(files)
        .extracting(OutputFileClaim::requiresAccessToken)
        .containsExactlyInAnyOrder(true, null);
    for (OutputFileClaim file : files) {
      assertThat(node.files.stored(file, Node.content("abc"), List.of("a"))).isTrue();
    }

    DeliveryClaim delivery = Node.only(node.claims.claimForDelivery(10));
    List<StoredFile> stored = node.deliveries.files(delivery, 10);
    assertThat(stored)
        .extracting(StoredFile::key)
        .containsExactly(id + "/Patient-1.ndjson", id + "/OperationOutcome-2.ndjson");
    assertThat(stored).extracting(StoredFile::sha256).containsOnly("abc");
    assertThat(node.deliver(delivery)).isPresent();
    assertThat(Node.only(node.find(id).deliveries()))
        .extracting(
            TransferDetails.Delivery::delivered,
            TransferDetails.Delivery::files,
            TransferDetails.Delivery::resources)
        .containsExactly(2, 2, 20L);

    TransferReport report = node.outcomes.report(id);
    assertThat(report.state()).as("until its manifest stands").isEqualTo(TransferState.MATCHED);
    assertThat(report.finishedAt()).isNotNull();
    assertThat(report.files())
        .extracting(TransferReport.ReportedFile::name)
        .containsExactly("Patient-1.ndjson", "OperationOutcome-2.ndjson");
    assertThat(node.claims.claimForRelease(10)).as("files may be missing yet").isEmpty();
    assertThat(node.outcomes.sent(Node.only(node.claims.claimForOutcome(10)))).isTrue();
    assertThat(node.outcomes.report(id).state()).isEqualTo(TransferState.COMPLETE);
    ExportJobClaim release = Node.only(node.claims.claimForRelease(10));
    assertThat(release.statusUrl()).isEqualTo("http://localhost/j1");
    assertThat(node.jobs.released(release)).isTrue();

    TransferDetails end = node.find(id);
    assertThat(end.jobs()).allMatch(TransferDetails.Job::released);
    assertThat(end.events())
        .extracting(TransferDetails.Event::what)
        .containsExactly(
            "RECEIVED",
            "MATCHED",
            "KICKOFF_STARTED",
            "EXPORT_RUNNING",
            "EXPORT_READY",
            "DELIVERY_DONE",
            "EXPORT_COMPLETE",
            "COMPLETE",
            "OUTCOME_SENT",
            "EXPORT_RELEASED");
    assertThat(end.events())
        .extracting(TransferDetails.Event::number)
        .containsExactlyElementsOf(java.util.stream.IntStream.rangeClosed(1, 10).boxed().toList());
    assertThat(end.events()).extracting(TransferDetails.Event::actor).containsOnly("node-1");
    assertNothingIsDue();
  }

  @Test
  void aManifestWithoutFilesCompletesJobAndTransferAtOnce() {
    String id = node.ready("bison", 0);

    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
    assertThat(node.claims.claimForRelease(10)).hasSize(1);
  }

  @Test
  void aMemberWhoIsUnknownEndsTheTransferAndHasAnOutcome() {
    String id = node.register("bison", 1).get(0);

    assertThat(
            node.transfers.noMatch(
                Node.only(node.claims.claimForMatch(10)), FailureReason.NO_MATCH, "no such member"))
        .isTrue();

    assertThat(node.outcomes.report(id))
        .extracting(TransferReport::state, TransferReport::reason, TransferReport::detail)
        .containsExactly(TransferState.NO_MATCH, FailureReason.NO_MATCH, "no such member");
    assertThat(node.claims.claimForOutcome(10)).hasSize(1);
  }

  @Test
  void twentyThousandFilesAreReadyInOneCommitAndNumberedThrough() {
    String id = node.ready("bison", 20_000);

    assertThat(node.find(id).totals()).containsEntry(TransferPart.FILES, 20_000L);
    assertThat(
            database
                .jdbc()
                .sql("SELECT number FROM output_file ORDER BY number")
                .query(Integer.class)
                .list())
        .isEqualTo(IntStream.rangeClosed(1, 20_000).boxed().toList());
  }

  @Test
  void warningsOfAllJobsFilesAndSinksAreInOneListInPages() {
    String id = node.ready("bison", 250);
    assertThat(node.find(id).warned()).isEmpty();
    database.update(
        "UPDATE output_file SET warnings = ? WHERE transfer_id = ? AND number > 10",
        "one\ntwo",
        id);
    database.update("UPDATE export_job SET warnings = 'three' WHERE transfer_id = ?", id);
    database.update(
        """
        INSERT INTO delivery (transfer_id, sink, payer, state, warnings, updated_at)
        VALUES (?, 'fhir', 'bison', 'DONE', 'four', CURRENT_TIMESTAMP)""",
        id);

    TransferDetails found = node.find(id);
    assertThat(found.totals()).containsEntry(TransferPart.WARNED, 242L);
    assertThat(found.warned()).hasSize(TransferPart.PAGE);
    assertThat(found.warned().get(0))
        .isEqualTo(
            new TransferDetails.Warned(
                TransferPart.JOBS, found.jobs().get(0).id(), null, List.of("three")));
    assertThat(found.warned().get(1))
        .isEqualTo(
            new TransferDetails.Warned(
                TransferPart.FILES,
                found.files().get(10).id(),
                "Coverage-11.ndjson",
                List.of("one", "two")));
    List<?> rest = node.queries.part(id, TransferPart.WARNED, 1);
    assertThat(rest).hasSize(42);
    assertThat(rest.get(41))
        .isEqualTo(
            new TransferDetails.Warned(
                TransferPart.DELIVERIES,
                found.deliveries().get(0).id(),
                found.deliveries().get(0).sink(),
                List.of("four")));
  }

  @Test
  void filesAreNumberedOverAllJobsOfTheTransfer() {
    String id = node.matched("bison", "g1", "g2", "g1");
    node.claims.claimForKickoff(10).forEach(node::kickOff);
    node.claims
        .claimForPoll(10)
        .forEach(job -> node.jobs.ready(job, Node.facts(), Node.manifest(2)));

    assertThat(node.find(id).files())
        .extracting(TransferReport.ReportedFile::name)
        .containsExactly(
            "Coverage-1.ndjson", "Coverage-2.ndjson", "Coverage-3.ndjson", "Coverage-4.ndjson");
  }

  private void assertNothingIsDue() {
    assertThat(node.queries.oldestDue()).isEmpty();
  }
}
