package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalDate;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.ledger.BatchPhase;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.Recurrence;
import org.payerexchange.ledger.Registration.Status;
import org.payerexchange.ledger.Repeat;
import org.payerexchange.ledger.SharedJobMember;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.OperatorAction.NotDone;
import org.payerexchange.ledger.store.WithdrawalLedger.Result;
import org.payerexchange.ledger.store.WithdrawalLedger.Withdrawn;
import org.payerexchange.step.FailureReason;

class WithdrawalsTest extends LedgerTest {
  private static final LocalDate DAY = LocalDate.parse("2026-01-01");
  private static final String BY = "inbox/w.json #1";

  private static final Repeat YEARLY = new Repeat(Period.ofDays(90), DAY.plusYears(1));

  /** How far a transfer has come when its member withdraws. */
  private enum Reached {
    RECEIVED,
    REQUESTED,
    RUNNING,
    READY,
    DELIVERING,
    SEALED
  }

  @ParameterizedTest
  @EnumSource
  void anOpenTransferEndsWhateverIsDoneOfItAndItsJobIsReleased(Reached reached) {
    String id = reach(reached);

    assertThat(withdraw("m:1")).isEqualTo(done(1, 0));

    TransferSummary ended = node.find(id).transfer();
    assertThat(ended.state()).isEqualTo(TransferState.CANCELLED);
    assertThat(ended.reason()).isEqualTo(FailureReason.WITHDRAWN);
    assertThat(ended.detail()).isEqualTo("by " + BY);
    node.end();
    assertThat(node.claims.claimForMatch(9)).isEmpty();
    assertThat(node.claims.claimForKickoff(9)).isEmpty();
    assertThat(node.claims.claimForPoll(9)).isEmpty();
    assertThat(node.claims.claimForDownload(9)).isEmpty();
    assertThat(node.claims.claimForDelivery(9)).isEmpty();
    assertThat(node.claims.claimForRelease(9))
        .hasSize(reached.compareTo(Reached.RUNNING) >= 0 ? 1 : 0);
    assertThat(node.operators.act(OperatorAction.RETRY, id, "alice")).contains(NotDone.NOT_FAILED);
  }

