package org.payerexchange.ledger.store;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.payerexchange.dialect.Dialect;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.intake.MemberKey;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.ManifestFacts;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.Capacity;
import org.payerexchange.support.LimitedPayers;
import org.payerexchange.support.PlainPayer;
import org.payerexchange.support.PlainRecord;
import org.payerexchange.support.SettableClock;

/** One node's ledgers. */
final class Node {
  static final Duration NOW = Duration.ZERO;
  static final LocalDate CONSENT_END = LocalDate.of(2099, 12, 31);

  /** A file has 10 ({@link #content}): two files of Patients are not too many, and three are. */
  static final PatientBound PATIENTS = new PatientBound(25);

  static final List<String> SINKS = List.of("file-uri-1", "resource-uri-1");

  final LedgerDatabase database;
  final Leases leases;
  final Claims claims;
  final TransferLedger transfers;
  final ExportJobLedger jobs;
  final OutputFileLedger files;
  final DeliveryLedger deliveries;
  final OutcomeLedger outcomes;
  final StepLedger steps;
  final StepEnds ends;
  final BatchLedger batches;
  final SplitLedger splits;
  final RetrievalLedger retrievals;
  final PayerHolds holds;
  final TokenHolds tokenHolds;
  final OperatorLedger operators;
  final TransferQueries queries;
  final WithdrawalLedger withdrawals;

  /** By which requests repeat. */
  final SettableClock clock = new SettableClock(Instant.parse("2026-01-01T00:00:00Z"));

  Node(LedgerDatabase database, String name, Duration lease) {
    this(database, new LedgerWatch(database, Clock.systemUTC()), name, lease);
  }

  Node(LedgerDatabase database, LedgerWatch watch, String name, Duration lease) {
    this(
        database,
        watch,
        name,
        new Leases.Limits(lease, Duration.ofHours(24), Duration.ofHours(24)),
        Capacity.none());
  }

  Node(LedgerDatabase database, String name, Leases.Limits limits, Capacity capacity) {
    this(database, new LedgerWatch(database, Clock.systemUTC()), name, limits, capacity);
  }

  private Node(
      LedgerDatabase database,
      LedgerWatch watch,
      String name,
      Leases.Limits limits,
      Capacity capacity) {
    this.database = database;
    leases = new Leases(database, watch, payers(), name, limits, capacity);
    claims = new Claims(leases);
    transfers = new TransferLedger(leases, Duration.ofDays(30), MemberKey::of, clock);
    jobs = new ExportJobLedger(leases, PATIENTS);
    files = new OutputFileLedger(leases, PATIENTS);
    deliveries = new DeliveryLedger(leases);
    outcomes = new OutcomeLedger(leases);
    steps = new StepLedger(leases, MemberKey::of);
    batches = new BatchLedger(leases);
    splits = new SplitLedger(leases);
    retrievals = new RetrievalLedger(leases);
    holds = new PayerHolds(database);
    tokenHolds = new TokenHolds(database, Duration.ofSeconds(30), Optional.empty());
    ends = new StepEnds(steps, holds, new SinkHolds(database), tokenHolds);
    operators = new OperatorLedger(database);
    queries = new TransferQueries(database);
    withdrawals = new WithdrawalLedger(database, operators, clock);
  }

  /**
   * Three payers that take eight requests at once, one that takes two, and two that are asked for
   * three members at once, and for a thousand, or for those that there are after an hour.
   */
  private static Payers payers() {
    return new Payers(
        Stream.of("bison", "elk", "moose", "narrow", "limited", Herd.PAYER, Herd.LARGE)
            .map(
                id ->
                    limited(
                        PlainPayer.of(
                            id,
                            URI.create("http://localhost/" + id),
                            URI.create("http://localhost/token"),
                            "client",
                            "secret",
                            "scope",
                            Set.of(),
                            Set.of(),
                            dialectOf(id),
                            id.equals("narrow") ? 2 : 8)))
            .toList());
  }

  /** One payer is called five times a second at most, and twelve times a minute. */
  private static Payer limited(Payer payer) {
    return payer.id().equals("limited")
        ? LimitedPayers.limited(payer, new CallLimits(5, 12, Optional.empty()))
        : payer;
  }

