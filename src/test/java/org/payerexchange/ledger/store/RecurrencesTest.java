package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.Recurrence;
import org.payerexchange.ledger.Recurrence.State;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.Repeat;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.RecurrenceLedger.Filter;
import org.payerexchange.ledger.store.RecurrenceLedger.NotDone;
import org.payerexchange.step.FailureReason;

class RecurrencesTest extends LedgerTest {
  private static final Filter ALL = new Filter(null, null, null);
  private static final LocalDate YEAR_END = LocalDate.parse("2026-12-31");

  private Node other;
  private RecurrenceLedger recurrences;

  @BeforeEach
  void openOtherNode() {
    other = node("node-2", Duration.ofMinutes(5));
    recurrences = new RecurrenceLedger(database, node.clock);
  }

  @Test
  void aYearOfQuartersOverTwoNodesAsksFourTimesMoreAndMissesNone() {
    String first = register("REQ-1", "P90D", YEAR_END);
    List<Instant> asked = new ArrayList<>();
    endAll();
    for (int day = 1; day <= 400; day++) {
      forward(Duration.ofDays(1));
      List<TransferLedger.Repeated> repeated = new ArrayList<>(node.transfers.repeat());
      repeated.addAll(other.transfers.repeat());
      repeated.forEach(each -> asked.add(node.clock.instant()));
      endAll();
    }

    assertThat(asked)
        .extracting(at -> LocalDate.ofInstant(at, ZoneOffset.UTC))
        .as("no more than 90 days lie between two")
        .containsExactly(
            LocalDate.parse("2026-04-01"),
            LocalDate.parse("2026-06-30"),
            LocalDate.parse("2026-09-28"),
            LocalDate.parse("2026-12-27"));
    List<TransferSummary> transfers = transfers();
    assertThat(transfers).hasSize(5).extracting(TransferSummary::requestId).containsOnly("REQ-1");
    assertThat(only())
        .satisfies(
            recurrence -> {
              assertThat(recurrence.state()).isEqualTo(State.OVER);
              assertThat(recurrence.transfers()).isEqualTo(5);
              assertThat(recurrence.nextAt()).isNull();
            });
    assertThat(requests()).as("nothing asks for it any more").isZero();
    assertThat(node.find(first).transfer().state()).isEqualTo(TransferState.NO_MATCH);
  }

  @Test
  void aRestartMissesNoneAndAsksNoneTwice() {
    register("REQ-1", "P90D", YEAR_END);
    endAll();
    int asked = 0;
    Duration gone = Duration.ZERO;
    for (int week = 1; week <= 52; week++) {
      gone = gone.plusDays(7);
      forward(Duration.ofDays(7));
      if (week % 13 == 12) {
        database.close();
        database = LedgerDatabase.open(url, "postgres", "", 8);
        node = node("node-1", Duration.ofMinutes(5));
        other = node("node-2", Duration.ofMinutes(5));
        forward(gone);
      }
      asked += node.transfers.repeat().size() + other.transfers.repeat().size();
      endAll();
    }

    assertThat(asked).isEqualTo(4);
    assertThat(transfers()).hasSize(5);
  }

  /** As {@link RegistrationTest} has it of records. */
  @Test
  void whatIsDueTogetherIsAskedWhetherTheDriverCountsOrNot() {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    node.transfers.register(
        List.of(
            request("REQ-1", "P30D", YEAR_END, "Doe"), request("REQ-2", "P30D", YEAR_END, "Roe")));
    endAll();
    try (LedgerDatabase quiet =
        LedgerDatabase.open(url + "&reWriteBatchedInserts=true", "postgres", "", 2)) {
      Node third = new Node(quiet, "node-3", Duration.ofMinutes(5));
      third.clock.forward(Duration.ofDays(31));

      assertThat(third.transfers.repeat()).hasSize(2);
    }
    assertThat(node.claims.claimForMatch(10)).hasSize(2);
  }

  @Test
  void whatWasMissedIsMadeUpForOnce() {
    register("REQ-1", "P30D", YEAR_END);
    endAll();

    forward(Duration.ofDays(200));

    assertThat(node.transfers.repeat()).hasSize(1);
    assertThat(other.transfers.repeat()).isEmpty();
    endAll();
    assertThat(only().nextAt()).isBetween(at("2026-07-28"), at("2026-07-31"));
  }

