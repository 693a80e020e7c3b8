package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileNumbers;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;

/**
 * Whatever happens to a few transfers, in whatever order: nothing waits for ever, nothing is to be
 * done of what has ended, and in the end each transfer has ended and said so.
 */
class RandomTransfersTest extends LedgerTest {
  private static final int EVENTS = 250;
  private static final List<String> SINKS = List.of("a", "b");

  /** Queries that find something only where a rule is broken. */
  private static final Map<String, String> RULES =
      Map.of(
          "what is counted is there",
          """
          SELECT id FROM transfer
          WHERE open_jobs <> (SELECT COUNT(*) FROM export_job WHERE transfer_id = transfer.id
              AND export_job.state IN ('REQUESTED', 'RUNNING', 'READY', 'SPLITTING'))
            OR open_deliveries <> (SELECT COUNT(*) FROM delivery WHERE transfer_id = transfer.id
              AND delivery.state = 'PENDING')
            OR EXISTS (SELECT 1 FROM export_job WHERE transfer_id = transfer.id AND open_files <>
              (SELECT COUNT(*) FROM output_file WHERE job_id = export_job.id
                AND output_file.state = 'PENDING'))""",
          "an open transfer has something to be done",
          """
          SELECT id FROM transfer WHERE state IN ('RECEIVED', 'MATCHED') AND NOT EXISTS
            (SELECT 1 FROM step WHERE transfer_id = transfer.id AND due_at IS NOT NULL)""",
          "of a transfer that has ended only its outcome and releases are left",
          """
          SELECT step.id FROM step JOIN transfer ON transfer.id = transfer_id
          WHERE transfer.state NOT IN ('RECEIVED', 'MATCHED')
            AND step.kind NOT IN ('OUTCOME', 'RELEASE')""",
          "a job has the step of its state",
          """
          SELECT job.id FROM export_job job LEFT JOIN step ON step.transfer_id = job.transfer_id
            AND item = job.id AND step.kind IN ('EXPORT_KICKOFF', 'RETRIEVE', 'EXPORT_POLL', 'SPLIT_TYPES', 'RELEASE')
          WHERE CASE job.state
            WHEN 'REQUESTED' THEN COALESCE(step.kind, '') NOT IN
              ('RELEASE', CASE job.kind WHEN 'PAGES' THEN 'RETRIEVE' ELSE 'EXPORT_KICKOFF' END)
            WHEN 'RUNNING' THEN COALESCE(step.kind, '') <> 'EXPORT_POLL'
            WHEN 'READY' THEN step.kind IS NOT NULL
            WHEN 'SPLITTING' THEN COALESCE(step.kind, '') <> 'SPLIT_TYPES'
            ELSE COALESCE(step.kind, 'RELEASE') <> 'RELEASE' END""",
          "a file that is to be fetched has a step",
          """
          SELECT file.id FROM output_file file JOIN export_job job ON job.id = file.job_id
          WHERE file.state = 'PENDING' AND job.state = 'READY' AND NOT EXISTS (SELECT 1 FROM step
            WHERE step.transfer_id = file.transfer_id AND step.kind = 'DOWNLOAD'
              AND item = file.id)""",
          "a download is of a pending file that has a URL",
          """
          SELECT step.id FROM step LEFT JOIN output_file file ON file.id = item
          WHERE step.kind = 'DOWNLOAD' AND (file.state IS NULL
            OR file.state <> 'PENDING' OR file.url = '')""",
          "a pending delivery has a step, and no other",
          """
          SELECT delivery.id FROM delivery LEFT JOIN step ON step.transfer_id = delivery.transfer_id
            AND step.kind = 'DELIVER' AND item = delivery.id
          WHERE (delivery.state = 'PENDING') <> (step.id IS NOT NULL)""",
          "what is to be split by type is of no sink, and is gone once it is split",
          """
          SELECT file.id FROM output_file file JOIN export_job job ON job.id = file.job_id
          WHERE file.shared <> (file.resource_type = 'Resource')
            OR file.shared AND (file.turn IS NOT NULL OR file.whole_turn IS NOT NULL
              OR job.kind <> 'MIXED' OR job.state = 'COMPLETE')""",
          "nothing is open of a job that has ended",
          """
          SELECT job.id FROM export_job job
          WHERE job.state NOT IN ('REQUESTED', 'RUNNING', 'READY') AND EXISTS
            (SELECT 1 FROM output_file WHERE job_id = job.id AND state = 'PENDING')""",
          "a complete transfer has complete jobs and deliveries alone",
          """
          SELECT id FROM transfer WHERE state = 'COMPLETE' AND (EXISTS (SELECT 1 FROM export_job
            WHERE transfer_id = transfer.id AND export_job.state <> 'COMPLETE') OR EXISTS (SELECT 1
            FROM delivery WHERE transfer_id = transfer.id AND state <> 'DONE'))""");