  private static Dialect dialectOf(String payer) {
    return switch (payer) {
      case Herd.PAYER -> new BatchedDialect(3, Duration.ofHours(1));
      case Herd.LARGE -> new BatchedDialect(1000, Duration.ofHours(1));
      default -> new OneUp();
    };
  }

  static IntakeEntry.Accepted request(String requestId, String payer, String sha256) {
    return PlainRecord.of(
        "inbox/a.json",
        1,
        requestId,
        payer,
        sha256,
        "{\"resourceType\":\"Parameters\"}",
        CONSENT_END);
  }

  /** Registers so many new transfers. */
  List<String> register(String payer, int count) {
    return transfers
        .register(
            IntStream.range(0, count)
                .<IntakeEntry>mapToObj(
                    i -> request(null, payer, UUID.randomUUID().toString().replace("-", "")))
                .toList())
        .stream()
        .map(Registration::transferId)
        .toList();
  }

  /** A new transfer with a job for each group, all waiting for their kick-off. */
  String matched(String payer, String... groups) {
    String id = register(payer, 1).get(0);
    transfers.matched(only(claims.claimForMatch(100)), List.of(groups));
    return id;
  }

  /** A new transfer whose one job runs at the payer, claimed for its poll. */
  ExportJobClaim running(String payer) {
    matched(payer, "g1");
    kickOff(only(claims.claimForKickoff(100)));
    return only(claims.claimForPoll(100));
  }

  void kickOff(ExportJobClaim job) {
    jobs.kickoffStarted(job, AskedFor.ALL);
    jobs.running(job, "job-" + job.id(), "http://localhost/job/" + job.id(), NOW);
  }

  /** A new transfer whose one job has so many Coverage files, all waiting for their download. */
  String ready(String payer, int files) {
    ExportJobClaim job = running(payer);
    jobs.ready(job, facts(), manifest(files));
    return job.transferId();
  }

  static ManifestFacts facts() {
    return new ManifestFacts("2026-11-23T00:00:00.000Z", null, List.of(), List.of(), null);
  }

  static List<NewFile> manifest(int files) {
    return manifest(files, "first");
  }

  static List<NewFile> manifest(int files, String export) {
    return IntStream.rangeClosed(1, files)
        .mapToObj(
            i ->
                new NewFile(
                    FileKind.OUTPUT,
                    "Coverage",
                    "http://localhost/" + export + "/" + i,
                    true,
                    null))
        .toList();
  }

  static FetchedFile content(String sha256) {
    return new FetchedFile(10, 1000, sha256, null, List.of());
  }

  /** Downloads and delivers all that is due. */
  void finish() {
    claims.claimForDownload(100).forEach(file -> files.stored(file, content("h"), SINKS));
    claims.claimForDelivery(100).forEach(this::deliver);
  }

  /** Takes to the sink all that it is to have now. */
  Optional<Boolean> deliver(DeliveryClaim delivery) {
    deliveries.files(delivery, 100).forEach(file -> deliveries.taken(delivery, file));
    return deliveries.end(delivery, delivery.whole() ? List.of() : null);
  }

  /** The file that is next at the sink. */
  StoredFile next(DeliveryClaim delivery) {
    return only(deliveries.files(delivery, 1));
  }

  /** Finds a delivery's file changed in the outbox. */
  boolean lose(DeliveryClaim delivery) {
    return deliveries.fetchAgain(delivery, List.of(next(delivery).number()));
  }

  /** Writes all manifests that are due, and sends the outcomes. */
  void end() {
    claims.claimForOutcome(100).forEach(outcomes::sent);
  }

  TransferDetails find(String transferId) {
    return queries.find(transferId).orElseThrow();
  }

  List<String> events(String transferId) {
    return find(transferId).events().stream().map(TransferDetails.Event::what).toList();
  }

  static <T> T only(List<T> list) {
    if (list.size() != 1) {
      throw new AssertionError("expected one, got " + list);
    }
    return list.get(0);
  }
}