  @Test
  void aTransferThatGoesOnIsNotAskedOnceMoreBesideIt() {
    String first = register("REQ-1", "P30D", YEAR_END);
    forward(Duration.ofDays(30));

    assertThat(node.transfers.repeat()).isEmpty();
    assertThat(transfers()).hasSize(1);
    node.operators.cancel(first, "alice");
    forward(Duration.ofHours(1));

    TransferLedger.Repeated next = Node.only(node.transfers.repeat());
    assertThat(next.payer()).isEqualTo("bison");
    assertThat(node.find(next.transferId()).events().get(0).detail())
        .isEqualTo("repeats %s, the 2. time".formatted(first));
    assertThat(node.transfers.request(next.transferId()))
        .as("it is asked as it was the first time")
        .isEqualTo(node.transfers.request(first));
    assertThat(
            database.jdbc().sql("SELECT policy FROM transfer_consent").query(String.class).list())
        .containsExactly("regular", "regular");
  }

  @Test
  void theRequestIsKeptUntilThenWhateverBecomesOfItsTransfer() {
    String first = register("REQ-1", "P90D", YEAR_END);
    node.operators.cancel(first, "alice");
    node.end();
    new Retention(database, "node-1", Duration.ZERO, Duration.ZERO, Duration.ZERO).removeRequests();
    assertThat(node.transfers.request(first)).isEmpty();

    forward(Duration.ofDays(90));

    String second = Node.only(node.transfers.repeat()).transferId();
    assertThat(node.transfers.request(second)).isPresent();
  }

  @Test
  void theTransferBeforeMayBeForgottenByThen() {
    String first = register("REQ-1", "P90D", YEAR_END);
    node.operators.cancel(first, "alice");
    node.end();
    database.jdbc().sql("DELETE FROM transfer").update();

    forward(Duration.ofDays(90));

    assertThat(node.transfers.repeat()).hasSize(1);
  }

  @Test
  void aRecordThatComesAgainRepeatsNoMoreOften() {
    register("REQ-1", "P90D", YEAR_END);

    assertThat(node.transfers.register(List.of(request("REQ-1", "P90D", YEAR_END, "Doe"))))
        .extracting(Registration::status)
        .containsExactly(Registration.Status.DUPLICATE);
    assertThat(recurrences.page(ALL, 0, 10).total()).isEqualTo(1);
  }

  @Test
  void aNewerRequestForTheSameMemberRepeatsInPlaceOfTheOlder() {
    register("REQ-1", "P90D", YEAR_END);
    register("REQ-2", "P30D", YEAR_END);
    node.transfers.register(List.of(request("REQ-3", "P30D", YEAR_END, "Roe")));

    assertThat(recurrences.page(ALL, 0, 10).recurrences())
        .extracting(Recurrence::requestId, Recurrence::state)
        .containsExactlyInAnyOrder(
            tuple("REQ-1", State.REPLACED),
            tuple("REQ-2", State.ACTIVE),
            tuple("REQ-3", State.ACTIVE));
    assertThat(requests()).isEqualTo(2);
    assertThat(recurrences.page(new Filter("elk", null, null), 0, 10).total()).isZero();
    assertThat(recurrences.page(new Filter("bison", "REQ-2", State.ACTIVE), 0, 10).total())
        .isEqualTo(1);
  }

  @Test
  void somebodyElseOfTheSameNameAndBirthDateReplacesNothing() {
    String first = registerAs("REQ-1", "m:1");
    registerAs("REQ-2", "m:2");
    registerAs("REQ-3");

    assertThat(states()).containsOnly(State.ACTIVE);
    assertThat(node.events(first)).doesNotContain("REPEATS_REPLACED");

    registerAs("REQ-4", "m:1", "m:new");

    assertThat(recurrences.page(new Filter(null, null, State.REPLACED), 0, 10).recurrences())
        .extracting(Recurrence::requestId)
        .containsExactly("REQ-1");
    assertThat(node.events(first)).endsWith("REPEATS_REPLACED");
  }

  @Test
  void whatIsRegisteredIsSoThoughTheTrailCannotTellWhatItReplaced() {
    registerAs("REQ-1", "m:1");
    database
        .jdbc()
        .sql("ALTER TABLE transfer_event ADD CONSTRAINT untold CHECK (what <> 'REPEATS_REPLACED')")
        .update();

    List<Registration> second =
        node.transfers.register(List.of(requestOf("REQ-2", "m:1"), requestOf("REQ-3", "m:3")));

    assertThat(second).extracting(Registration::status).containsOnly(Registration.Status.NEW);
    assertThat(states()).contains(State.REPLACED);
  }

