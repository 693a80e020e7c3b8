package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Period;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.Repeat;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/** An H2 ledger with transfers in every state, and what becomes of it on PostgreSQL. */
class LedgerCopyTest {
  private static final Duration LEASE = Duration.ofMinutes(5);

  @TempDir Path directory;
  private LedgerDatabase from;
  private LedgerDatabase to;
  private String url;

  @BeforeEach
  void openLedgers() {
    url = TestDatabase.H2.newUrl(directory);
    from = LedgerDatabase.open(url, "postgres", "", 2);
    to = LedgerDatabase.open(TestDatabase.POSTGRESQL.newUrl(directory), "postgres", "", 4);
  }

  @AfterEach
  void closeLedgers() {
    from.close();
    to.close();
  }

  @Test
  void everyRowOfEveryTableIsThereAsItWas() {
    fill(new Node(from, "old", LEASE));
    reopen();

    List<LedgerCopy.Count> counts = new LedgerCopy(from, to).run();

    assertThat(counts).allMatch(LedgerCopy.Count::same);
    assertThat(counts)
        .extracting(LedgerCopy.Count::table)
        .containsExactlyInAnyOrderElementsOf(LedgerCopy.tables(to).keySet());
    LedgerCopy.tables(to)
        .forEach(
            (table, columns) -> {
              List<String> rows = rows(from, table, columns);
              assertThat(rows).as(table).isNotEmpty();
              assertThat(rows(to, table, columns))
                  .as(table)
                  .containsExactlyInAnyOrderElementsOf(rows);
            });
    assertThat(states(to, "transfer"))
        .containsExactlyInAnyOrderElementsOf(names(TransferState.class));
    assertThat(states(to, "export_job")).contains("REQUESTED", "RUNNING", "READY", "COMPLETE");
  }

  @Test
  void aNodeThereGoesOnWithWhatWaitsAndKnowsWhatWasAsked() {
    Node old = new Node(from, "old", LEASE);
    String running = old.running("moose").transferId();
    fill(old);
    List<Long> before = numbers(from, "SELECT lease_token FROM step");
    new LedgerCopy(from, to).run();

    Node node = new Node(to, "new", LEASE);
    assertThat(node.transfers.register(List.of(repeating("REQ-1"))))
        .extracting(Registration::status)
        .containsExactly(Registration.Status.DUPLICATE);
    assertThat(node.transfers.register(List.of(asked("REQ-9", "m:9"))))
        .as("who withdrew")
        .extracting(Registration::status)
        .containsExactly(Registration.Status.WITHDRAWN);
    assertThat(numbers(to, "SELECT COUNT(*) FROM step WHERE lease_until IS NOT NULL"))
        .containsExactly(0L);
    List<ExportJobClaim> polls = node.claims.claimForPoll(100);
    assertThat(polls).extracting(ExportJobClaim::transferId).contains(running);
    assertThat(polls)
        .as("tokens name files, and are given once")
        .allMatch(poll -> before.stream().allMatch(token -> token < poll.leaseToken()));
    assertThat(polls).allMatch(poll -> node.jobs.ready(poll, Node.facts(), Node.manifest(1)));
    for (int round = 0; round < 5; round++) {
      node.claims.claimForMatch(100).forEach(match -> node.transfers.matched(match, List.of("g")));
      node.claims.claimForKickoff(100).forEach(node::kickOff);
      node.claims
          .claimForPoll(100)
          .forEach(job -> node.jobs.ready(job, Node.facts(), Node.manifest(2)));
      node.finish();
      node.end();
    }
    assertThat(node.find(running).transfer().state()).isEqualTo(TransferState.COMPLETE);
    assertThat(
            to.jdbc()
                .sql(
                    "SELECT id FROM transfer WHERE state IN ('RECEIVED', 'MATCHED') AND payer <> 'herd' AND batch_id IS NULL")
                .query(String.class)
                .list())
        .isEmpty();
    node.clock.forward(Duration.ofDays(100));
    assertThat(node.transfers.repeat()).hasSize(1);
  }

  @Test
  void aLedgerWithATransferIsNotWrittenTo() {
    new Node(from, "old", LEASE).register("bison", 2);
    String there = new Node(to, "new", LEASE).register("elk", 1).get(0);

    assertThatThrownBy(() -> new LedgerCopy(from, to).run())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("it is in use: its table transfer is not empty");
    assertThat(to.jdbc().sql("SELECT id FROM transfer").query(String.class).list())
        .containsExactly(there);
  }

  @Test
  void whatALookAtTheOtherLedgerLeftThereGivesWay() {
    String id = new LedgerIdentity(from).id();
    assertThat(new LedgerIdentity(to).id()).isNotEqualTo(id);

    new LedgerCopy(from, to).run();

    assertThat(new LedgerIdentity(to).id()).isEqualTo(id);
  }

  @Test
  void aColumnOfAnotherVersionIsNotLeftOut() {
    from.jdbc().sql("ALTER TABLE transfer ADD COLUMN later INTEGER").update();

    assertThatThrownBy(() -> new LedgerCopy(from, to).run())
        .hasMessage("the table transfer has other columns there: is it of another version?");

    to.jdbc().sql("ALTER TABLE transfer ADD COLUMN later INTEGER").update();
    new Node(from, "old", LEASE).register("bison", 1);
    from.jdbc().sql("UPDATE transfer SET later = 7").update();
    new LedgerCopy(from, to).run();
    assertThat(numbers(to, "SELECT later FROM transfer")).containsExactly(7L);
  }

