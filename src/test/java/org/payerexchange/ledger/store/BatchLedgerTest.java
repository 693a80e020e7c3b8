package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.LastExport;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.SharedJobMember;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;
import org.payerexchange.support.PlainRecord;

/** Batches of members on the ledger: their match, their shared exports, and each member's own. */
class BatchLedgerTest extends LedgerTest {
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 27);

  private List<String> asks(ExportJobClaim batch) {
    return node.batches.members(batch).stream().map(BatchLedger.BatchMember::transferId).toList();
  }

  private List<String> register(String... families) {
    return node
        .transfers
        .register(
            List.of(families).stream()
                .<IntakeEntry>map(
                    family ->
                        PlainRecord.of(
                            "inbox/a.json",
                            1,
                            null,
                            "herd",
                            UUID.randomUUID().toString(),
                            """
                            {"resourceType":"Parameters","parameter":[{"name":"MemberPatient",
                            "resource":{"name":[{"family":"%s","given":["A"]}]}}]}"""
                                .formatted(family),
                            Node.CONSENT_END))
                .toList())
        .stream()
        .map(Registration::transferId)
        .toList();
  }

  private ExportJobClaim asked(ExportJobClaim batch) {
    assertThat(node.batches.started(batch)).isTrue();
    assertThat(node.jobs.running(batch, "m1", "http://localhost/m1", Node.NOW)).isTrue();
    return Node.only(node.claims.claimForMatchPoll(10));
  }

  private static BulkMatch.Outcome matched(String patient) {
    return new BulkMatch.Outcome(BulkMatch.Kind.MATCHED, "g1", patient, null);
  }

  private static BulkMatch.Outcome other(BulkMatch.Kind kind) {
    return new BulkMatch.Outcome(kind, null, null, "for a test");
  }

  private static BulkMatch.Export export(List<String> members) {
    return new BulkMatch.Export(
        "g1",
        members.stream()
            .map(id -> new BulkMatch.Matched(id, "g1", "patient-" + id, Optional.empty()))
            .toList(),
        Optional.empty(),
        true);
  }

  private void answer(ExportJobClaim poll, List<String> members) {
    Map<String, BulkMatch.Outcome> outcomes = new HashMap<>();
    members.forEach(id -> outcomes.put(id, matched("patient-" + id)));
    assertThat(node.batches.answered(poll, outcomes, List.of(export(members)))).isTrue();
  }

  /** A shared export whose files are there. */
  private SplitClaim split(int files) {
    ExportJobClaim kickoff = Node.only(node.claims.claimForKickoff(10));
    node.kickOff(kickoff);
    node.jobs.ready(Node.only(node.claims.claimForPoll(10)), Node.facts(), Node.manifest(files));
    node.claims
        .claimForDownload(100)
        .forEach(file -> node.files.stored(file, Node.content("h"), List.of()));
    return Node.only(node.claims.claimForSplit(10));
  }

  private static List<SplitFile> files(SharedJobMember member, String... types) {
    return IntStream.range(0, types.length)
        .mapToObj(
            i ->
                new SplitFile(
                    types[i], member.numbers().of(types[i], i), Node.content(types[i]), null))
        .toList();
  }

  private TransferState state(String transferId) {
    return node.find(transferId).transfer().state();
  }

  @Test
  void aFullBatchIsDueAtOnceAndItsMembersAreAskedForTogether() {
    List<String> members = register("Ash", "Birch", "Cedar");

    ExportJobClaim batch = Node.only(node.claims.claimForBatch(10));

    assertThat(node.batches.members(batch))
        .extracting(BatchLedger.BatchMember::transferId)
        .containsExactlyElementsOf(members);
    assertThat(node.claims.claimForMatch(10)).as("nobody is asked for alone").isEmpty();
  }

  @Test
  void aBatchThatIsNotFullWaitsAndIsJoinedUntilItIs() {
    register("Ash");
    assertThat(node.claims.claimForBatch(10)).isEmpty();
    register("Birch");
    assertThat(node.claims.claimForBatch(10)).isEmpty();

    register("Cedar", "Elm");

    assertThat(node.batches.members(Node.only(node.claims.claimForBatch(10)))).hasSize(3);
    assertThat(node.claims.claimForBatch(10)).as("the fourth waits in a new one").isEmpty();
  }

  @Test
  void twoTransfersOfOneMemberNeverShareABatch() {
    register("Ash", "Birch", "ash ", "Cedar");

    ExportJobClaim full = Node.only(node.claims.claimForBatch(10));

    assertThat(node.batches.members(full))
        .extracting(BatchLedger.BatchMember::requestJson)
        .allSatisfy(request -> assertThat(request).doesNotContain("ash "));
  }

  @Test
  void nobodyJoinsABatchOnceItsMembersWereRead() {
    register("Ash", "Birch", "Cedar");
    ExportJobClaim batch = Node.only(node.claims.claimForBatch(10));
    node.batches.members(batch);

    register("Elm");

    assertThat(node.batches.members(batch)).hasSize(3);
  }

  /** As where its payer is not configured for a time. */
  @Test
  void nobodyJoinsABatchThatIsGivenUpBeforeItsMembersWereRead() {
    register("Ash");
    database.jdbc().sql("UPDATE step SET due_at = CURRENT_TIMESTAMP").update();
    askedOneByOne();

    List<String> later = register("Birch", "Cedar", "Elm");

    assertThat(asks(Node.only(node.claims.claimForBatch(10)))).isEqualTo(later);
  }

  /** Earlier versions left it so. */
  @Test
  void nobodyJoinsABatchThatStillGathersThoughItIsGivenUp() {
    register("Ash");
    database.jdbc().sql("UPDATE step SET due_at = CURRENT_TIMESTAMP").update();
    askedOneByOne();
    database.jdbc().sql("UPDATE member_batch SET gathers = TRUE").update();

    List<String> later = register("Birch", "Cedar", "Elm");

    assertThat(asks(Node.only(node.claims.claimForBatch(10)))).isEqualTo(later);
  }

  @Test
  void aBatchGoesFromItsMatchToEachMembersOwnFilesAndIsReleasedInOrder() {
    List<String> members = register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));
    answer(poll, members);
    assertThat(members).allMatch(id -> state(id) == TransferState.MATCHED);

    SplitClaim split = split(2);
    assertThat(node.splits.files(split)).hasSize(2);
    List<SharedJobMember> parts = node.splits.members(split);
    assertThat(parts).extracting(SharedJobMember::transferId).containsExactlyElementsOf(members);
    assertThat(parts)
        .extracting(SharedJobMember::patientId)
        .containsExactlyElementsOf(members.stream().map(id -> "patient-" + id).toList());
    for (SharedJobMember member : parts) {
      assertThat(
              node.splits.served(
                  split,
                  member,
                  files(member, "Coverage", "Patient"),
                  List.of("a"),
                  List.of(),
                  List.of()))
          .isTrue();
    }
    assertThat(node.splits.done(split, List.of("1 line of Group is nobody's"))).isTrue();
    assertThat(node.claims.claimForDelivery(10))
        .hasSize(3)
        .allMatch(delivery -> node.deliver(delivery).isPresent());
    node.end();

    assertThat(members).allMatch(id -> state(id) == TransferState.COMPLETE);
    assertThat(node.find(members.get(0)).files())
        .extracting(TransferReport.ReportedFile::name)
        .containsExactly("Coverage-1.ndjson", "Patient-2.ndjson");
    String batch = split.transferId();
    assertThat(state(batch)).isEqualTo(TransferState.COMPLETE);
    ExportJobClaim release = Node.only(node.claims.claimForRelease(10));
    assertThat(release.id()).as("the export comes first").isEqualTo(split.id());
    node.jobs.released(release);
    ExportJobClaim match = Node.only(node.claims.claimForRelease(10));
    assertThat(match.statusUrl()).isEqualTo("http://localhost/m1");
    node.jobs.released(match);
    assertThat(node.claims.claimForRelease(10)).isEmpty();
    assertThat(node.queries.page(TransferFilter.ALL, 0, 50).total())
        .as("a batch is no transfer of anybody's")
        .isEqualTo(3);
  }

  @Test
  void anExportIsKeptAtThePayerUntilEachMemberHasItsAttachments() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    SplitClaim split = split(1);
    for (SharedJobMember member : node.splits.members(split)) {
      node.splits.served(split, member, List.of(document(member)), List.of(), List.of(), List.of());
    }
    node.splits.done(split, List.of());

    ExportJobClaim early = Node.only(node.claims.claimForRelease(10));
    assertThat(early.needed()).isTrue();
    assertThat(node.jobs.releasedLater(early)).isTrue();
    assertThat(node.claims.claimForRelease(10)).isEmpty();
    List<OutputFileClaim> attachments = node.claims.claimForDownload(10);
    assertThat(attachments)
        .hasSize(3)
        .allMatch(file -> file.requiresAccessToken(), "as the shared files' manifest says");
    assertThat(members).allMatch(id -> state(id) == TransferState.MATCHED);
    attachments.forEach(file -> node.files.stored(file, Node.content("a"), List.of()));
    node.end();
    node.database.jdbc().sql("UPDATE step SET due_at = CURRENT_TIMESTAMP").update();

    assertThat(members).allMatch(id -> state(id) == TransferState.COMPLETE);
    assertThat(Node.only(node.claims.claimForRelease(10)).needed()).isFalse();
  }

  /** A member that has one of two attachments, and whose delivery fails. */
  private String failedAtItsSink() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    SplitClaim split = split(1);
    String id = members.get(0);
    for (SharedJobMember member : node.splits.members(split)) {
      List<SplitFile> own =
          member.transferId().equals(id)
              ? List.of(document(member, "http://localhost/had", "http://localhost/missed"))
              : List.of();
      node.splits.served(split, member, own, List.of("a"), List.of(), List.of());
    }
    node.splits.done(split, List.of());
    for (OutputFileClaim attachment : node.claims.claimForDownload(10)) {
      if (attachment.url().endsWith("had")) {
        node.files.stored(attachment, Node.content("a"), List.of("a"));
      } else {
        node.steps.fail(attachment, FailureReason.PAYER_REFUSED, "404");
      }
    }
    node.steps.fail(
        Node.only(node.claims.claimForDelivery(10)), FailureReason.SINK_REFUSED, "a test");
    node.end();
    assertThat(state(id)).isEqualTo(TransferState.FAILED);
    return id;
  }

  @Test
  void aRetryOfADeliveryDoesNotAskThePayerAgainForWantOfAnAttachment() {
    String id = failedAtItsSink();

    node.operators.act(OperatorAction.RETRY, id, "a test");

    assertThat(state(id)).isEqualTo(TransferState.MATCHED);
    OutputFileClaim missed = Node.only(node.claims.claimForDownload(10));
    assertThat(missed.url()).endsWith("missed");
    node.files.stored(missed, Node.content("b"), List.of("a"));
    node.claims.claimForDelivery(10).forEach(node::deliver);
    node.end();
    assertThat(node.find(id).transfer())
        .extracting(TransferSummary::state, TransferSummary::warnings)
        .containsExactly(TransferState.COMPLETE, 0);
  }

  /** The same, whose own file is lost, so that it is matched again. */
  private String askedForAgain() {
    String id = failedAtItsSink();
    database
        .jdbc()
        .sql("UPDATE output_file SET state = 'FAILED' WHERE transfer_id = ? AND url = ''")
        .param(id)
        .update();
    node.operators.act(OperatorAction.RETRY, id, "a test");
    assertThat(state(id)).isEqualTo(TransferState.RECEIVED);
    return id;
  }

  /** The attachment that it has is taken away; then its next export comes, with two others. */
  private SplitClaim splitAfterItsAttachmentWasTakenAway(String id) {
    int had =
        database
            .jdbc()
            .sql("SELECT number FROM output_file WHERE transfer_id = ? AND url LIKE '%had'")
            .param(id)
            .query(Integer.class)
            .single();
    node.deliveries.fetchAgain(Node.only(node.claims.claimForDelivery(10)), List.of(had));
    register("Elm", "Fir");
    ExportJobClaim batch = Node.only(node.claims.claimForBatch(10));
    answer(asked(batch), asks(batch));
    return split(1);
  }

  @Test
  void whatWasSaidOfAnotherPatientsAttachmentsGoesWithThem() {
    String id = askedForAgain();
    assertThat(node.find(id).transfer().warnings()).isEqualTo(1);
    register("Elm", "Fir");
    ExportJobClaim batch = Node.only(node.claims.claimForBatch(10));
    List<String> together = asks(batch);
    ExportJobClaim poll = asked(batch);
    Map<String, BulkMatch.Outcome> outcomes = new HashMap<>();
    together.forEach(each -> outcomes.put(each, matched("other-" + each)));
    node.batches.answered(
        poll,
        outcomes,
        List.of(
            new BulkMatch.Export(
                "g1",
                together.stream()
                    .map(
                        each ->
                            new BulkMatch.Matched(each, "g1", "other-" + each, Optional.empty()))
                    .toList(),
                Optional.empty(),
                true)));

    assertThat(node.find(id).files()).isEmpty();
    assertThat(node.find(id).transfer().warnings()).isZero();
  }

  @Test
  void anAttachmentOfAPartThatFailsIsWaitedForByNobody() {
    String id = askedForAgain();
    SplitClaim split = splitAfterItsAttachmentWasTakenAway(id);

    for (SharedJobMember member : node.splits.members(split)) {
      node.splits.notServed(split, member, FailureReason.CONSENT_EXPIRED, "a test");
    }
    node.splits.done(split, List.of());

    assertThat(state(id)).isEqualTo(TransferState.FAILED);
    assertThat(
            database
                .jdbc()
                .sql("SELECT state FROM output_file WHERE transfer_id = ?")
                .param(id)
                .query(String.class)
                .list())
        .doesNotContain("PENDING");
    assertThat(node.claims.claimForRelease(10)).noneMatch(ExportJobClaim::needed);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAttachmentThatWasTakenAwayBeforeTheMemberIsServedAgainComesAgain(boolean named) {
    String id = askedForAgain();
    SplitClaim split = splitAfterItsAttachmentWasTakenAway(id);

    for (SharedJobMember member : node.splits.members(split)) {
      List<SplitFile> own =
          !member.transferId().equals(id)
              ? List.of()
              : named
                  ? List.of(document(member, "http://localhost/had", "http://localhost/missed"))
                  : files(member, "DocumentReference");
      node.splits.served(split, member, own, List.of("a"), List.of(), List.of());
    }
    node.splits.done(split, List.of());

    List<OutputFileClaim> again = node.claims.claimForDownload(10);
    assertThat(again).hasSize(named ? 2 : 1);
    again.forEach(file -> node.files.stored(file, Node.content("a"), List.of("a")));
    node.claims.claimForDelivery(10).forEach(node::deliver);
    node.end();
    assertThat(state(id)).isEqualTo(TransferState.COMPLETE);
    database.jdbc().sql("UPDATE step SET due_at = CURRENT_TIMESTAMP").update();
    assertThat(node.claims.claimForRelease(10)).noneMatch(ExportJobClaim::needed);
  }

  private static SplitFile document(SharedJobMember member) {
    return document(member, "http://localhost/a");
  }

  private static SplitFile document(SharedJobMember member, String... urls) {
    FoundAttachments named =
        new FoundAttachments(
            Stream.of(urls)
                .map(url -> new Attachment(url, null, null, null, "DocumentReference-1.ndjson/1"))
                .toList(),
            0,
            10,
            List.of());
    return new SplitFile(
        "DocumentReference",
        member.numbers().of("DocumentReference", 0),
        Node.content("h").naming(named),
        null);
  }

  @Test
  void eachMemberGetsTheEndThatTheAnswerGivesIt() {
    List<String> members = register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));

    assertThat(
            node.batches.answered(
                poll,
                Map.of(
                    members.get(0), other(BulkMatch.Kind.NO_MATCH),
                    members.get(1), other(BulkMatch.Kind.CONSENT_CONSTRAINED),
                    members.get(2), other(BulkMatch.Kind.AMBIGUOUS)),
                List.of()))
        .isTrue();

    assertThat(members).allMatch(id -> state(id) == TransferState.NO_MATCH);
    assertThat(members)
        .extracting(id -> node.find(id).transfer().reason())
        .containsExactly(
            FailureReason.NO_MATCH,
            FailureReason.CONSENT_CONSTRAINED,
            FailureReason.AMBIGUOUS_MATCH);
    assertThat(state(poll.transferId())).isEqualTo(TransferState.COMPLETE);
    assertThat(node.claims.claimForRelease(10)).hasSize(1);
    assertThat(node.claims.claimForOutcome(10)).hasSize(3);
  }

  @Test
  void aMemberWhoseAnswerIsOfNoUseIsAskedForAloneOnce() {
    List<String> members = register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));
    node.batches.answered(
        poll,
        Map.of(
            members.get(0), matched("p1"),
            members.get(1), other(BulkMatch.Kind.UNCORRELATED),
            members.get(2), other(BulkMatch.Kind.NO_MATCH)),
        List.of(
            new BulkMatch.Export(
                "g1",
                List.of(new BulkMatch.Matched(members.get(0), "g1", "p1", Optional.empty())),
                Optional.empty(),
                true)));

    ExportJobClaim alone = Node.only(node.claims.claimForBatch(10));
    assertThat(node.batches.members(alone))
        .extracting(BatchLedger.BatchMember::transferId)
        .containsExactly(members.get(1));
    node.batches.started(alone);
    node.batches.answered(
        alone, Map.of(members.get(1), other(BulkMatch.Kind.UNCORRELATED)), List.of());

    assertThat(node.find(members.get(1)).transfer().reason()).isEqualTo(FailureReason.BAD_ANSWER);
    assertThat(state(members.get(0))).isEqualTo(TransferState.MATCHED);
  }

  @Test
  void oneWhoIsAnsweredAloneWithAnothersPatientMakesBothAmbiguous() {
    List<String> members = register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));
    List<String> two = members.subList(0, 2);
    node.batches.answered(
        poll,
        Map.of(
            two.get(0), matched("patient-" + two.get(0)),
            two.get(1), matched("patient-" + two.get(1)),
            members.get(2), other(BulkMatch.Kind.UNCORRELATED)),
        List.of(export(two)));
    ExportJobClaim alone = Node.only(node.claims.claimForBatch(10));
    node.batches.started(alone);

    node.batches.answered(
        alone,
        Map.of(
            members.get(2),
            new BulkMatch.Outcome(BulkMatch.Kind.AMBIGUOUS, null, "patient-" + two.get(0), null)),
        List.of());

    assertThat(node.find(members.get(2)).transfer().reason())
        .isEqualTo(FailureReason.AMBIGUOUS_MATCH);
    assertThat(node.find(two.get(0)).transfer().reason()).isEqualTo(FailureReason.AMBIGUOUS_MATCH);
    assertThat(state(two.get(1))).isEqualTo(TransferState.MATCHED);
  }

  @Test
  void aMemberThatTheAnswerDoesNotSpeakOfDoesNotWaitForEver() {
    List<String> members = register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));

    node.batches.answered(poll, Map.of(), List.of());

    assertThat(node.claims.claimForBatch(10)).hasSize(members.size());
  }

  @Test
  void aBatchThatIsRefusedIsAskedForInHalves() {
    List<String> members = register("Ash", "Birch", "Cedar");
    ExportJobClaim batch = Node.only(node.claims.claimForBatch(10));
    node.batches.started(batch);

    assertThat(node.batches.refused(batch, "answered 422")).isTrue();

    assertThat(node.claims.claimForBatch(10))
        .extracting(this::asks)
        .containsExactlyInAnyOrder(members.subList(0, 2), members.subList(2, 3));
    assertThat(state(batch.transferId())).isEqualTo(TransferState.CANCELLED);
    assertThat(node.claims.claimForRelease(10)).as("there is no job").isEmpty();
  }

  @Test
  void oneWhoIsRefusedAloneFails() {
    String member = register("Ash", "Birch", "Cedar").get(2);
    node.batches.refused(Node.only(node.claims.claimForBatch(10)), "answered 413");
    List<ExportJobClaim> halves = node.claims.claimForBatch(10);

    halves.stream()
        .filter(half -> asks(half).equals(List.of(member)))
        .forEach(alone -> node.batches.refused(alone, "answered 422"));

    assertThat(node.find(member).transfer().reason()).isEqualTo(FailureReason.PAYER_REFUSED);
    assertThat(node.find(member).transfer().detail()).isEqualTo("answered 422");
    assertThat(node.claims.claimForBatch(10)).isEmpty();
  }

  @Test
  void whoIsLeftOfSeveralThatWereRefusedIsAskedForAloneBeforeItFails() {
    List<String> members = register("Ash", "Birch", "Cedar");
    ExportJobClaim batch = Node.only(node.claims.claimForBatch(10));
    node.batches.started(batch);
    members.subList(0, 2).forEach(id -> node.operators.cancel(id, "a test"));

    node.batches.refused(batch, "answered 422");

    assertThat(asks(Node.only(node.claims.claimForBatch(10)))).containsExactly(members.get(2));
    assertThat(state(members.get(2))).isEqualTo(TransferState.RECEIVED);
  }

  @ParameterizedTest
  @EnumSource(names = {"JOB_FAILED", "BAD_ANSWER", "TOO_LARGE"})
  void aMatchJobWithoutAnAnswerForAllIsAskedForInHalvesAndIsReleased(FailureReason why) {
    List<String> members = register("Ash", "Birch", "Cedar");
    assertThat(node.operators.cancel(members.get(0), "a test")).isTrue();
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));

    node.steps.fail(poll, why, "for a test");

    assertThat(node.claims.claimForBatch(10))
        .extracting(this::asks)
        .containsExactlyInAnyOrder(members.subList(1, 2), members.subList(2, 3));
    assertThat(state(poll.transferId())).isEqualTo(TransferState.FAILED);
    assertThat(node.claims.claimForRelease(10)).hasSize(1);
  }

  @Test
  void aMatchJobThatIsGivenUpFailsWhoWaitsForIt() {
    List<String> members = register("Ash", "Birch", "Cedar");
    assertThat(node.operators.cancel(members.get(0), "a test")).isTrue();
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));

    node.steps.fail(poll, FailureReason.JOB_EXPIRED, "for a test");

    assertThat(members)
        .extracting(this::state)
        .containsExactly(TransferState.CANCELLED, TransferState.FAILED, TransferState.FAILED);
    assertThat(node.find(members.get(1)).transfer().reason()).isEqualTo(FailureReason.JOB_EXPIRED);
    assertThat(state(poll.transferId())).isEqualTo(TransferState.FAILED);
    assertThat(node.claims.claimForRelease(10)).hasSize(1);
  }

  @Test
  void aSharedExportThatFailsFailsItsMembersAndReleasesTheMatchLast() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    node.kickOff(Node.only(node.claims.claimForKickoff(10)));
    ExportJobClaim poll = Node.only(node.claims.claimForPoll(10));

    node.steps.fail(poll, FailureReason.JOB_FAILED, "for a test");

    assertThat(members).allMatch(id -> state(id) == TransferState.FAILED);
    ExportJobClaim export = Node.only(node.claims.claimForRelease(10));
    assertThat(export.id()).isEqualTo(poll.id());
    node.steps.fail(export, FailureReason.PAYER_REFUSED, "for a test");
    assertThat(Node.only(node.claims.claimForRelease(10)).statusUrl())
        .isEqualTo("http://localhost/m1");
  }

  @Test
  void aMemberThatIsCancelledLeavesTheOthersAlone() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    SplitClaim split = split(1);
    List<SharedJobMember> parts = node.splits.members(split);

    assertThat(node.operators.cancel(members.get(1), "a test")).isTrue();

    assertThat(parts.stream().filter(member -> node.splits.isOpen(split, member)))
        .extracting(SharedJobMember::transferId)
        .containsExactly(members.get(0), members.get(2));
    assertThat(node.splits.served(split, parts.get(1), List.of(), List.of(), List.of(), List.of()))
        .as("the cancelled")
        .isFalse();
    assertThat(node.splits.served(split, parts.get(0), List.of(), List.of(), List.of(), List.of()))
        .isTrue();
    assertThat(
            node.splits.notServed(split, parts.get(2), FailureReason.CONSENT_EXPIRED, "for a test"))
        .isTrue();
    assertThat(node.splits.done(split, List.of())).isTrue();
    node.end();
    assertThat(members)
        .extracting(this::state)
        .containsExactly(TransferState.COMPLETE, TransferState.CANCELLED, TransferState.FAILED);
    assertThat(state(split.transferId())).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void membersThatAreForgottenWhileTheirExportIsSplitLeaveTheOthersAlone() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    SplitClaim split = split(1);
    List<SharedJobMember> parts = node.splits.members(split);
    members.subList(0, 2).forEach(id -> node.operators.cancel(id, "a test"));
    node.end();
    assertThat(members.subList(0, 2)).allMatch(this::forget);

    assertThat(
            node.splits.notServed(split, parts.get(0), FailureReason.CONSENT_EXPIRED, "for a test"))
        .isFalse();
    assertThat(node.splits.served(split, parts.get(1), List.of(), List.of(), List.of(), List.of()))
        .isFalse();
    assertThat(node.splits.served(split, parts.get(2), List.of(), List.of(), List.of(), List.of()))
        .isTrue();
    assertThat(node.splits.done(split, List.of())).isTrue();
  }

  private boolean forget(String transfer) {
    return new ForgetLedger(database, node.clock).forget(transfer, "a test");
  }

  @Test
  void aMemberThatIsSentOnGoesIntoANewBatchAndKeepsTheNamesOfItsFiles() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    SplitClaim split = split(1);
    List<SharedJobMember> parts = node.splits.members(split);
    node.splits.served(split, parts.get(0), List.of(), List.of(), List.of(), List.of());
    node.splits.notServed(split, parts.get(1), FailureReason.CONSENT_EXPIRED, "for a test");
    node.splits.served(
        split, parts.get(2), files(parts.get(2), "Patient"), List.of("a"), List.of(), List.of());
    node.splits.done(split, List.of());
    node.steps.fail(
        Node.only(node.claims.claimForDelivery(10)), FailureReason.SINK_REFUSED, "for a test");
    node.end();

    assertThat(node.operators.retry(members.get(1), "a test")).isTrue();
    assertThat(node.operators.retry(members.get(2), "a test")).isTrue();

    assertThat(state(members.get(1))).isEqualTo(TransferState.RECEIVED);
    assertThat(state(members.get(2)))
        .as("its files are there: they are delivered again")
        .isEqualTo(TransferState.MATCHED);
    register("Elm", "Fir");
    ExportJobClaim again = Node.only(node.claims.claimForBatch(10));
    assertThat(node.batches.members(again))
        .extracting(BatchLedger.BatchMember::transferId)
        .contains(members.get(1))
        .hasSize(3);
  }

  @Test
  void aMemberThatIsSentOnGetsNothingOfTheExportBefore() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    SplitClaim split = split(1);
    SharedJobMember member = node.splits.members(split).get(0);
    node.splits.notServed(split, member, FailureReason.CONSENT_EXPIRED, "for a test");
    node.end();

    assertThat(node.operators.retry(members.get(0), "a test")).isTrue();

    assertThat(node.splits.isOpen(split, member)).isFalse();
    assertThat(
            node.splits.served(
                split, member, files(member, "Patient"), List.of(), List.of(), List.of()))
        .isFalse();
    assertThat(state(members.get(0))).isEqualTo(TransferState.RECEIVED);
    assertThat(node.splits.members(split)).hasSize(2);
  }

  @Test
  void twoAnswersAtOneMomentThatNameOnePatientMakeBothAmbiguous() throws Exception {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    List<String> first = register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));
    List<String> second = register("Dogwood", "Elm", "Fir");
    ExportJobClaim otherPoll = asked(Node.only(node.claims.claimForBatch(10)));
    oneBehindTheOther(
        first.get(2), () -> answer(poll, first, "p"), () -> answer(otherPoll, second, "p"));

    assertThat(reason(first.get(0))).isEqualTo(FailureReason.AMBIGUOUS_MATCH);
    assertThat(reason(second.get(0))).isEqualTo(FailureReason.AMBIGUOUS_MATCH);
    assertThat(reason(first.get(1))).isNull();
  }

  @Test
  void whoIsForgottenWhileAnAnswerNamesItsPatientDoesNotSpoilTheAnswer() throws Exception {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    List<String> first = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), first, "p");
    node.operators.cancel(first.get(0), "a test");
    node.end();
    List<String> second = register("Dogwood", "Elm", "Fir");
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));

    oneBehindTheOther(first.get(0), () -> forget(first.get(0)), () -> answer(poll, second, "p"));

    assertThat(node.find(first.get(0)).jobs()).isEmpty();
    assertThat(reason(second.get(0))).isEqualTo(FailureReason.AMBIGUOUS_MATCH);
    assertThat(state(second.get(1))).isEqualTo(TransferState.MATCHED);
  }

  /** Two changes, the second of which comes while the first waits for a transfer. */
  private void oneBehindTheOther(String transfer, Callable<Boolean> first, Callable<Boolean> second)
      throws Exception {
    ExecutorService changes = Executors.newFixedThreadPool(2);
    try (Connection holder = database.dataSource().getConnection()) {
      holder.setAutoCommit(false);
      hold(holder, transfer);
      Future<Boolean> one = changes.submit(first);
      await().until(() -> waiting() == 1);
      Future<Boolean> two = changes.submit(second);
      await().until(() -> waiting() == 2 || two.isDone());
      holder.rollback();
      assertThat(one.get()).isTrue();
      assertThat(two.get()).isTrue();
    } finally {
      changes.shutdownNow();
    }
  }

  private static void hold(Connection holder, String transfer) throws SQLException {
    try (PreparedStatement lock =
        holder.prepareStatement("SELECT id FROM transfer WHERE id = ? FOR UPDATE")) {
      lock.setString(1, transfer);
      lock.executeQuery();
    }
  }

  private boolean answer(ExportJobClaim poll, List<String> members, String patient) {
    return answer(poll, members, patient, true);
  }

  /** The first of the members is answered with a Patient, the others with their own. */
  private boolean answer(ExportJobClaim poll, List<String> members, String patient, boolean named) {
    Map<String, BulkMatch.Outcome> outcomes = new HashMap<>();
    List<BulkMatch.Matched> matched = new ArrayList<>();
    for (String id : members) {
      String own = id.equals(members.get(0)) ? patient : "patient-" + id;
      outcomes.put(id, matched(own));
      matched.add(new BulkMatch.Matched(id, "g1", own, Optional.empty()));
    }
    return node.batches.answered(
        poll, outcomes, List.of(new BulkMatch.Export("g1", matched, Optional.empty(), named)));
  }

  private FailureReason reason(String transfer) {
    return node.find(transfer).transfer().reason();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void twoMembersOfTwoBatchesWithOnePatientAreBothAmbiguous(boolean itIsKnownWhoTheyAre) {
    List<String> members = register("Ash", "Birch", "Cedar");
    if (!itIsKnownWhoTheyAre) {
      node.database.jdbc().sql("UPDATE transfer_request SET member_key = NULL").update();
    }
    ExportJobClaim batch = Node.only(node.claims.claimForBatch(10));
    node.batches.started(batch);
    node.batches.refused(batch, "answered 422");
    for (ExportJobClaim half : node.claims.claimForBatch(10)) {
      node.batches.started(half);
      List<String> asked = asks(half);
      String first = asked.get(0);
      Map<String, BulkMatch.Outcome> outcomes = new HashMap<>();
      asked.forEach(id -> outcomes.put(id, other(BulkMatch.Kind.NO_MATCH)));
      outcomes.put(first, matched("one and the same"));
      node.batches.answered(
          half,
          outcomes,
          List.of(
              new BulkMatch.Export(
                  "g1",
                  List.of(new BulkMatch.Matched(first, "g1", "one and the same", Optional.empty())),
                  Optional.empty(),
                  true)));
    }

    assertThat(List.of(members.get(0), members.get(2)))
        .allSatisfy(
            id ->
                assertThat(node.find(id).transfer().reason())
                    .isEqualTo(FailureReason.AMBIGUOUS_MATCH));
  }

  @Test
  void whoIsAmbiguousAfterFilesOfItsExportCameNamesTheMatch() {
    List<String> first = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), first);
    split(1);
    List<String> second = register("Dogwood", "Elm", "Fir");

    answer(asked(Node.only(node.claims.claimForBatch(10))), second, "patient-" + first.get(0));

    assertThat(List.of(first.get(0), second.get(0)))
        .allSatisfy(
            id -> {
              assertThat(reason(id)).isEqualTo(FailureReason.AMBIGUOUS_MATCH);
              assertThat(node.outcomes.report(id).failedAt()).isEqualTo(Stage.MATCH_BATCH);
            });
  }

  @Test
  void aMemberThatNodesOfTwoDialectsPassToAndFroIsToldOfAndWaitsLongerEachTime() {
    List<String> members = register("Ash", "Birch", "Cedar");
    askedOneByOne();
    assertThat(askedAtOnce()).as("the first time without a wait").isEqualTo(members);

    askedOneByOne();

    assertThat(node.claims.claimForMatch(10)).isEmpty();
    assertThat(members)
        .allSatisfy(
            id -> {
              assertThat(node.events(id))
                  .containsExactly(
                      "RECEIVED", "ASKED_OTHERWISE", "ASKED_OTHERWISE", "ASKED_OTHERWISE");
              assertThat(
                      node.database
                          .jdbc()
                          .sql(
                              """
                              SELECT COUNT(*) FROM step WHERE transfer_id = ? AND due_at >
                                CURRENT_TIMESTAMP + INTERVAL '1' MINUTE""")
                          .param(id)
                          .query(Long.class)
                          .single())
                  .isOne();
            });
  }

  @Test
  void membersTakenInBeforeTheyHadKeysShareABatch() {
    List<String> members = register("Ash", "Birch", "Cedar");
    askedOneByOne();
    node.database.jdbc().sql("UPDATE transfer_request SET member_key = NULL").update();

    assertThat(askedAtOnce()).isEqualTo(members);

    assertThat(asks(Node.only(node.claims.claimForBatch(10))))
        .containsExactlyInAnyOrderElementsOf(members);
  }

  /** A node has the payer asked for one member at a time. */
  private void askedOneByOne() {
    node.steps.fail(
        Node.only(node.claims.claimForBatch(10)), FailureReason.UNKNOWN_PAYER, "not at once");
  }

  /** A node has the payer asked for many members at once. */
  private List<String> askedAtOnce() {
    List<TransferClaim> alone = node.claims.claimForMatch(10);
    alone.forEach(claim -> node.steps.fail(claim, FailureReason.UNKNOWN_PAYER, "not one by one"));
    return alone.stream().map(TransferClaim::transferId).sorted().toList();
  }

  @Test
  void whatThePayersErrorFilesSayIsAWarningOfEachMember() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    node.kickOff(Node.only(node.claims.claimForKickoff(10)));
    node.jobs.ready(
        Node.only(node.claims.claimForPoll(10)),
        Node.facts(),
        List.of(new NewFile(FileKind.ERROR, "OperationOutcome", "http://localhost/e", null, null)));
    node.files.stored(
        Node.only(node.claims.claimForDownload(10)),
        new FetchedFile(1, 10, "h", null, List.of("the payer reports 1 issue")),
        List.of());
    SplitClaim split = Node.only(node.claims.claimForSplit(10));

    for (SharedJobMember member : node.splits.members(split)) {
      node.splits.served(split, member, files(member, "Patient"), List.of(), List.of(), List.of());
    }

    assertThat(members)
        .allSatisfy(
            id -> {
              assertThat(node.find(id).transfer().warnings()).isEqualTo(1);
              assertThat(Node.only(node.find(id).jobs()).warnings())
                  .containsExactly("the payer reports 1 issue");
            });
  }

  @Test
  void anExportOfAWholeGroupNamesThoseWhoAreLeftOnceOneHasLeft() {
    List<String> members = register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));
    answer(poll, members, "patient-" + members.get(0), false);
    ExportJobClaim kickoff = Node.only(node.claims.claimForKickoff(10));
    assertThat(node.jobs.sharedScope(kickoff, TODAY).orElseThrow().named()).isFalse();

    node.operators.cancel(members.get(0), "a test");

    assertThat(node.jobs.sharedScope(kickoff, TODAY).orElseThrow().named()).isTrue();

    node.end();
    assertThat(forget(members.get(0))).isTrue();

    assertThat(node.jobs.sharedScope(kickoff, TODAY).orElseThrow().named())
        .as("a member who is forgotten has left all the same")
        .isTrue();
  }

  @Test
  void anExportOfAWholeGroupNamesThoseWhoAreLeftIfOneHasAnothersPatient() {
    List<String> first = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), first);
    split(1);
    List<String> second = register("Dogwood", "Elm", "Fir");

    answer(
        asked(Node.only(node.claims.claimForBatch(10))), second, "patient-" + first.get(0), false);

    assertThat(reason(second.get(0))).isEqualTo(FailureReason.AMBIGUOUS_MATCH);
    asksForTheOthersByName(second);
  }

  @Test
  void anExportOfAWholeGroupNamesThoseWhoAreLeftIfOneLeftBeforeTheAnswerWasTakenIn() {
    List<String> members = register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = asked(Node.only(node.claims.claimForBatch(10)));
    node.operators.cancel(members.get(0), "a test");

    answer(poll, members, "patient-" + members.get(0), false);

    asksForTheOthersByName(members);
  }

  /** The shared export asks for all of these but the first, and not for their whole Group. */
  private void asksForTheOthersByName(List<String> members) {
    ExportJobLedger.SharedScope scope =
        node.jobs.sharedScope(Node.only(node.claims.claimForKickoff(10)), TODAY).orElseThrow();
    assertThat(scope.patients())
        .containsExactlyElementsOf(members.stream().skip(1).map(id -> "patient-" + id).toList());
    assertThat(scope.named()).isTrue();
  }

  @Test
  void aSharedExportAsksForThoseWhoStillWaitAndWhoseConsentIsInForce() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    ExportJobClaim kickoff = Node.only(node.claims.claimForKickoff(10));
    node.operators.cancel(members.get(1), "a test");

    assertThat(node.jobs.sharedScope(kickoff, TODAY))
        .hasValueSatisfying(
            scope -> {
              assertThat(scope.patients())
                  .containsExactly("patient-" + members.get(0), "patient-" + members.get(2));
              assertThat(scope.named()).isTrue();
              assertThat(scope.since()).isNull();
            });
    assertThat(
            node.jobs.sharedScope(kickoff, Node.CONSENT_END.plusDays(1)).orElseThrow().patients())
        .isEmpty();
  }

  @Test
  void theMarkOfAMemberIsItsLastWholeExportThatBroughtAnything() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    SplitClaim split = split(1);
    List<SplitFile> files = List.of(new SplitFile("Patient", 1, Node.content("h"), null));
    for (SharedJobMember member : node.splits.members(split)) {
      boolean any = member.transferId().equals(members.get(0));
      node.splits.served(split, member, any ? files : List.of(), List.of(), List.of(), List.of());
    }
    node.splits.done(split, List.of());
    node.end();

    Map<String, LastExport> marks =
        node.batches.marks(
            "herd", members.stream().collect(Collectors.toMap(id -> id, id -> "patient-" + id)));

    assertThat(marks).containsOnlyKeys(members.get(0));
    assertThat(marks.values())
        .extracting(LastExport::transactionTime)
        .containsOnly(Node.facts().transactionTime());
    assertThat(marks.values())
        .extracting(LastExport::kickedOffAt)
        .allMatch(time -> time.isBefore(Instant.now()));
    String wider = register("Ash").get(0);
    database
        .jdbc()
        .sql(
            """
            INSERT INTO transfer_consent (transfer_id, policy)
            SELECT id, CASE WHEN id = ? THEN 'wider' ELSE 'narrow' END FROM transfer""")
        .param(wider)
        .update();
    assertThat(node.batches.marks("herd", Map.of(wider, "patient-" + members.get(0))))
        .as("under another consent policy")
        .isEmpty();
  }

  @Test
  void aFileOfASharedExportThatIsGoneIsFetchedAgainBeforeTheSplit() {
    List<String> members = register("Ash", "Birch", "Cedar");
    answer(asked(Node.only(node.claims.claimForBatch(10))), members);
    SplitClaim split = split(2);

    assertThat(node.splits.fetchAgain(split, List.of(2))).isTrue();

    assertThat(node.claims.claimForSplit(10)).isEmpty();
    node.files.stored(Node.only(node.claims.claimForDownload(10)), Node.content("h"), List.of());
    assertThat(node.splits.files(Node.only(node.claims.claimForSplit(10)))).hasSize(2);
  }
}