  @Test
  void ofNamesakesThatComeTogetherEachRepeats() {
    IntakeEntry.Accepted first = requestOf("REQ-1", "m:1");
    IntakeEntry.Accepted namesake = requestOf("REQ-2", "m:2");
    IntakeEntry.Accepted again = requestOf("REQ-3", "m:1");

    node.transfers.register(List.of(first, namesake, again));

    assertThat(recurrences.page(new Filter(null, null, State.ACTIVE), 0, 10).recurrences())
        .extracting(Recurrence::requestId)
        .containsExactlyInAnyOrder("REQ-2", "REQ-3");
  }

  private List<State> states() {
    return recurrences.page(ALL, 0, 10).recurrences().stream().map(Recurrence::state).toList();
  }

  private String registerAs(String requestId, String... ids) {
    return node.transfers.register(List.of(requestOf(requestId, ids))).get(0).transferId();
  }

  private static IntakeEntry.Accepted requestOf(String requestId, String... ids) {
    IntakeEntry.Accepted same = request(requestId, "P90D", YEAR_END, "Doe");
    return new IntakeEntry.Accepted(
        same.source(),
        1,
        same.requestId(),
        same.payer(),
        same.requestSha256(),
        same.requestJson(),
        same.consentStart(),
        same.consentEnd(),
        same.consentPolicy(),
        null,
        Set.of(ids),
        same.repeat());
  }

  @Test
  void ofTwoThatComeTogetherForOneMemberTheLaterOneRepeats() {
    node.transfers.register(
        List.of(
            request("REQ-1", "P90D", YEAR_END, "Doe"), request("REQ-2", "P30D", YEAR_END, "Doe")));

    assertTheLaterOneRepeats();
    assertThat(requests()).isEqualTo(1);
  }

  private void assertTheLaterOneRepeats() {
    assertThat(recurrences.page(ALL, 0, 10).recurrences())
        .extracting(Recurrence::requestId, Recurrence::state)
        .containsExactlyInAnyOrder(tuple("REQ-1", State.REPLACED), tuple("REQ-2", State.ACTIVE));
  }

  @Test
  void ofTwoThatComeToTwoNodesAtOneMomentForOneMemberTheLaterOneRepeats() throws Exception {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    // its gate is there
    node.register("bison", 1);
    ExecutorService later = Executors.newSingleThreadExecutor();
    try {
      Future<?> second =
          database.change(
              () -> {
                register("REQ-1", "P90D", YEAR_END);
                Future<?> meanwhile = later.submit(() -> register("REQ-2", "P30D", YEAR_END));
                await().until(() -> waiting() == 1 || meanwhile.isDone());
                return meanwhile;
              });
      second.get();
    } finally {
      later.shutdownNow();
    }

    assertTheLaterOneRepeats();
    assertThat(requests()).isEqualTo(1);
  }

  @Test
  void whatIsDueAndANewerRequestForItsMemberDoNotWaitForEachOther() throws Exception {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    node.operators.cancel(registerAtHerd("REQ-1"), "alice");
    forward(Duration.ofDays(90));
    ExecutorService nodes = Executors.newFixedThreadPool(2);
    try (Connection holder = database.dataSource().getConnection();
        Statement lock = holder.createStatement()) {
      holder.setAutoCommit(false);
      lock.execute("SELECT id FROM member_batch FOR UPDATE");
      Future<?> newer = nodes.submit(() -> registerAtHerd("REQ-2"));
      await().until(() -> waiting() == 1);
      Future<?> due = nodes.submit(other.transfers::repeat);
      await().until(() -> waiting() == 2 || due.isDone());
      holder.rollback();
      newer.get();
      due.get();
    } finally {
      nodes.shutdownNow();
    }

    assertTheLaterOneRepeats();
  }

  @Test
  void whatIsStoppedIsNotAskedAgainAndSaysByWhom() {
    String first = register("REQ-1", "P90D", YEAR_END);
    endAll();

    assertThat(recurrences.stop(only().id(), "alice")).isEmpty();

    forward(Duration.ofDays(400));
    assertThat(node.transfers.repeat()).isEmpty();
    assertThat(only().state()).isEqualTo(State.STOPPED);
    assertThat(only().endedBy()).isEqualTo("alice");
    assertThat(requests()).isZero();
    assertThat(node.events(first)).contains("REPEATS_STOPPED");
    assertThat(recurrences.stop(only().id(), "bob")).contains(NotDone.ENDED);
    assertThat(recurrences.stop("no-such", "bob")).contains(NotDone.GONE);
  }

