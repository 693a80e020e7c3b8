package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.delivery.AttachmentSearch;
import org.payerexchange.delivery.Sink;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.FileHash;
import org.payerexchange.files.FileStamp;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.SharedJobMember;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.split.MemberFolders;
import org.payerexchange.split.SplitByMember;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.Stage;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.PlainPayer;
import org.payerexchange.support.PlainRecord;

/** A shared export of three members, each with a Patient and an Observation by one Practitioner. */
class SplitByMemberTest extends LedgerTest {
  private static final String PAYER = "herd";
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 27);
  private static final String STRANGER =
      """
      {"resourceType":"Observation","id":"o-x","subject":{"reference":"Patient/x"}}
      """;

  private static final String TOO_DEEP =
      """
      {"resourceType":"Observation","id":"o-d","subject":{"reference":"Patient/a"},"x":%s}
      """
          .formatted("[".repeat(200) + "]".repeat(200));

  private String observations = observation("a") + STRANGER + observation("b") + observation("c");
  private Outbox outbox;
  private SplitByMember step;
  private List<String> members;
  private SplitClaim claim;

  @BeforeEach
  void prepare() throws IOException {
    outbox = new Outbox(directory.resolve("outbox").toString(), new AtomicFiles(true));
    step =
        new SplitByMember(
            new Payers(List.of(payer())),
            outbox,
            new MemberFolders(outbox, new AttachmentSearch(new Payers(List.of(payer())), 10)),
            new Sinks(
                List.of(
                    new Sink("file-uri-1", Sink.Kind.FILE, "mock:files"),
                    new Sink(Sinks.FHIR, Sink.Kind.FHIR, ""))),
            node.splits,
            Clock.fixed(TODAY.atTime(12, 0).toInstant(ZoneOffset.UTC), ZoneOffset.UTC));
  }

  private static Payer payer() {
    return PlainPayer.of(PAYER, URI.create("http://localhost/herd"), new OneUp());
  }

  @Test
  void eachMemberGetsItsOwnFilesAsIfItHadComeAlone() throws IOException {
    shared(TODAY, TODAY, null);
    List<SplitLedger.SharedFile> files = node.splits.files(claim);

    assertThat(run()).isTrue();

    for (int i = 0; i < members.size(); i++) {
      String id = members.get(i);
      assertThat(folder(id)).isEqualTo(expected(i));
      TransferDetails found = node.find(id);
      assertThat(found.files())
          .extracting(TransferReport.ReportedFile::name)
          .containsExactly("Observation-1.ndjson", "Patient-2.ndjson", "Practitioner-3.ndjson");
      for (TransferReport.ReportedFile file : found.files()) {
        Path path = outbox.file(PAYER, id, file.name());
        assertThat(file.isStored()).isTrue();
        assertThat(file.sha256()).isEqualTo(FileHash.sha256(path));
        assertThat(file.stamp()).isEqualTo(FileStamp.of(path));
        assertThat(permissions(path)).isEqualTo("rw-------");
      }
      assertThat(sinks(id)).containsExactly("fhir", "file-uri-1");
      assertThat(turns(id)).as("Practitioner, Patient, Observation").containsExactly(3, 2, 1);
    }
    assertThat(files).hasSize(4).noneMatch(file -> Files.exists(path(file)));
    assertThat(node.find(claim.transferId()).files())
        .as("what is said of the shared files")
        .extracting(
            TransferReport.ReportedFile::name,
            TransferReport.ReportedFile::state,
            TransferReport.ReportedFile::resources)
        .containsExactlyInAnyOrderElementsOf(
            files.stream()
                .map(file -> tuple(file.name(), FileState.REMOVED, file.resources()))
                .toList());
    assertThat(work()).isEmpty();
    assertThat(warnings())
        .containsExactly(
            "1 line of Observation is no member's: the owner is no member of the export",
            "1 line in files of kind deleted is no member's: whose they are is not told");
  }

  @Test
  void filesOfAnExportThatCannotBeSplitAreNotKept() throws IOException {
    shared(TODAY, TODAY, TODAY);

    assertThat(node.steps.fail(claim, FailureReason.INTERNAL, "for a test")).isTrue();

    assertThat(node.find(claim.transferId()).files())
        .extracting(TransferReport.ReportedFile::state)
        .containsOnly(FileState.REMOVED)
        .hasSize(4);
    assertThat(node.outcomes.report(members.get(0)).failedAt()).isEqualTo(Stage.SPLIT);
  }

  @Test
  void whatAnExportTellsOfErrorsAndDeletionsIsNobodysAndGoes() throws IOException {
    shared(TODAY, TODAY, TODAY);
    Path deleted = outbox.shared().file(claim.transferId(), "Bundle-4.ndjson");
    assertThat(deleted).exists();

    assertThat(run()).isTrue();

    assertThat(deleted).doesNotExist();
    assertThat(folder(members.get(0))).doesNotContainKey("Bundle-4.ndjson");
    assertThat(warnings())
        .contains("1 line in files of kind deleted is no member's: whose they are is not told");
  }

  @Test
  void aLineThatNobodyCanReadMayBeEachMembersAndIsAWarningOfEach() throws IOException {
    observations = observation("a") + TOO_DEEP + observation("b") + observation("c");
    shared(TODAY, TODAY, TODAY);

    assertThat(run()).isTrue();

    String words = "1 line of Observation is no member's: it is beyond our limits of JSON";
    assertThat(warnings()).contains(words);
    for (String id : members) {
      assertThat(column("SELECT warnings FROM export_job WHERE transfer_id = ?", id))
          .containsExactly(words);
      assertThat(node.find(id).transfer().warnings()).isEqualTo(1);
    }
  }

  @Test
  void aMemberOfWhomTheExportHoldsNothingHasNoFilesAndEnds() throws IOException {
    shared(List.of("a", "b", "nobody"), TODAY, TODAY, TODAY);

    assertThat(run()).isTrue();

    assertThat(folder(members.get(2))).isEmpty();
    assertThat(sinks(members.get(2))).isEmpty();
    node.end();
    assertThat(state(members.get(2))).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void whoIsCancelledOrHasNoConsentAnyMoreGetsNotOneLine() throws IOException {
    shared(TODAY.minusDays(1), TODAY, TODAY);
    node.operators.cancel(members.get(1), "alice");

    assertThat(run()).isTrue();

    assertThat(folder(members.get(0))).isEmpty();
    assertThat(folder(members.get(1))).isEmpty();
    assertThat(folder(members.get(2))).isEqualTo(expected(2));
    assertThat(node.find(members.get(0)).transfer().reason())
        .isEqualTo(FailureReason.CONSENT_EXPIRED);
    assertThat(state(members.get(1))).isEqualTo(TransferState.CANCELLED);
    assertThat(warnings())
        .contains(
            "2 lines of Patient are no member's: the owner waits for it no more",
            "2 lines of Observation are no member's: the owner waits for it no more");
  }

  @Test
  void filesOfAMemberWhoIsCancelledMeanwhileAreTakenAwayAgain() throws IOException {
    shared(TODAY, TODAY, TODAY);
    boolean[] done = new boolean[1];
    KeptLease lease =
        lease(
            () -> {
              // members are served at once: none goes on before the one is cancelled
              synchronized (done) {
                if (!done[0]) {
                  done[0] = true;
                  assertThat(node.operators.cancel(members.get(0), "alice")).isTrue();
                }
                return true;
              }
            });

    assertThat(step.end(claim, step.split(claim, lease))).isTrue();

    assertThat(folder(members.get(0))).isEmpty();
    assertThat(folder(members.get(1))).isEqualTo(expected(1));
    assertThat(folder(members.get(2))).isEqualTo(expected(2));
  }

  @Test
  void aSplitThatEndedInBetweenBeginsAnewAndServesTheOthersAlone() throws IOException {
    shared(TODAY, TODAY, TODAY);
    AtomicInteger confirmed = new AtomicInteger();
    KeptLease lost = lease(() -> confirmed.incrementAndGet() < 2);
    assertThatThrownBy(() -> step.split(claim, lost))
        .isInstanceOfSatisfying(
            TransferException.class,
            why -> assertThat(why.reason()).isEqualTo(FailureReason.LEASE_LOST));
    List<Path> served =
        members.stream()
            .map(id -> outbox.file(PAYER, id, "Patient-2.ndjson"))
            .filter(Files::exists)
            .toList();
    assertThat(served).hasSize(1);
    String stamp = FileStamp.of(served.get(0));
    Path left = outbox.incoming().file(claim.transferId(), "split-%d-0".formatted(claim.id()));
    Files.writeString(Files.createDirectories(left.resolve("0")).resolve("Patient.ndjson"), "{}");
    Path others = outbox.incoming().file(claim.transferId(), "split-%d1-0".formatted(claim.id()));
    Files.createDirectories(others);
    assertThat(node.steps.release(claim)).isTrue();
    claim = Node.only(node.claims.claimForSplit(10));

    assertThat(run()).isTrue();

    for (int i = 0; i < members.size(); i++) {
      assertThat(folder(members.get(i))).isEqualTo(expected(i));
      assertThat(sinks(members.get(i))).hasSize(2);
    }
    assertThat(FileStamp.of(served.get(0))).as("of who was served before").isEqualTo(stamp);
    assertThat(warnings())
        .containsExactly(
            "1 line of Observation is no member's: the owner is no member of the export",
            "1 line in files of kind deleted is no member's: whose they are is not told");
    assertThat(work()).containsExactly(others);
  }

  @Test
  void aSharedFileThatIsNotAsItWasStoredIsFetchedAgainFirst() throws IOException {
    shared(TODAY, TODAY, TODAY);
    Path patients = outbox.shared().file(claim.transferId(), "Patient-1.ndjson");
    String content = Files.readString(patients);
    Files.writeString(patients, content.replace("\"a\"", "\"b\""));

    assertThatThrownBy(this::run)
        .isInstanceOfSatisfying(
            TransferException.class,
            why -> assertThat(why.reason()).isEqualTo(FailureReason.LEASE_LOST));

    assertThat(members).allMatch(id -> !Files.exists(outbox.file(PAYER, id, "")));
    assertThat(node.claims.claimForSplit(10)).isEmpty();
    store(Node.only(node.claims.claimForDownload(10)), content);
    claim = Node.only(node.claims.claimForSplit(10));
    assertThat(run()).isTrue();
    assertThat(folder(members.get(0))).isEqualTo(expected(0));
  }

  @Test
  void whoHasLostTheStepServesNobodyAndLeavesTheSharedFiles() throws IOException {
    shared(TODAY, TODAY, TODAY);
    assertThat(node.steps.release(claim)).isTrue();
    SplitClaim taken = Node.only(node.claims.claimForSplit(10));

    assertThatThrownBy(this::run).isInstanceOf(TransferException.class);
    assertThat(step.end(claim, List.of())).isFalse();

    assertThat(node.splits.members(taken)).allMatch(SharedJobMember::open);
    assertThat(node.splits.files(taken)).hasSize(4).allMatch(file -> Files.exists(path(file)));
    assertThat(members).allMatch(id -> sinks(id).isEmpty());
  }

  /** A shared export whose members' consents end on these days. */
  private void shared(LocalDate... consentEnds) throws IOException {
    shared(List.of("a", "b", "c"), consentEnds);
  }

  private void shared(List<String> patients, LocalDate... consentEnds) throws IOException {
    List<IntakeEntry> entries = new ArrayList<>();
    for (int i = 0; i < consentEnds.length; i++) {
      entries.add(request(i, consentEnds[i]));
    }
    members = node.transfers.register(entries).stream().map(Registration::transferId).toList();
    ExportJobClaim batch = Node.only(node.claims.claimForBatch(10));
    node.batches.members(batch);
    node.batches.started(batch);
    node.jobs.running(batch, "m1", "http://localhost/m1", Node.NOW);
    answer(Node.only(node.claims.claimForMatchPoll(10)), patients);
    node.kickOff(Node.only(node.claims.claimForKickoff(10)));
    node.jobs.ready(
        Node.only(node.claims.claimForPoll(10)),
        Node.facts(),
        List.of(
            file(FileKind.OUTPUT, "Patient"),
            file(FileKind.OUTPUT, "Observation"),
            file(FileKind.OUTPUT, "Practitioner"),
            file(FileKind.DELETED, "Bundle")));
    for (OutputFileClaim file : node.claims.claimForDownload(10)) {
      assertThat(file.shared()).isTrue();
      store(file, content(file.resourceType()));
    }
    claim = Node.only(node.claims.claimForSplit(10));
  }

  private static IntakeEntry request(int number, LocalDate consentEnd) {
    return PlainRecord.of(
        "inbox/a.json",
        number,
        null,
        PAYER,
        UUID.randomUUID().toString(),
        """
        {"resourceType":"Parameters","parameter":[{"name":"MemberPatient",
        "resource":{"name":[{"family":"Ash-%d","given":["A"]}]}}]}"""
            .formatted(number),
        consentEnd);
  }

  private void answer(ExportJobClaim poll, List<String> patients) {
    Map<String, BulkMatch.Outcome> outcomes = new LinkedHashMap<>();
    List<BulkMatch.Matched> matched = new ArrayList<>();
    for (int i = 0; i < patients.size(); i++) {
      outcomes.put(
          members.get(i),
          new BulkMatch.Outcome(BulkMatch.Kind.MATCHED, "g1", patients.get(i), null));
      matched.add(new BulkMatch.Matched(members.get(i), "g1", patients.get(i), Optional.empty()));
    }
    assertThat(
            node.batches.answered(
                poll,
                outcomes,
                List.of(new BulkMatch.Export("g1", matched, Optional.empty(), true))))
        .isTrue();
  }

  private static NewFile file(FileKind kind, String type) {
    return new NewFile(kind, type, "http://localhost/" + type, true, null);
  }

  private String content(String type) {
    return switch (type) {
      case "Patient" -> patient("a") + patient("b") + patient("c");
      case "Observation" -> observations;
      case "Practitioner" -> practitioner();
      default -> "{\"resourceType\":\"Bundle\"}\n";
    };
  }

  private static String patient(String id) {
    return "{\"resourceType\":\"Patient\",\"id\":\"%s\"}\n".formatted(id);
  }

  private static String observation(String id) {
    return """
        {"resourceType":"Observation","id":"o-%1$s","subject":{"reference":"Patient/%1$s"},\
        "performer":[{"reference":"Practitioner/d"}]}
        """
        .formatted(id);
  }

  private static String practitioner() {
    return "{\"resourceType\":\"Practitioner\",\"id\":\"d\"}\n";
  }

  private static Map<String, String> expected(int member) {
    String id = List.of("a", "b", "c").get(member);
    return Map.of(
        "Observation-1.ndjson", observation(id),
        "Patient-2.ndjson", patient(id),
        "Practitioner-3.ndjson", practitioner());
  }

  private void store(OutputFileClaim file, String content) throws IOException {
    Path path = outbox.file(file);
    PrivateFiles.createFolders(path.getParent());
    Files.writeString(path, content);
    assertThat(
            node.files.stored(
                file,
                new FetchedFile(
                    content.lines().count(),
                    Files.size(path),
                    FileHash.sha256(path),
                    FileStamp.of(path),
                    List.of()),
                List.of()))
        .isTrue();
  }

  private boolean run() {
    return step.end(claim, step.split(claim, lease(() -> node.leases.holds(claim))));
  }

  /** One that is asked for before each member's files take their places. */
  private static KeptLease lease(BooleanSupplier renewal) {
    return new KeptLease(renewal, () -> true, Duration.ZERO);
  }

  private Map<String, String> folder(String transferId) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    Path folder = outbox.file(PAYER, transferId, "");
    if (Files.isDirectory(folder)) {
      assertThat(permissions(folder)).isEqualTo("rwx------");
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          contents.put(file.getFileName().toString(), Files.readString(file));
        }
      }
    }
    return contents;
  }

  private Path path(SplitLedger.SharedFile file) {
    return outbox.shared().file(claim.transferId(), file.name());
  }

  private List<Path> work() throws IOException {
    try (Stream<Path> left = Files.list(outbox.incoming().create(claim.transferId()))) {
      return left.toList();
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private TransferState state(String transferId) {
    return node.find(transferId).transfer().state();
  }

  private List<String> sinks(String transferId) {
    return column("SELECT sink FROM delivery WHERE transfer_id = ? ORDER BY sink", transferId);
  }

  /** The numbers of the files in the order in which the FHIR server gets them. */
  private List<Integer> turns(String transferId) {
    return database
        .jdbc()
        .sql("SELECT number FROM output_file WHERE transfer_id = ? ORDER BY whole_turn")
        .param(transferId)
        .query(Integer.class)
        .list();
  }

  private List<String> warnings() {
    return column("SELECT warnings FROM export_job WHERE id = ?", claim.id()).stream()
        .flatMap(String::lines)
        .toList();
  }

  private List<String> column(String sql, Object value) {
    return database.jdbc().sql(sql).param(value).query(String.class).list();
  }
}
