package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.LinkLoss;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/** Patients of a member's export are counted in all its files, at all nodes. */
class PatientBoundTest extends LedgerTest {
  private static final String TOO_MANY =
      "the export has at least 30 Patients, more than 25 (p2p.download.max-patients): other people's, too?";

  @Test
  void anExportWithTooManyPatientsInAllItsFilesFailsAndNothingOfItIsDelivered() {
    String id = ready("Coverage", "Patient", "Patient", "Patient", "Coverage");
    Node other = node("node-2", Duration.ofMinutes(5));
    List<OutputFileClaim> files = new ArrayList<>(node.claims.claimForDownload(1));
    files.addAll(other.claims.claimForDownload(2));
    files.addAll(node.claims.claimForDownload(100));
    assertThat(files)
        .extracting(OutputFileClaim::resourceType)
        .as("Patients first")
        .startsWith("Patient", "Patient", "Patient");
    store(node, files.get(3));
    store(node, files.get(0));
    store(other, files.get(1));
    assertThat(node.claims.claimForDelivery(10)).isEmpty();

    store(other, files.get(2));

    assertThat(node.claims.claimForDelivery(10)).isEmpty();
    assertThat(store(node, files.get(4))).as("the rest is given up").isFalse();
    requireThatThereWereTooMany(id);
  }

  @Test
  void anExportThatHadTooManyPatientsIsFetchedAndDeliveredWholeOnceMoreAreAllowed() {
    String id = ready("Coverage", "Patient", "Patient", "Patient");
    node.claims.claimForDownload(100).forEach(file -> store(node, file));
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);
    node.operators.retry(id, "alice");
    ExportJobClaim poll = Node.only(node.claims.claimForPoll(1));
    node.jobs.ready(poll, Node.facts(), files("Coverage", "Patient", "Patient", "Patient"));

    OutputFileLedger raised = new OutputFileLedger(node.leases, new PatientBound(30));
    node.claims
        .claimForDownload(100)
        .forEach(file -> raised.stored(file, Node.content("h"), List.of("a")));

    DeliveryClaim delivery = Node.only(node.claims.claimForDelivery(10));
    assertThat(node.deliveries.files(delivery, 10)).hasSize(4);
    node.deliver(delivery);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void nothingIsDeliveredWhilePatientsAreToComeAndAllIsOnceTheyHaveCome() {
    String id = ready("Coverage", "Patient", "Patient");
    List<OutputFileClaim> files = node.claims.claimForDownload(100);
    store(node, files.get(2));
    store(node, files.get(0));
    assertThat(node.claims.claimForDelivery(10)).as("wait").isEmpty();

    store(node, files.get(1));

    DeliveryClaim delivery = Node.only(node.claims.claimForDelivery(10));
    assertThat(node.deliveries.files(delivery, 10))
        .extracting(StoredFile::number)
        .containsExactly(1, 2, 3);
    node.deliver(delivery);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void anExportWithoutPatientsIsDeliveredAsItComes() {
    ready("Coverage", "Claim");
    store(node, node.claims.claimForDownload(100).get(0));

    DeliveryClaim delivery = Node.only(node.claims.claimForDelivery(10));

    assertThat(node.deliveries.files(delivery, 10)).hasSize(1);
  }

  @Test
  void aManifestThatAnnouncesTooManyPatientsFailsTheExportBeforeAnyFileIsFetched() {
    ExportJobClaim job = node.running("bison");

    node.jobs.ready(
        job,
        Node.facts(),
        List.of(
            new NewFile(FileKind.OUTPUT, "Observation", "http://localhost/1", true, 5000L),
            new NewFile(FileKind.OUTPUT, "Patient", "http://localhost/2", true, 20L),
            new NewFile(FileKind.OUTPUT, "Patient", "http://localhost/3", true, 10L),
            new NewFile(FileKind.OUTPUT, "Patient", "http://localhost/4", true, null)));

    assertThat(node.claims.claimForDownload(100)).isEmpty();
    node.end();
    assertThat(node.find(job.transferId()).transfer())
        .extracting(
            transfer -> transfer.state(),
            transfer -> transfer.reason(),
            transfer -> transfer.detail())
        .containsExactly(TransferState.FAILED, FailureReason.TOO_LARGE, TOO_MANY);
  }

  @Test
  void anExportOfOthersEndsThoughItsManifestIsBeingAskedForAgain() {
    String id = ready("Coverage", "Claim", "Patient", "Patient", "Patient");
    List<OutputFileClaim> files = node.claims.claimForDownload(100);
    store(node, files.get(0));
    store(node, files.get(1));
    store(node, files.get(3));
    node.files.manifestNeeded(files.get(4), LinkLoss.IN_VAIN);
    ExportJobClaim poll = Node.only(node.claims.claimForPoll(1));

    store(node, files.get(2));

    assertThat(
            node.jobs.ready(
                poll,
                Node.facts(),
                files("Coverage", "Claim", "Patient", "Patient", "Patient", "Condition")))
        .as("too late")
        .isFalse();
    assertThat(node.claims.claimForDownload(100)).isEmpty();
    assertThat(node.claims.claimForDelivery(10)).isEmpty();
    requireThatThereWereTooMany(id);
  }

  @Test
  void aFileOfPatientsThatIsTooLargeToBeReadEndsItsExportToo() {
    String id = ready("Coverage", "Patient");
    List<OutputFileClaim> files = node.claims.claimForDownload(100);
    store(node, files.get(1));

    node.steps.fail(files.get(0), FailureReason.TOO_LARGE, "more bytes than are taken");

    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);
    assertThat(states(id)).containsOnly("FAILED");
  }