  @Test
  void whatIsChangedIsAskedByTheNewPeriodFromThenOnAndNoLongerThanTheConsent() {
    register("REQ-1", "P90D", YEAR_END);
    endAll();
    String id = only().id();

    assertThat(recurrences.change(id, Period.ofDays(10), null, "alice")).isEmpty();
    assertThat(only().nextAt()).isBetween(at("2026-01-09"), at("2026-01-11"));
    assertThat(recurrences.change(id, null, YEAR_END.plusDays(1), "alice"))
        .contains(NotDone.CONSENT_ENDS);
    assertThat(recurrences.change(id, null, LocalDate.parse("2026-01-05"), "alice"))
        .as("nobody ends it by a slip")
        .contains(NotDone.NO_TIME);
    assertThat(only().state()).isEqualTo(State.ACTIVE);
    assertThat(requests()).isEqualTo(1);
  }

  @Test
  void whatIsDueIsAskedThoughThePeriodIsChanged() {
    register("REQ-1", "P30D", YEAR_END);
    endAll();
    forward(Duration.ofDays(40));
    Instant due = only().nextAt();

    assertThat(recurrences.change(only().id(), Period.ofDays(90), null, "alice")).isEmpty();

    assertThat(only().nextAt()).isEqualTo(due);
    assertThat(node.transfers.repeat()).hasSize(1);
    endAll();
    assertThat(only().nextAt()).isAfter(at("2026-03-15"));
  }

  @Test
  void whatWaitsForItsTransferIsAskedBehindItThoughTheLastDayIsChanged() {
    String first = register("REQ-1", "P30D", YEAR_END);
    forward(Duration.ofDays(30));
    assertThat(node.transfers.repeat()).isEmpty();

    assertThat(recurrences.change(only().id(), null, YEAR_END.minusDays(1), "alice")).isEmpty();
    node.operators.cancel(first, "alice");
    forward(Duration.ofHours(1));

    assertThat(node.transfers.repeat()).hasSize(1);
  }

  @Test
  void membersOfABatchAreAskedAgainInABatch() {
    IntakeEntry.Accepted member = request("REQ-1", "P90D", YEAR_END, "Doe");
    String first =
        node.transfers
            .register(
                List.of(
                    new IntakeEntry.Accepted(
                        member.source(),
                        1,
                        member.requestId(),
                        Herd.PAYER,
                        member.requestSha256(),
                        member.requestJson(),
                        member.consentStart(),
                        member.consentEnd(),
                        member.consentPolicy(),
                        null,
                        member.ids(),
                        member.repeat())))
            .get(0)
            .transferId();
    node.operators.cancel(first, "alice");
    node.end();

    forward(Duration.ofDays(90));

    String second = Node.only(other.transfers.repeat()).transferId();
    assertThat(node.find(second).transfer().batch()).isNotNull();
  }

  private String register(String requestId, String every, LocalDate until) {
    return node.transfers
        .register(List.of(request(requestId, every, until, "Doe")))
        .get(0)
        .transferId();
  }

  private String registerAtHerd(String requestId) {
    return node.transfers
        .register(List.of(request(requestId, "P90D", YEAR_END, "Doe", Herd.PAYER)))
        .get(0)
        .transferId();
  }

  private static IntakeEntry.Accepted request(
      String requestId, String every, LocalDate until, String family) {
    return request(requestId, every, until, family, "bison");
  }

  private static IntakeEntry.Accepted request(
      String requestId, String every, LocalDate until, String family, String payer) {
    return new IntakeEntry.Accepted(
        "inbox/a.csv",
        1,
        requestId,
        payer,
        requestId,
        """
        {"resourceType":"Parameters","parameter":[{"name":"MemberPatient",
        "resource":{"name":[{"family":"%s","given":["A"]}]}}]}"""
            .formatted(family),
        LocalDate.parse("2026-01-01"),
        YEAR_END,
        "regular",
        null,
        Set.of(),
        new Repeat(Period.parse(every), until));
  }

  private void endAll() {
    node.claims
        .claimForMatch(10)
        .forEach(claim -> node.transfers.noMatch(claim, FailureReason.NO_MATCH, "not known"));
    node.end();
  }

  private void forward(Duration time) {
    node.clock.forward(time);
    other.clock.forward(time);
  }

  private Recurrence only() {
    return Node.only(recurrences.page(ALL, 0, 10).recurrences());
  }

  private List<TransferSummary> transfers() {
    return node.queries.page(TransferFilter.ALL, 0, 50).transfers();
  }

  private int requests() {
    return database
        .jdbc()
        .sql("SELECT COUNT(*) FROM recurrence_request")
        .query(Integer.class)
        .single();
  }

  private static Instant at(String day) {
    return LocalDate.parse(day).atStartOfDay().toInstant(ZoneOffset.UTC);
  }
}