  @Test
  void aTransferThatFailedIsNotRetriedAndItsRequestGoes() {
    String id = register("REQ-1", DAY, "m:1");
    node.steps.fail(Node.only(node.claims.claimForMatch(9)), FailureReason.PAYER_REFUSED, "403");
    node.end();

    assertThat(withdraw("m:1")).isEqualTo(done(1, 0));

    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);
    assertThat(node.events(id)).endsWith("WITHDRAWN");
    assertThat(node.operators.act(OperatorAction.RETRY, id, "alice")).contains(NotDone.WITHDRAWN);
    Duration years = Duration.ofDays(3650);
    assertThat(new Retention(database, "node-1", years, years, years).removeRequests())
        .isEqualTo(1);
    assertThat(withdraw("m:1")).as("it is known already").isEqualTo(done(0, 0));
  }

  @Test
  void whatWasDeliveredStays() {
    String id = reach(Reached.SEALED);
    node.end();

    assertThat(withdraw("m:1")).isEqualTo(done(0, 0));
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
  }

  @Test
  void aMemberIsKnownByARequestAnIdACoverageOrAConsent() {
    for (String by : List.of("m:1", "v:1", "s:1", "request")) {
      String id = register("REQ-" + by, DAY, "m:" + by, "v:" + by, "s:" + by);
      Result done =
          by.equals("request")
              ? node.withdrawals.withdraw("bison", Set.of(), "REQ-request", BY)
              : withdraw(by.substring(0, 2) + by);

      assertThat(done).as(by).isEqualTo(done(1, 0));
      assertThat(node.find(id).transfer().reason()).isEqualTo(FailureReason.WITHDRAWN);
    }
    assertThat(node.withdrawals.withdraw("bison", Set.of(), "REQ-unknown", BY).why())
        .isEqualTo(WithdrawalLedger.NotDone.UNKNOWN);
  }

  @Test
  void nothingHappensToOtherMembersOrAtOtherPayers() {
    String family = register("REQ-1", DAY, "m:2", "v:1");
    String own = register("REQ-2", DAY, "m:1", "v:1");
    String elk = register("elk", "REQ-3", DAY, null, Set.of("m:1"));

    assertThat(withdraw("m:1")).isEqualTo(done(1, 0));

    assertThat(node.find(own).transfer().state()).isEqualTo(TransferState.CANCELLED);
    assertThat(node.find(family).transfer().state()).isEqualTo(TransferState.RECEIVED);
    assertThat(node.find(elk).transfer().state()).isEqualTo(TransferState.RECEIVED);
    assertThat(status("REQ-4", DAY.minusDays(9), "m:2", "v:1"))
        .as("who shares the coverage may still be asked for")
        .isEqualTo(Status.NEW);
  }

  @Test
  void nothingIsAskedUntilThereIsANewerConsent() {
    register("REQ-1", DAY.minusDays(30), "m:1", "s:con-1");
    withdraw("m:1");

    assertThat(status("REQ-2", DAY.minusDays(1), "m:1", "s:con-2")).isEqualTo(Status.WITHDRAWN);
    assertThat(status("REQ-3", DAY, "m:1", "s:con-1"))
        .as("the consent that was withdrawn is none, whatever day it says")
        .isEqualTo(Status.WITHDRAWN);
    assertThat(node.queries.page(TransferFilter.ALL, 0, 9).total()).isEqualTo(1);
    assertThat(status("REQ-4", DAY, "m:1", "s:con-4")).isEqualTo(Status.NEW);
    assertThat(status("REQ-5", DAY.minusDays(1), "m:1", "s:con-5"))
        .as("an old one comes too late, even now")
        .isEqualTo(Status.WITHDRAWN);
  }

  @Test
  void manyMembersMayHaveOneIdOfTheirConsents() {
    String own = register("REQ-1", DAY, "m:1", "s:CON");
    String others = register("REQ-2", DAY, "m:2", "s:CON");

    assertThat(withdraw("s:CON").why())
        .as("nobody knows who is meant")
        .isEqualTo(WithdrawalLedger.NotDone.SEVERAL);
    assertThat(node.find(own).transfer().state()).isEqualTo(TransferState.RECEIVED);
    assertThat(withdraw("m:1")).isEqualTo(done(1, 0));
    assertThat(node.find(others).transfer().state()).isEqualTo(TransferState.RECEIVED);
    assertThat(status("REQ-3", DAY, "m:2", "s:CON")).isEqualTo(Status.NEW);
    assertThat(status("REQ-4", DAY, "m:1", "s:CON")).isEqualTo(Status.WITHDRAWN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s:con-1", "m:1 s:con-1", "v:1 s:con-1", "m:1 v:1 s:con-1"})
  void aWithdrawalThatComesAgainLeavesTheConsentThatCameMeanwhile(String said) {
    String[] ids = said.split(" ");
    register("REQ-1", DAY, "m:1", "v:1", "s:con-1");
    assertThat(withdraw(ids)).isEqualTo(done(1, 0));
    node.clock.forward(Duration.ofDays(1));
    LocalDate next = DAY.plusDays(1);
    Repeat repeat = new Repeat(Period.ofDays(90), DAY.plusYears(1));
    String newer = register("bison", "REQ-2", next, repeat, Set.of("m:1", "v:1", "s:con-2"));
    node.clock.forward(Duration.ofDays(1));

    assertThat(withdraw(ids)).isEqualTo(done(0, 0));

    assertThat(node.find(newer).transfer().state()).isEqualTo(TransferState.RECEIVED);
    assertThat(status("REQ-3", next, "m:1", "v:1", "s:con-2"))
        .as("it is not withdrawn, and the day of the withdrawal stays")
        .isEqualTo(Status.NEW);
    assertThat(withdraw("m:1", "s:con-2")).as("the newer one").isEqualTo(done(2, 1));
  }

  @Test
  void aWithdrawalThatComesAgainLeavesTheNewerConsentThoughSomethingHadFailed() {
    register("REQ-1", DAY, "m:1", "s:con-1");
    node.steps.fail(Node.only(node.claims.claimForMatch(9)), FailureReason.PAYER_REFUSED, "403");
    node.end();
    assertThat(withdraw("m:1", "s:con-1")).isEqualTo(done(1, 0));
    String newer = register("REQ-2", DAY, "m:1", "s:con-2");

    assertThat(withdraw("m:1", "s:con-1")).isEqualTo(done(0, 0));

    assertThat(node.find(newer).transfer().state()).isEqualTo(TransferState.RECEIVED);
  }

  @Test
  void whoNamesNoConsentWithdrawsAgainWhatCameMeanwhile() {
    register("REQ-1", DAY, "m:1", "s:con-1");
    assertThat(withdraw("m:1")).isEqualTo(done(1, 0));
    register("REQ-2", DAY, "m:1", "s:con-2");
    assertThat(withdraw("m:1")).isEqualTo(done(1, 0));
  }

  @Test
  void aWithdrawalThatBrokeOffGoesOnWhenItComesAgain() {
    register("REQ-1", DAY, "m:1", "s:con-1");
    SortedSet<String> hashes =
        new TreeSet<>(new IdHashes(database).of("bison", List.of("m:1", "s:con-1", "s:con-2")));
    database.change(
        () -> {
          new Withdrawals(database).remember("bison", hashes, BY, node.clock.instant());
          return null;
        });

    assertThat(withdraw("m:1", "s:con-2")).isEqualTo(done(1, 0));
  }

  @Test
  void aConsentIdThatSomebodyElseWithdrewIsNotWithdrawnYet() {
    register("REQ-1", DAY, "m:1", "s:con-1");
    register("REQ-2", DAY, "m:2", "s:CON");
    withdraw("m:1");
    register("REQ-3", DAY, "m:1", "s:CON");
    assertThat(withdraw("m:2", "s:CON")).isEqualTo(done(1, 0));

    assertThat(withdraw("m:1", "s:CON")).isEqualTo(done(1, 0));
  }

  @Test
  void whatMayBeAMemberIdIsOneOnlyIfARequestIsKnownByIt() {
    String own = register("REQ-1", DAY, "m:1", "s:con-1");

    for (String weak : List.of("x:member", "x:con-1")) {
      assertThat(withdraw(weak).why()).as(weak).isEqualTo(WithdrawalLedger.NotDone.UNKNOWN);
    }
    assertThat(withdraw("s:con-9", "x:1").why()).isEqualTo(WithdrawalLedger.NotDone.UNKNOWN);
    assertThat(node.find(own).transfer().state()).isEqualTo(TransferState.RECEIVED);
    assertThat(status("REQ-2", DAY.minusDays(9), "m:member"))
        .as("nothing is remembered of it")
        .isEqualTo(Status.NEW);
    assertThat(withdraw("x:1")).isEqualTo(done(1, 0));
    assertThat(status("REQ-3", DAY.minusDays(9), "m:1")).isEqualTo(Status.WITHDRAWN);
  }

  @Test
  void anIdThatIsNotThatOfTheConsentsMemberEndsNothing() {
    String own = register("REQ-1", DAY, "m:1", "v:1", "s:con-1");
    String others = register("REQ-2", DAY, "m:2", "s:con-2");

    for (String wrong : List.of("m:9", "m:2")) {
      assertThat(withdraw(wrong, "s:con-1").why())
          .as(wrong)
          .isEqualTo(WithdrawalLedger.NotDone.ANOTHERS);
    }
    assertThat(node.withdrawals.withdraw("bison", Set.of("s:con-1"), "REQ-2", BY).why())
        .isEqualTo(WithdrawalLedger.NotDone.ANOTHERS);
    assertThat(node.find(own).transfer().state()).isEqualTo(TransferState.RECEIVED);
    assertThat(node.find(others).transfer().state()).isEqualTo(TransferState.RECEIVED);
    assertThat(status("REQ-3", DAY.minusDays(9), "m:9"))
        .as("nothing is remembered of it")
        .isEqualTo(Status.NEW);
    assertThat(withdraw("m:2", "s:con-8")).as("a consent of nobody").isEqualTo(done(1, 0));
    assertThat(withdraw("v:1", "s:con-1")).isEqualTo(done(1, 0));
    assertThat(withdraw("m:1", "s:con-1")).as("once more").isEqualTo(done(0, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"m:1 v:1 s:con-1", "m:1 v:1", "v:1 s:con-1", "REQ-1 v:1"})
  void aCoverageBesideWhatIsOneMembersMeansNobodyElseOnIt(String said) {
    register("REQ-1", DAY, "m:1", "v:1", "s:con-1");
    String spouse = register("bison", "REQ-2", DAY, YEARLY, Set.of("m:2", "v:1", "s:con-2"));

    assertThat(withdrawSaid(said)).isEqualTo(done(1, 0));

    assertThat(node.find(spouse).transfer().state()).isEqualTo(TransferState.RECEIVED);
    assertThat(status("REQ-3", DAY.minusDays(9), "m:2", "v:1", "s:con-3")).isEqualTo(Status.NEW);
    assertThat(status("REQ-4", DAY.minusDays(9), "m:1", "v:1", "s:con-4"))
        .isEqualTo(Status.WITHDRAWN);
    assertThat(withdraw("v:1")).as("alone all who have it are meant").isEqualTo(done(2, 1));
  }

  @Test
  void aConsentIdOfSeveralSaysNothingAgainstAMemberId() {
    register("REQ-1", DAY, "m:1", "s:CON");
    register("REQ-2", DAY, "m:2", "s:CON");

    assertThat(withdraw("m:3", "s:CON")).isEqualTo(done(0, 0));

    assertThat(status("REQ-3", DAY.minusDays(9), "m:3")).isEqualTo(Status.WITHDRAWN);
    assertThat(status("REQ-4", DAY, "m:2", "s:CON")).isEqualTo(Status.NEW);
  }

  @Test
  void aWithdrawalIsKnownBeforeAnythingWasAsked() {
    assertThat(withdraw("m:1")).isEqualTo(done(0, 0));

    assertThat(status("REQ-1", DAY.minusDays(1), "m:1")).isEqualTo(Status.WITHDRAWN);
  }

  @Test
  void noIdIsKept() {
    register("REQ-1", DAY, "m:secret-id");
    withdraw("m:secret-id");

    assertThat(
            database
                .jdbc()
                .sql("SELECT id_hash FROM withdrawal UNION SELECT member_ids FROM transfer")
                .query(String.class)
                .list())
        .hasSize(1)
        .noneMatch(hash -> hash.contains("secret"))
        .allMatch(hash -> hash.matches("m[0-9a-f]{31}"));
  }

  @Test
  void whatRepeatsIsNotAskedAgain() {
    Repeat repeat = new Repeat(Period.ofDays(90), DAY.plusYears(1));
    String id = register("bison", "REQ-1", DAY, repeat, Set.of("m:1"));
    node.operators.cancel(id, "alice");
    node.end();

    assertThat(withdraw("m:1")).isEqualTo(done(0, 1));

    node.clock.forward(Duration.ofDays(400));
    assertThat(node.transfers.repeat()).isEmpty();
    assertThat(
            new RecurrenceLedger(database, node.clock)
                .page(new RecurrenceLedger.Filter(null, null, null), 0, 9)
                .recurrences())
        .extracting(Recurrence::state)
        .containsExactly(Recurrence.State.WITHDRAWN);
  }

  @Test
  void whatRepeatsIsKnownByItsRequestOrConsentWhenItsTransfersAreRemoved() {
    Repeat repeat = new Repeat(Period.ofDays(90), DAY.plusYears(1));
    for (String by : List.of("request", "consent")) {
      Set<String> ids = Set.of("m:" + by, "v:" + by, "s:" + by);
      node.operators.cancel(register("bison", "REQ-" + by, DAY, repeat, ids), "alice");
      node.end();
      new Retention(database, "node-1", Duration.ZERO, Duration.ZERO, Duration.ZERO)
          .removeTransfers();

      Result done =
          by.equals("request")
              ? node.withdrawals.withdraw("bison", Set.of(), "REQ-request", BY)
              : withdraw("s:consent");

      assertThat(done).as(by).isEqualTo(done(0, 1));
      assertThat(status("REQ-9" + by, DAY.plusDays(1), "m:" + by, "s:" + by))
          .as("its consent was withdrawn with it")
          .isEqualTo(Status.WITHDRAWN);
    }
    node.clock.forward(Duration.ofDays(400));
    assertThat(node.transfers.repeat()).isEmpty();
  }

  /** How far a batch has come when one of its members withdraws. */
  private enum BatchReached {
    GATHERING,
    ASKING,
    MATCHING,
    ANSWERED,
    EXPORTING,
    FILES_COME,
    SPLITTING,
    SPLIT_IN_HAND,
    RELEASING,
    ENDED
  }

  @ParameterizedTest
  @EnumSource
  void aMemberOfABatchIsOutOfItAndTheOthersGoOn(BatchReached reached) {
    Batch batch = new Batch(reached);

    Result result = node.withdrawals.withdraw(Herd.PAYER, Set.of("m:1"), null, BY);
    batch.goOnTo(BatchReached.ENDED);

    boolean served = reached.compareTo(BatchReached.RELEASING) >= 0;
    assertThat(result).isEqualTo(done(served ? 0 : 1, 0));
    TransferSummary withdrew = node.find(batch.members.get(0)).transfer();
    assertThat(withdrew.state())
        .as("what was delivered stays")
        .isEqualTo(served ? TransferState.COMPLETE : TransferState.CANCELLED);
    assertThat(withdrew.reason()).isEqualTo(served ? null : FailureReason.WITHDRAWN);
    assertThat(batch.members.subList(1, batch.members.size()))
        .extracting(id -> node.find(id).transfer().state())
        .containsOnly(TransferState.COMPLETE);
    assertThat(new BatchQueries(database).open().batches()).isEmpty();
  }

  /** Three members who are asked for together, one phase after the other. */
  private final class Batch {
    private final Herd herd = new Herd(node);
    private final List<String> members = new ArrayList<>();
    private ExportJobClaim poll;
    private SplitClaim split;
    private List<SharedJobMember> shared;
    private BatchReached reached = BatchReached.GATHERING;

    Batch(BatchReached reached) {
      members.add(register("1"));
      members.add(register("2"));
      goOnTo(reached);
    }

    private String register(String id) {
      return WithdrawalsTest.this.register(Herd.PAYER, "REQ-" + id, DAY, null, Set.of("m:" + id));
    }

    void goOnTo(BatchReached wanted) {
      while (reached != wanted) {
        reached = behind(reached);
        switch (reached) {
          case ASKING -> fill();
          case MATCHING -> poll = herd.asked();
          case ANSWERED ->
              herd.answered(
                  poll,
                  members.stream()
                      .collect(Collectors.toMap(id -> id, id -> BulkMatch.Kind.MATCHED)));
          case EXPORTING -> node.kickOff(Node.only(node.claims.claimForKickoff(9)));
          case FILES_COME ->
              node.jobs.ready(
                  Node.only(node.claims.claimForPoll(9)), Node.facts(), Node.manifest(1));
          case SPLITTING ->
              node.files.stored(
                  Node.only(node.claims.claimForDownload(9)), Node.content("h"), List.of());
          case SPLIT_IN_HAND -> {
            split = Node.only(node.claims.claimForSplit(9));
            shared = node.splits.members(split);
          }
          case RELEASING -> {
            shared.forEach(
                each ->
                    node.splits.served(split, each, List.of(), List.of(), List.of(), List.of()));
            node.splits.done(split, List.of());
            node.end();
          }
          case ENDED -> release();
          default -> throw new IllegalStateException(reached.name());
        }
      }
    }

    private BatchReached behind(BatchReached phase) {
      List<BatchReached> all = List.of(BatchReached.values());
      return all.get(all.indexOf(phase) + 1);
    }

    private void fill() {
      while (new BatchQueries(database).open().batches().get(0).phase() == BatchPhase.GATHERING) {
        members.add(register(Integer.toString(members.size() + 1)));
      }
    }

    private void release() {
      for (List<ExportJobClaim> jobs = node.claims.claimForRelease(9);
          !jobs.isEmpty();
          jobs = node.claims.claimForRelease(9)) {
        jobs.forEach(node.jobs::released);
      }
    }
  }

  private String reach(Reached reached) {
    String id = register("REQ-1", DAY, "m:1");
    if (reached == Reached.RECEIVED) {
      return id;
    }
    node.transfers.matched(Node.only(node.claims.claimForMatch(9)), List.of("g1"));
    if (reached == Reached.REQUESTED) {
      return id;
    }
    node.kickOff(Node.only(node.claims.claimForKickoff(9)));
    if (reached == Reached.RUNNING) {
      return id;
    }
    node.jobs.ready(Node.only(node.claims.claimForPoll(9)), Node.facts(), Node.manifest(1));
    if (reached == Reached.READY) {
      return id;
    }
    node.files.stored(Node.only(node.claims.claimForDownload(9)), Node.content("h"), Node.SINKS);
    if (reached == Reached.SEALED) {
      node.claims.claimForDelivery(9).forEach(node::deliver);
    }
    return id;
  }

  private static Result done(int transfers, int recurrences) {
    return new Result(new Withdrawn(transfers, recurrences), null);
  }

  private Result withdraw(String... ids) {
    return node.withdrawals.withdraw("bison", Set.of(ids), null, BY);
  }

  /** With a request id in front, or none. */
  private Result withdrawSaid(String said) {
    List<String> ids = new ArrayList<>(List.of(said.split(" ")));
    String requestId = said.startsWith("REQ") ? ids.remove(0) : null;
    return node.withdrawals.withdraw("bison", Set.copyOf(ids), requestId, BY);
  }

  private Status status(String requestId, LocalDate consentStart, String... ids) {
    return node.transfers
        .register(List.of(entry("bison", requestId, consentStart, null, Set.of(ids))))
        .get(0)
        .status();
  }

  private String register(String requestId, LocalDate consentStart, String... ids) {
    return register("bison", requestId, consentStart, null, Set.of(ids));
  }

  private String register(
      String payer, String requestId, LocalDate consentStart, Repeat repeat, Set<String> ids) {
    return node.transfers
        .register(List.of(entry(payer, requestId, consentStart, repeat, ids)))
        .get(0)
        .transferId();
  }

  private static IntakeEntry entry(
      String payer, String requestId, LocalDate consentStart, Repeat repeat, Set<String> ids) {
    return new IntakeEntry.Accepted(
        "inbox/a.csv",
        1,
        requestId,
        payer,
        requestId,
        """
        {"resourceType":"Parameters","parameter":[{"name":"MemberPatient",
        "resource":{"name":[{"family":"%s","given":["A"]}]}}]}"""
            .formatted(requestId),
        consentStart,
        Node.CONSENT_END,
        "regular",
        null,
        ids,
        repeat);
  }
}
