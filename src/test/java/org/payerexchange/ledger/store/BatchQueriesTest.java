package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.ledger.BatchPhase;
import org.payerexchange.ledger.BatchSummary;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.MemberOutcome;
import org.payerexchange.ledger.OpenBatches;
import org.payerexchange.ledger.SharedJobMember;
import org.payerexchange.ledger.SplitClaim;

/** Batches as operators see them. */
class BatchQueriesTest extends LedgerTest {
  private BatchQueries queries;
  private Herd herd;

  @BeforeEach
  void openQueries() {
    queries = new BatchQueries(database);
    herd = new Herd(node);
  }

  @Test
  void aBatchThatGathersIsShownWithWhoWaitsAndUntilWhen() {
    Instant before = Instant.now();
    herd.register("Ash", "Birch");

    BatchSummary batch = open();

    assertThat(batch.payer()).isEqualTo(Herd.PAYER);
    assertThat(batch.phase()).isEqualTo(BatchPhase.GATHERING);
    assertThat(batch.members()).isEqualTo(2);
    assertThat(batch.outcomes()).isEqualTo(Map.of(MemberOutcome.RECEIVED, 2L));
    assertThat(Duration.between(before, batch.openedAt())).isLessThan(Duration.ofMinutes(5));
    assertThat(Duration.between(batch.openedAt(), batch.dueAt())).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void itIsShownInEachOfItsPhasesUntilItsJobsAreReleased() {
    List<String> members = herd.register("Ash", "Birch", "Cedar");
    String id = open().id();
    assertThat(open().phase()).as("full").isEqualTo(BatchPhase.ASKING);

    ExportJobClaim poll = herd.asked();
    assertThat(open().phase()).isEqualTo(BatchPhase.MATCHING);

    herd.answered(
        poll,
        Map.of(
            members.get(0), BulkMatch.Kind.MATCHED,
            members.get(1), BulkMatch.Kind.NO_MATCH,
            members.get(2), BulkMatch.Kind.CONSENT_CONSTRAINED));
    assertThat(open().phase()).isEqualTo(BatchPhase.EXPORTING);
    assertThat(open().outcomes())
        .isEqualTo(
            Map.of(
                MemberOutcome.MATCHED, 1L,
                MemberOutcome.NO_MATCH, 1L,
                MemberOutcome.CONSENT_CONSTRAINED, 1L));

    node.kickOff(Node.only(node.claims.claimForKickoff(10)));
    node.jobs.ready(Node.only(node.claims.claimForPoll(10)), Node.facts(), Node.manifest(1));
    assertThat(open().phase()).as("files come").isEqualTo(BatchPhase.EXPORTING);
    node.files.stored(Node.only(node.claims.claimForDownload(10)), Node.content("h"), List.of());
    assertThat(open().phase()).isEqualTo(BatchPhase.SPLITTING);

    SplitClaim split = Node.only(node.claims.claimForSplit(10));
    for (SharedJobMember member : node.splits.members(split)) {
      node.splits.served(split, member, List.of(), List.of(), List.of(), List.of());
    }
    node.splits.done(split, List.of());
    node.end();
    assertThat(open().phase()).isEqualTo(BatchPhase.RELEASING);
    assertThat(open().outcomes()).containsEntry(MemberOutcome.COMPLETE, 1L);

    node.jobs.released(Node.only(node.claims.claimForRelease(10)));
    node.jobs.released(Node.only(node.claims.claimForRelease(10)));
    assertThat(queries.open().batches()).isEmpty();
    assertThat(queries.open().total()).isZero();
    assertThat(queries.openByPayer()).isEmpty();
    assertThat(queries.find(id))
        .hasValueSatisfying(
            ended -> {
              assertThat(ended.phase()).isEqualTo(BatchPhase.ENDED);
              assertThat(ended.members()).isEqualTo(3);
              assertThat(ended.dueAt()).isNull();
            });
  }

  @Test
  void membersThatAreAskedForAnewAreCountedInTheirNewBatches() {
    List<String> members = herd.register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = herd.asked();

    herd.answered(
        poll,
        Map.of(
            members.get(0), BulkMatch.Kind.MATCHED,
            members.get(1), BulkMatch.Kind.MATCHED,
            members.get(2), BulkMatch.Kind.UNCORRELATED));

    List<BatchSummary> batches = queries.open().batches();
    assertThat(batches)
        .extracting(BatchSummary::phase)
        .containsExactly(BatchPhase.EXPORTING, BatchPhase.ASKING);
    assertThat(batches).extracting(BatchSummary::members).containsExactly(3, 1);
    assertThat(batches)
        .extracting(BatchSummary::outcomes)
        .containsExactly(Map.of(MemberOutcome.MATCHED, 2L), Map.of(MemberOutcome.RECEIVED, 1L));
  }

  @Test
  void whoIsAmbiguousOnlyLaterIsCountedAsThat() {
    List<String> members = herd.register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = herd.asked();
    herd.answered(
        poll,
        Map.of(
            members.get(0), BulkMatch.Kind.MATCHED,
            members.get(1), BulkMatch.Kind.MATCHED,
            members.get(2), BulkMatch.Kind.UNCORRELATED));

    node.batches.answered(
        herd.asked(),
        Map.of(
            members.get(2),
            new BulkMatch.Outcome(
                BulkMatch.Kind.AMBIGUOUS, null, "patient-" + members.get(0), null)),
        List.of());

    assertThat(queries.outcomes().get(Herd.PAYER))
        .isEqualTo(Map.of(MemberOutcome.AMBIGUOUS_MATCH, 2L, MemberOutcome.MATCHED, 1L));
  }

  @Test
  void ofManyTheOldestAreListedAndAllAreCounted() {
    String first = herd.register("Ash", "Birch", "Cedar").get(0);
    herd.register(
        IntStream.range(0, 3 * OpenBatches.MOST)
            .mapToObj(i -> "Member" + i)
            .toArray(String[]::new));

    OpenBatches open = queries.open();

    assertThat(open.total()).isEqualTo(OpenBatches.MOST + 1);
    assertThat(open.batches()).hasSize(OpenBatches.MOST);
    assertThat(open.batches().get(0).id())
        .isEqualTo(node.queries.summary(first).orElseThrow().batch());
    assertThat(open.batches()).allMatch(batch -> batch.members() == 3);
    assertThat(queries.openByPayer().get(Herd.PAYER).count()).isEqualTo(open.total());
  }

  @Test
  void theOldestOpenBatchOfAPayerHasAnAge() {
    herd.register("Ash");
    node.register("bison", 1);
    database
        .jdbc()
        .sql("UPDATE transfer SET received_at = received_at - INTERVAL '2' HOUR WHERE is_batch")
        .update();
    herd.register("ash ");

    assertThat(queries.openByPayer()).containsOnlyKeys(Herd.PAYER);
    OpenBatches.OfPayer open = queries.openByPayer().get(Herd.PAYER);
    assertThat(open.count()).as("a member's second transfer is in another").isEqualTo(2);
    assertThat(open.oldest()).isBetween(Duration.ofHours(2), Duration.ofHours(3));
  }

  @Test
  void outcomesOfMembersAreCountedByPayerAndStayWhenTheirBatchIsOver() {
    List<String> members = herd.register("Ash", "Birch", "Cedar");
    node.register("bison", 1);
    node.operators.cancel(members.get(0), "a test");
    herd.answered(
        herd.asked(),
        Map.of(
            members.get(1), BulkMatch.Kind.AMBIGUOUS,
            members.get(2), BulkMatch.Kind.NO_MATCH));
    node.jobs.released(Node.only(node.claims.claimForRelease(10)));

    assertThat(queries.open().batches()).isEmpty();
    assertThat(queries.outcomes())
        .isEqualTo(
            Map.of(
                Herd.PAYER,
                Map.of(
                    MemberOutcome.CANCELLED, 1L,
                    MemberOutcome.AMBIGUOUS_MATCH, 1L,
                    MemberOutcome.NO_MATCH, 1L)));
  }

  @Test
  void aMemberNamesItsBatchAndABatchItsJobsByTheirKinds() {
    List<String> members = herd.register("Ash", "Birch", "Cedar");
    String other = herd.register("Elm").get(0);
    String bison = node.register("bison", 1).get(0);
    ExportJobClaim poll = herd.asked();
    herd.answered(
        poll,
        Map.of(
            members.get(0), BulkMatch.Kind.MATCHED,
            members.get(1), BulkMatch.Kind.MATCHED,
            members.get(2), BulkMatch.Kind.MATCHED));
    String batch = poll.transferId();

    assertThat(members).allMatch(id -> node.find(id).transfer().batch().equals(batch));
    assertThat(node.find(other).transfer().batch()).isNotNull().isNotEqualTo(batch);
    assertThat(node.find(bison).transfer().batch()).isNull();
    assertThat(
            node.queries
                .page(
                    new TransferFilter(
                        Set.of(), null, Set.of(), null, null, null, batch, null, null),
                    0,
                    50)
                .transfers())
        .extracting(TransferSummary::id)
        .containsExactlyInAnyOrderElementsOf(members);

    assertThat(node.find(members.get(0)).jobs())
        .extracting(TransferDetails.Job::kind)
        .containsExactly(JobKind.MEMBER);
    TransferDetails shown = node.find(batch);
    assertThat(shown.jobs())
        .extracting(TransferDetails.Job::kind)
        .containsExactly(JobKind.MATCH, JobKind.SHARED);
    assertThat(shown.transfer().source()).isNull();
    assertThat(shown.transfer().recordNumber()).isNull();
    assertThat(queries.find(members.get(0))).as("a member is no batch").isEmpty();
    assertThat(queries.find("no-such-batch")).isEmpty();
  }

  /** The only open batch. */
  private BatchSummary open() {
    return Node.only(queries.open().batches());
  }
}