  private static final List<String> TYPES = List.of("Condition", "Patient");

  private final List<String> log = new ArrayList<>();
  private Random random;
  private Node worker;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void inTheEndEachTransferHasEndedAndSaidSo(long seed) {
    random = new Random(seed);
    worker = node("worker", Duration.ofMinutes(5));
    List<String> transfers = new ArrayList<>(worker.register("bison", 2));
    transfers.addAll(worker.register("elk", 2));
    List<Claim> inHand = new ArrayList<>();
    for (int event = 0; event < EVENTS; event++) {
      if (inHand.isEmpty() || random.nextInt(3) == 0) {
        inHand.addAll(worker.leases.claim(capacity()));
      }
      if (random.nextInt(25) == 0) {
        operate(transfers.get(random.nextInt(transfers.size())));
      } else if (!inHand.isEmpty()) {
        Claim claim = inHand.remove(random.nextInt(inHand.size()));
        if (random.nextInt(12) == 0) {
          loseLease(claim);
        }
        happens(claim, random.nextInt(10) < 6);
      }
      assertRules();
    }
    finish(inHand);

    for (String id : transfers) {
      assertThat(worker.find(id).transfer().state().terminal()).as("%s of %s", id, log).isTrue();
    }
    assertThat(rows("SELECT id FROM step WHERE kind <> 'RELEASE'")).as(log.toString()).isEmpty();
  }

  private static Capacity capacity() {
    return new Capacity(kind -> true, Map.of(), 64, 4, Set.copyOf(SINKS));
  }

  private void operate(String id) {
    if (random.nextBoolean()) {
      log.add("cancel " + worker.operators.cancel(id, "alice"));
    } else {
      log.add("retry " + worker.operators.retry(id, "alice"));
    }
  }

  /** Another node takes it, and gives it back. */
  private void loseLease(Claim claim) {
    log.add("lost lease of " + claim.stage());
    database
        .jdbc()
        .sql(
            """
            UPDATE step SET lease_owner = NULL, lease_until = NULL,
              lease_token = lease_token + 1000000, due_at = CURRENT_TIMESTAMP
            WHERE id = ? AND lease_token = ?""")
        .params(claim.lease().step(), claim.leaseToken())
        .update();
  }

  private void happens(Claim claim, boolean well) {
    if (well) {
      log.add(claim.stage() + " " + succeeds(claim));
      return;
    }
    switch (random.nextInt(4)) {
      case 0 ->
          log.add(
              claim.stage()
                  + " later "
                  + worker.steps.retryLater(
                      claim, FailureReason.BAD_ANSWER, "a test", Duration.ZERO));
      case 1 ->
          log.add(
              claim.stage()
                  + " failed "
                  + worker.steps.fail(claim, FailureReason.PAYER_REFUSED, "a test"));
      case 2 -> log.add(claim.stage() + " given back " + worker.steps.release(claim));
      default -> log.add(claim.stage() + " otherwise " + otherwise(claim));
    }
  }

  private boolean otherwise(Claim claim) {
    return switch (claim.stage()) {
      case MEMBER_MATCH ->
          worker.transfers.noMatch((TransferClaim) claim, FailureReason.NO_MATCH, "422");
      case EXPORT_POLL ->
          random.nextBoolean()
              ? worker.jobs.startAgain((ExportJobClaim) claim, FailureReason.JOB_GONE)
              : worker.jobs.expired((ExportJobClaim) claim, "a test");
      case RETRIEVE -> worker.retrievals.exportInstead((ExportJobClaim) claim);
      case DOWNLOAD -> worker.files.manifestNeeded((OutputFileClaim) claim);
      case DELIVER -> {
        DeliveryClaim delivery = (DeliveryClaim) claim;
        List<StoredFile> files = worker.deliveries.files(delivery, 1);
        yield files.isEmpty()
            ? worker.steps.release(claim)
            : worker.deliveries.fetchAgain(delivery, List.of(files.get(0).number()));
      }
      case OUTCOME -> {
        OutcomeClaim outcome = (OutcomeClaim) claim;
        List<Integer> stored =
            worker.outcomes.report(claim.transferId()).files().stream()
                .filter(TransferReport.ReportedFile::isStored)
                .map(TransferReport.ReportedFile::number)
                .toList();
        yield (outcome.state() == TransferState.MATCHED && !outcome.written() && !stored.isEmpty())
            ? worker.outcomes.fetchAgain(outcome, stored)
            : worker.steps.release(claim);
      }
      default -> worker.steps.release(claim);
    };
  }

