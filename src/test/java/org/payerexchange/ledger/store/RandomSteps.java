package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileNumbers;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.LinkLoss;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;

/**
 * Steps that go well, fail, are given back or lose their lease, in any order, with operators in
 * between, and what holds whatever happens.
 */
abstract class RandomSteps extends LedgerTest {
  private static final List<String> SINKS = List.of("a", "b");
  private static final List<FailureReason> WHY =
      List.of(FailureReason.PAYER_REFUSED, FailureReason.JOB_FAILED);

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
          "of a transfer that has ended only its outcome and releases are left",
          """
          SELECT step.id FROM step JOIN transfer ON transfer.id = transfer_id
          WHERE transfer.state NOT IN ('RECEIVED', 'MATCHED')
            AND step.kind NOT IN ('OUTCOME', 'RELEASE')""",
          "a job has the step of its state, and the part of a member none",
          """
          SELECT job.id FROM export_job job LEFT JOIN step ON step.transfer_id = job.transfer_id
            AND item = job.id AND step.kind IN ('MATCH_BATCH', 'MATCH_POLL', 'EXPORT_KICKOFF',
              'RETRIEVE', 'EXPORT_POLL', 'SPLIT', 'SPLIT_TYPES', 'RELEASE')
          WHERE CASE WHEN job.kind = 'MEMBER' THEN step.id IS NOT NULL ELSE CASE job.state
            WHEN 'REQUESTED' THEN COALESCE(step.kind, '') NOT IN ('RELEASE', CASE job.kind
              WHEN 'MATCH' THEN 'MATCH_BATCH' WHEN 'PAGES' THEN 'RETRIEVE'
              ELSE 'EXPORT_KICKOFF' END)
            WHEN 'RUNNING' THEN COALESCE(step.kind, '') <>
              CASE job.kind WHEN 'MATCH' THEN 'MATCH_POLL' ELSE 'EXPORT_POLL' END
            WHEN 'READY' THEN step.kind IS NOT NULL
            WHEN 'SPLITTING' THEN COALESCE(step.kind, '') <>
              CASE job.kind WHEN 'SHARED' THEN 'SPLIT' ELSE 'SPLIT_TYPES' END
            ELSE COALESCE(step.kind, 'RELEASE') <> 'RELEASE' END END""",
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
          "nothing is open of a job that has ended",
          """
          SELECT job.id FROM export_job job
          WHERE job.state NOT IN ('REQUESTED', 'RUNNING', 'READY', 'SPLITTING') AND EXISTS
            (SELECT 1 FROM output_file WHERE job_id = job.id AND state = 'PENDING')""",
          "a complete transfer has complete jobs and deliveries alone",
          """
          SELECT id FROM transfer WHERE NOT is_batch AND state = 'COMPLETE' AND (EXISTS
            (SELECT 1 FROM export_job
              WHERE transfer_id = transfer.id AND export_job.state <> 'COMPLETE')
            OR EXISTS (SELECT 1 FROM delivery WHERE transfer_id = transfer.id AND state <> 'DONE'))""");

  private final String broken;
  private final List<String> log = new ArrayList<>();
  private final List<Claim> inHand = new ArrayList<>();
  final List<String> transfers = new ArrayList<>();
  Random random;
  Node worker;
  private RandomSinks sinks;
  private boolean ends;

  /**
   * Steps of some kind.
   *
   * @param ownRules what holds beside what always does
   */
  RandomSteps(Map<String, String> ownRules) {
    broken =
        Stream.of(RULES, ownRules)
            .flatMap(rules -> rules.entrySet().stream())
            .map(
                rule ->
                    "SELECT '%s: ' || id FROM (%s) AS broken (id)"
                        .formatted(rule.getKey(), rule.getValue()))
            .collect(Collectors.joining("\nUNION ALL "));
  }

  void begin(long seed) {
    random = new Random(seed);
    worker = node("worker", Duration.ofMinutes(5));
    sinks = new RandomSinks(worker, database);
  }

  /**
   * So often something happens; from then on all goes well, until nothing is to be done.
   *
   * @param operators one time in so many it is an operator who does something
   */
  void happens(int events, int operators) {
    for (int event = 0; event < events; event++) {
      meanwhile();
      if (inHand.isEmpty() || random.nextInt(3) == 0) {
        inHand.addAll(worker.leases.claim(capacity()));
      }
      if (random.nextInt(operators) == 0) {
        operate(transfers.get(random.nextInt(transfers.size())));
      } else if (!inHand.isEmpty()) {
        Claim claim = inHand.remove(random.nextInt(inHand.size()));
        if (random.nextInt(12) == 0) {
          loseLease(claim);
        }
        happens(claim);
      }
      assertRules();
    }
    finish();
    assertThat(rows("SELECT id FROM transfer WHERE state IN ('RECEIVED', 'MATCHED')"))
        .as("open after %s", log)
        .isEmpty();
    assertThat(rows("SELECT id FROM step")).as("to be done after %s", log).isEmpty();
    assertThat(sinks.lacking()).as("complete after %s", log).isEmpty();
  }

  /** What happens beside steps. */
  void meanwhile() {}

  private static Capacity capacity() {
    return new Capacity(kind -> true, Map.of(), 64, 4, Set.copyOf(SINKS));
  }

  void log(String what) {
    log.add(what);
  }

  private void log(Claim claim, String what, boolean done) {
    log("%s of %s %s %s".formatted(claim.stage(), claim.transferId(), what, done));
  }

  void operate(String id) {
    switch (random.nextInt(6)) {
      case 0 -> log("cancel %s %s".formatted(id, worker.operators.cancel(id, "alice")));
      case 1 -> log("withdraw %s %s".formatted(id, worker.operators.withdraw(id, "alice")));
      default -> log("retry %s %s".formatted(id, worker.operators.retry(id, "alice")));
    }
  }

  /** Another node takes it, and gives it back. */
  void loseLease(Claim claim) {
    log("lost lease of " + claim.stage());
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

  /** Whatever waits for its time, or for others, waits no longer. */
  void nothingWaits() {
    database
        .jdbc()
        .sql(
            """
            UPDATE step SET due_at = CURRENT_TIMESTAMP
            WHERE lease_until IS NULL AND due_at > CURRENT_TIMESTAMP""")
        .update();
  }

  private void happens(Claim claim) {
    int how = random.nextInt(10);
    if (how < 6 && claim instanceof DeliveryClaim delivery) {
      boolean goesOn = sinks.goOn(delivery);
      log(claim, "a bit", goesOn);
      if (goesOn) {
        inHand.add(claim);
      }
    } else if (how < 6) {
      log(claim, "well", succeeds(claim));
    } else if (how == 6 && mayFail(claim)) {
      log(
          claim,
          "later",
          worker.steps.retryLater(claim, FailureReason.BAD_ANSWER, "a test", Duration.ZERO));
    } else if (how == 7 && mayFail(claim)) {
      FailureReason why = WHY.get(random.nextInt(WHY.size()));
      log(claim, "failed", worker.steps.fail(claim, why, "a test"));
    } else if (how == 8) {
      log(claim, "given back", worker.steps.release(claim));
    } else {
      log(claim, "otherwise", otherwise(claim));
    }
  }

  /** Whether a step of this kind fails now and then. */
  boolean mayFail(Claim claim) {
    return true;
  }

  /** Neither well nor as a failure. */
  boolean otherwise(Claim claim) {
    return switch (claim.stage()) {
      case MATCH_POLL, EXPORT_POLL ->
          random.nextBoolean()
              ? worker.jobs.startAgain((ExportJobClaim) claim, FailureReason.JOB_GONE)
              : worker.jobs.expired((ExportJobClaim) claim, "a test");
      case DOWNLOAD ->
          ((OutputFileClaim) claim).kind() == FileKind.ATTACHMENT
              ? worker.steps.fail(claim, FailureReason.PAYER_REFUSED, "404")
              : worker.files.manifestNeeded((OutputFileClaim) claim, LinkLoss.IN_VAIN);
      case SPLIT, SPLIT_TYPES -> fetchesAgain((SplitClaim) claim) || worker.steps.release(claim);
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

  /** A file of an export that is to be split is not there any more, if it has one. */
  private boolean fetchesAgain(SplitClaim claim) {
    List<Integer> first =
        worker.splits.files(claim).stream().map(SplitLedger.SharedFile::number).limit(1).toList();
    return !first.isEmpty() && worker.splits.fetchAgain(claim, first);
  }

  boolean succeeds(Claim claim) {
    return switch (claim.stage()) {
      case EXPORT_KICKOFF -> {
        ExportJobClaim job = (ExportJobClaim) claim;
        yield worker.jobs.kickoffStarted(job, AskedFor.ALL)
            && worker.jobs.running(
                job, "job", "http://localhost/job/" + random.nextInt(1000), Duration.ZERO);
      }
      case EXPORT_POLL -> worker.jobs.ready((ExportJobClaim) claim, Node.facts(), manifest());
      case DOWNLOAD -> stored((OutputFileClaim) claim);
      case DELIVER -> {
        while (sinks.goOn((DeliveryClaim) claim)) {}
        yield true;
      }
      case OUTCOME -> worker.outcomes.sent((OutcomeClaim) claim);
      case RELEASE ->
          ((ExportJobClaim) claim).needed()
              ? worker.jobs.releasedLater((ExportJobClaim) claim)
              : worker.jobs.released((ExportJobClaim) claim);
      default -> throw new AssertionError("nobody asks so: " + claim.stage());
    };
  }

  /** Some have more Patients than a member's export may have. */
  List<NewFile> manifest() {
    boolean patients = random.nextBoolean();
    return Node.manifest(random.nextInt(4), "export-" + random.nextInt(2)).stream()
        .map(
            file ->
                patients ? new NewFile(FileKind.OUTPUT, "Patient", file.url(), true, null) : file)
        .toList();
  }

  private boolean stored(OutputFileClaim claim) {
    FetchedFile file = content(claim.resourceType());
    return claim.shared()
        ? worker.files.storedForNobody(claim, file)
        : worker.files.stored(claim, file, List.of("a"), List.of("b"), (long) claim.number());
  }

  List<SplitFile> written(FileNumbers numbers, List<String> types) {
    List<SplitFile> files = new ArrayList<>();
    int added = 0;
    for (String type : types) {
      int number = numbers.of(type, added);
      added += numbers.known().containsKey(type) ? 0 : 1;
      files.add(new SplitFile(type, number, content(type), (long) number));
    }
    return files;
  }

  /** Files of documents name up to two attachments. */
  FetchedFile content(String type) {
    FetchedFile file = Node.content("hash-" + random.nextInt(2));
    if (!type.equals("DocumentReference")) {
      return file;
    }
    List<Attachment> named =
        IntStream.range(0, 3)
            .filter(number -> random.nextInt(3) == 0)
            .mapToObj(
                number ->
                    new Attachment(
                        "http://localhost/attachment/" + number,
                        null,
                        null,
                        null,
                        "DocumentReference-1.ndjson/1"))
            .toList();
    return file.naming(
        new FoundAttachments(named, 0, 3, random.nextInt(3) == 0 ? List.of("said") : List.of()));
  }

  /** Whether from now on all goes well. */
  boolean ends() {
    return ends;
  }

  private void finish() {
    ends = true;
    inHand.forEach(worker.steps::release);
    for (int round = 0; round < 1000; round++) {
      nothingWaits();
      List<Claim> claims = worker.leases.claim(capacity());
      if (claims.isEmpty()) {
        return;
      }
      for (Claim claim : claims) {
        log(claim, "at last", succeeds(claim));
        assertRules();
      }
    }
    throw new AssertionError("it never ends: " + log);
  }

  private void assertRules() {
    assertThat(rows(broken)).as("broken after %s", log).isEmpty();
  }

  private List<Object> rows(String sql) {
    return database.jdbc().sql(sql).query(Object.class).list();
  }
}