  @Test
  void whatCannotBeCopiedLeavesNothingThere() {
    Node old = new Node(from, "old", LEASE);
    old.register("bison", 3);
    from.jdbc().sql("UPDATE transfer_request SET request_json = 'Doe' || CHAR(0)").update();

    assertThatThrownBy(() -> new LedgerCopy(from, to).run())
        .rootCause()
        .message()
        .doesNotContain("Doe");

    assertThat(numbers(to, "SELECT COUNT(*) FROM transfer")).containsExactly(0L);
    assertThat(numbers(from, "SELECT COUNT(*) FROM transfer")).containsExactly(3L);
  }

  /** In every state, with something in each table. */
  private void fill(Node node) {
    node.transfers.register(List.of(new IntakeEntry.Rejected("inbox/b.csv", 2, "h", "no payer")));
    String withdrawn = node.transfers.register(List.of(asked("REQ-8", "m:9"))).get(0).transferId();
    node.withdrawals.withdraw("bison", Set.of("m:9"), null, "inbox/w.json #1");
    assertThat(node.find(withdrawn).transfer().state()).isEqualTo(TransferState.CANCELLED);
    node.ready("bison", 3);
    node.finish();
    node.end();
    node.ready("bison", 1);
    node.files.stored(Node.only(node.claims.claimForDownload(1)), Node.content("h"), Node.SINKS);
    for (DeliveryClaim delivery : node.claims.claimForDelivery(9)) {
      node.deliveries.files(delivery, 9).forEach(file -> node.deliveries.taken(delivery, file));
      node.deliveries.end(delivery, List.of("nobody is the member"), 1);
    }
    node.end();
    node.ready("elk", 3);
    node.files.stored(node.claims.claimForDownload(1).get(0), Node.content("h"), Node.SINKS);
    node.running("elk");
    node.matched("elk", "g1", "g2");
    node.register("narrow", 2);
    List<TransferClaim> two = node.claims.claimForMatch(2);
    node.transfers.noMatch(two.get(0), FailureReason.NO_MATCH, "not known");
    node.steps.fail(two.get(1), FailureReason.PAYER_REFUSED, "403");
    Herd herd = new Herd(node);
    List<String> members = herd.register("Doe", "Roe", "Poe");
    Map<String, BulkMatch.Kind> kinds = new TreeMap<>();
    members.forEach(id -> kinds.put(id, BulkMatch.Kind.MATCHED));
    herd.answered(herd.asked(), kinds);
    node.transfers.register(List.of(repeating("REQ-1")));
    Pauses pauses = new Pauses(from);
    pauses.pause(TokenClient.Kind.SINK, "fhir", "alice");
    new LedgerIdentity(from).markOnce(new LedgerIdentity(from).id().substring(0, 8), () -> {});
    from.change(() -> new LostEnds(from).count("file", "b.csv"));
    from.jdbc().sql("INSERT INTO inbox_lock VALUES ('inbox', 'a.csv', CURRENT_TIMESTAMP)").update();
  }

  /** As after the end of its process, which had steps in its hands. */
  private void reopen() {
    from.close();
    from = LedgerDatabase.open(url, "postgres", "", 2);
  }

  private static IntakeEntry repeating(String requestId) {
    return entry(requestId, Set.of("m:1"), new Repeat(Period.ofDays(90), Node.CONSENT_END));
  }

  private static IntakeEntry asked(String requestId, String... ids) {
    return entry(requestId, Set.of(ids), null);
  }

  private static IntakeEntry entry(String requestId, Set<String> ids, Repeat repeat) {
    return new IntakeEntry.Accepted(
        "inbox/a.csv",
        1,
        requestId,
        "bison",
        requestId,
        """
        {"resourceType":"Parameters","parameter":[{"name":"MemberPatient",
        "resource":{"name":[{"family":"Łę-%s","given":["A"]}]}}]}"""
            .formatted(requestId),
        LocalDate.parse("2025-12-01"),
        Node.CONSENT_END,
        "regular",
        LocalDate.parse("2026-03-29"),
        ids,
        repeat);
  }

  private static List<String> rows(LedgerDatabase database, String table, Set<String> columns) {
    return database
        .jdbc()
        .sql("SELECT %s FROM %s".formatted(String.join(", ", columns), table))
        .query(
            (row, at) -> {
              List<String> values = new ArrayList<>();
              for (int column = 1; column <= columns.size(); column++) {
                Object value = row.getObject(column);
                values.add(
                    String.valueOf(
                        value instanceof java.sql.Timestamp || value instanceof OffsetDateTime
                            ? row.getObject(column, OffsetDateTime.class).toInstant()
                            : value));
              }
              return String.join("|", values);
            })
        .list();
  }

  private static List<Long> numbers(LedgerDatabase database, String sql) {
    return database.jdbc().sql(sql).query(Long.class).list();
  }

  private static List<String> states(LedgerDatabase database, String table) {
    return database.jdbc().sql("SELECT DISTINCT state FROM " + table).query(String.class).list();
  }

  private static List<String> names(Class<? extends Enum<?>> states) {
    return Arrays.stream(states.getEnumConstants()).map(Enum::name).collect(Collectors.toList());
  }
}