  private boolean succeeds(Claim claim) {
    return switch (claim.stage()) {
      case MEMBER_MATCH ->
          random.nextInt(3) == 0
              ? worker.transfers.matchedPatient((TransferClaim) claim, "p1", true)
              : worker.transfers.matched((TransferClaim) claim, List.of("g1", "g2"));
      case RETRIEVE -> retrieved((ExportJobClaim) claim);
      case EXPORT_KICKOFF -> {
        ExportJobClaim job = (ExportJobClaim) claim;
        yield worker.jobs.kickoffStarted(job, AskedFor.ALL)
            && worker.jobs.running(
                job, "job", "http://localhost/job/" + random.nextInt(1000), Duration.ZERO);
      }
      case EXPORT_POLL -> worker.jobs.ready((ExportJobClaim) claim, Node.facts(), manifest());
      case DOWNLOAD -> stored((OutputFileClaim) claim);
      case DELIVER -> worker.deliver((DeliveryClaim) claim).isPresent();
      case OUTCOME -> worker.outcomes.sent((OutcomeClaim) claim);
      case RELEASE -> worker.jobs.released((ExportJobClaim) claim);
      case SPLIT_TYPES -> split((SplitClaim) claim);
      case MATCH_BATCH, MATCH_POLL, SPLIT ->
          throw new AssertionError("nobody is asked for in batches");
    };
  }

  private boolean stored(OutputFileClaim claim) {
    FetchedFile file = Node.content("hash-" + random.nextInt(2));
    return claim.shared()
        ? worker.files.storedForNobody(claim, file)
        : worker.files.stored(claim, file, List.of("a"), List.of("b"), (long) claim.number());
  }

  private List<NewFile> manifest() {
    List<NewFile> files = Node.manifest(random.nextInt(4), "export-" + random.nextInt(2));
    return random.nextInt(3) > 0
        ? files
        : files.stream()
            .map(file -> new NewFile(FileKind.OUTPUT, FileKind.ALL_TYPES, file.url(), true, null))
            .toList();
  }

  private boolean split(SplitClaim claim) {
    List<Integer> files =
        worker.splits.files(claim).stream().map(SplitLedger.SharedFile::number).toList();
    if (!files.isEmpty() && random.nextInt(4) == 0) {
      return worker.splits.fetchAgain(claim, files.subList(0, 1));
    }
    List<String> types = TYPES.subList(0, random.nextInt(3));
    return worker
        .splits
        .numbers(claim, types)
        .map(numbers -> written(numbers, types))
        .filter(own -> worker.splits.splitByType(claim, own, List.of("a"), List.of("b")))
        .isPresent();
  }

  private List<SplitFile> written(FileNumbers numbers, List<String> types) {
    List<SplitFile> files = new ArrayList<>();
    int added = 0;
    for (String type : types) {
      int number = numbers.of(type, added);
      added += numbers.known().containsKey(type) ? 0 : 1;
      files.add(
          new SplitFile(type, number, Node.content("hash-" + random.nextInt(2)), (long) number));
    }
    return files;
  }

  private boolean retrieved(ExportJobClaim claim) {
    FileNumbers numbers = worker.retrievals.numbers(claim);
    List<SplitFile> files = written(numbers, TYPES.subList(0, random.nextInt(3)));
    return worker.retrievals.reached(claim, "a page", 1, true)
        && worker.retrievals.retrieved(claim, null, files, List.of(), List.of("a"), List.of("b"));
  }

  /** From now on all goes well. */
  private void finish(List<Claim> inHand) {
    inHand.forEach(worker.steps::release);
    for (int round = 0; round < 1000; round++) {
      List<Claim> claims = worker.leases.claim(capacity());
      if (claims.isEmpty()) {
        return;
      }
      for (Claim claim : claims) {
        log.add(claim.stage() + " " + succeeds(claim));
        assertRules();
      }
    }
    throw new AssertionError("it never ends: " + log);
  }

  private void assertRules() {
    RULES.forEach(
        (rule, broken) -> assertThat(rows(broken)).as("%s, after %s", rule, log).isEmpty());
  }

  private List<Object> rows(String sql) {
    return database.jdbc().sql(sql).query(Object.class).list();
  }
}