  @Test
  void ofTwoExportsOfATransferTheOtherIsDelivered() {
    String id = node.matched("bison", "g1", "g2");
    node.claims.claimForKickoff(10).forEach(node::kickOff);
    List<ExportJobClaim> polls = node.claims.claimForPoll(10);
    node.jobs.ready(polls.get(0), Node.facts(), files("Patient", "Patient", "Patient"));
    node.jobs.ready(polls.get(1), Node.facts(), files("Coverage", "Patient"));

    node.claims.claimForDownload(100).forEach(file -> store(node, file));

    DeliveryClaim delivery = Node.only(node.claims.claimForDelivery(10));
    assertThat(node.deliveries.files(delivery, 10))
        .extracting(StoredFile::number)
        .containsExactly(4, 5);
    node.deliver(delivery);
    node.end();
    assertThat(node.find(id).transfer().reason()).isEqualTo(FailureReason.TOO_LARGE);
  }

  @Test
  void anExportByThePatientIsNotCountedSinceEachLineOfItIsLookedAt() {
    String id = node.register("bison", 1).get(0);
    node.transfers.matchedPatient(Node.only(node.claims.claimForMatch(1)), "p1", false);
    node.kickOff(Node.only(node.claims.claimForKickoff(1)));
    node.jobs.ready(
        Node.only(node.claims.claimForPoll(1)),
        Node.facts(),
        files("Patient", "Patient", "Patient", "Patient"));
    List<OutputFileClaim> files = node.claims.claimForDownload(100);
    store(node, files.get(0));

    assertThat(node.deliver(Node.only(node.claims.claimForDelivery(1)))).contains(false);

    files.subList(1, 4).forEach(file -> store(node, file));
    node.claims.claimForDelivery(1).forEach(node::deliver);
    node.end();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  private void requireThatThereWereTooMany(String id) {
    node.end();
    assertThat(node.find(id).transfer())
        .extracting(
            transfer -> transfer.state(),
            transfer -> transfer.reason(),
            transfer -> transfer.detail())
        .containsExactly(TransferState.FAILED, FailureReason.TOO_LARGE, TOO_MANY);
    assertThat(states(id)).containsOnly("FAILED");
  }

  private String ready(String... types) {
    ExportJobClaim job = node.running("bison");
    node.jobs.ready(job, Node.facts(), files(types));
    return job.transferId();
  }

  private static List<NewFile> files(String... types) {
    return IntStream.range(0, types.length)
        .mapToObj(
            at -> new NewFile(FileKind.OUTPUT, types[at], "http://localhost/" + at, true, null))
        .toList();
  }

  private static boolean store(Node where, OutputFileClaim file) {
    return where.files.stored(file, Node.content("h"), List.of("a"));
  }

  private List<String> states(String id) {
    return database
        .jdbc()
        .sql("SELECT state FROM output_file WHERE transfer_id = ?")
        .param(id)
        .query(String.class)
        .list();
  }
}
