package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.SharedJobMember;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/**
 * Whatever happens to a few members that are asked for at once, to their batches and to the exports
 * that they share, in whatever order: nobody waits for what does not come, nothing is left at the
 * payer, and in the end each member has ended and said so.
 */
class RandomBatchesTest extends RandomSteps {
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 27);
  private static final int MOST = 9;

  private int names;

  RandomBatchesTest() {
    super(
        Map.of(
            "an open batch has something to be done",
            """
            SELECT id FROM transfer WHERE is_batch AND state IN ('RECEIVED', 'MATCHED')
              AND NOT EXISTS
                (SELECT 1 FROM step WHERE transfer_id = transfer.id AND due_at IS NOT NULL)""",
            "who waits for an answer is in a batch that is to be asked for, or is",
            """
            SELECT id FROM transfer WHERE NOT is_batch AND state = 'RECEIVED' AND NOT EXISTS
              (SELECT 1 FROM step WHERE transfer_id = transfer.batch_id
                AND kind IN ('MATCH_BATCH', 'MATCH_POLL'))""",
            "a matched member has something to be done, or its part of an export to come",
            """
            SELECT id FROM transfer WHERE NOT is_batch AND state = 'MATCHED' AND NOT EXISTS
              (SELECT 1 FROM step WHERE transfer_id = transfer.id AND due_at IS NOT NULL)
              AND NOT EXISTS (SELECT 1 FROM export_job part
                WHERE part.transfer_id = transfer.id AND part.state = 'REQUESTED')""",
            "a part that is to come is of a shared export that has not ended",
            """
            SELECT part.id FROM export_job part JOIN transfer ON transfer.id = part.transfer_id
            LEFT JOIN export_job shared ON shared.id = part.shared_job
            WHERE transfer.state = 'MATCHED' AND part.kind = 'MEMBER' AND part.state = 'REQUESTED'
              AND COALESCE(shared.state, '')
                NOT IN ('REQUESTED', 'RUNNING', 'READY', 'SPLITTING')""",
            "a member has one part",
            """
            SELECT transfer_id FROM export_job WHERE kind = 'MEMBER'
            GROUP BY transfer_id HAVING COUNT(*) > 1""",
            "of what has ended the outcome was sent, or is to be",
            """
            SELECT id FROM transfer WHERE NOT is_batch AND state NOT IN ('RECEIVED', 'MATCHED')
              AND manifest_at IS NULL AND NOT EXISTS (SELECT 1 FROM step
                WHERE step.transfer_id = transfer.id AND step.kind = 'OUTCOME')""",
            "warnings are those of jobs, files and deliveries",
            """
            SELECT id FROM transfer WHERE NOT is_batch AND warnings <>
              (SELECT COALESCE(SUM(
                LENGTH(warnings) - LENGTH(REPLACE(warnings, CHR(10), '')) + 1), 0)
              FROM (SELECT transfer_id, warnings FROM export_job
                UNION ALL SELECT transfer_id, warnings FROM output_file
                UNION ALL SELECT transfer_id, warnings FROM delivery) part
              WHERE part.transfer_id = transfer.id)""",
            "of a batch that is over nothing is left at the payer once nothing is to be done",
            """
            SELECT job.id FROM export_job job JOIN transfer ON transfer.id = job.transfer_id
            WHERE transfer.is_batch AND transfer.state NOT IN ('RECEIVED', 'MATCHED')
              AND job.status_url IS NOT NULL AND job.released_at IS NULL
              AND NOT EXISTS (SELECT 1 FROM step WHERE step.transfer_id = transfer.id)"""));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void inTheEndEachMemberHasEndedAndSaidSo(long seed) {
    assumeThat(kind).as("the same statements, slower").isEqualTo(TestDatabase.H2);
    begin(seed);
    register(4);

    happens(300, 12);
  }

  @Override
  void meanwhile() {
    if (random.nextInt(20) == 0) {
      nothingWaits();
    }
    if (transfers.size() < MOST && random.nextInt(30) == 0) {
      register(1 + random.nextInt(2));
    }
  }

  /** Some are of a member that has another transfer. */
  private void register(int count) {
    log("registered " + count);
    for (int i = 0; i < count; i++) {
      int name = random.nextInt(5) == 0 ? random.nextInt(names + 1) : names++;
      transfers.addAll(new Herd(worker).register("Ash-" + name));
    }
  }

  /** Once an outcome or a release is given up, what is said of either does not hold. */
  @Override
  boolean mayFail(Claim claim) {
    return claim.stage() != Stage.OUTCOME && claim.stage() != Stage.RELEASE;
  }

  @Override
  boolean otherwise(Claim claim) {
    if (claim.stage() != Stage.MATCH_BATCH) {
      return super.otherwise(claim);
    }
    ExportJobClaim batch = (ExportJobClaim) claim;
    List<BatchLedger.BatchMember> members = worker.batches.members(batch);
    if (random.nextBoolean()) {
      return worker.batches.refused(batch, "422");
    }
    members.stream()
        .limit(1)
        .forEach(
            member ->
                worker.batches.memberFailed(
                    batch, member.transferId(), FailureReason.INCOMPLETE_RECORD, "a test"));
    return worker.steps.release(batch);
  }

  @Override
  boolean succeeds(Claim claim) {
    return switch (claim.stage()) {
      case MATCH_BATCH -> asked((ExportJobClaim) claim);
      case MATCH_POLL -> answered((ExportJobClaim) claim);
      case EXPORT_KICKOFF ->
          worker.jobs.sharedScope((ExportJobClaim) claim, TODAY).orElseThrow().patients().isEmpty()
              ? worker.steps.fail(claim, FailureReason.CONSENT_EXPIRED, "nobody is left")
              : super.succeeds(claim);
      case SPLIT -> split((SplitClaim) claim);
      default -> super.succeeds(claim);
    };
  }

  private boolean asked(ExportJobClaim batch) {
    if (worker.batches.members(batch).isEmpty()) {
      return worker.batches.nobodyWaits(batch);
    }
    return worker.batches.started(batch)
        && (random.nextInt(4) == 0
            ? answered(batch)
            : worker.jobs.running(batch, "match", "http://localhost/match", Duration.ZERO));
  }

  /** Members that matched share one of two exports; of one the answer may not speak. */
  private boolean answered(ExportJobClaim batch) {
    Map<String, BulkMatch.Outcome> outcomes = new HashMap<>();
    List<List<BulkMatch.Matched>> exports = List.of(new ArrayList<>(), new ArrayList<>());
    for (BatchLedger.BatchMember member : worker.batches.members(batch)) {
      String id = member.transferId();
      operateNowAndThen(4, id);
      if (random.nextInt(12) == 0) {
        continue;
      }
      BulkMatch.Kind answer = answer();
      String patient = patient(id);
      outcomes.put(id, new BulkMatch.Outcome(answer, "g1", patient, "for a test"));
      if (answer == BulkMatch.Kind.MATCHED) {
        exports
            .get(random.nextInt(2))
            .add(new BulkMatch.Matched(id, "g1", patient, Optional.empty()));
      }
    }
    return worker.batches.answered(
        batch,
        outcomes,
        exports.stream()
            .filter(members -> !members.isEmpty())
            .map(members -> new BulkMatch.Export("g1", members, Optional.empty(), true))
            .toList());
  }

  private BulkMatch.Kind answer() {
    BulkMatch.Kind[] kinds = BulkMatch.Kind.values();
    return ends() || random.nextInt(4) > 0
        ? BulkMatch.Kind.MATCHED
        : kinds[random.nextInt(kinds.length)];
  }

  /** Its own as a rule; one it did not have before, or maybe another's, now and then. */
  private String patient(String id) {
    return switch (random.nextInt(10)) {
      case 0 -> "patient-" + transfers.get(random.nextInt(transfers.size()));
      case 1 -> "other-" + id;
      default -> "patient-" + id;
    };
  }

  private void operateNowAndThen(int every, String id) {
    if (!ends() && random.nextInt(every) == 0) {
      operate(id);
    }
  }

  private boolean split(SplitClaim claim) {
    for (SharedJobMember member : worker.splits.members(claim)) {
      if (!member.open() || !worker.splits.isOpen(claim, member)) {
        continue;
      }
      operateNowAndThen(5, member.transferId());
      int how = ends() ? 0 : random.nextInt(10);
      if (how == 1) {
        loseLease(claim);
      }
      if (how == 2) {
        worker.splits.notServed(claim, member, FailureReason.CONSENT_EXPIRED, "a test");
      } else {
        worker.splits.served(
            claim,
            member,
            written(member.numbers(), types()),
            List.of("a"),
            List.of("b"),
            List.of());
      }
      if (how == 3) {
        return worker.steps.release(claim);
      }
    }
    return worker.splits.done(claim, List.of());
  }

  private List<String> types() {
    return Stream.of("Condition", "DocumentReference", "Patient")
        .filter(type -> random.nextInt(3) > 0)
        .toList();
  }
}
