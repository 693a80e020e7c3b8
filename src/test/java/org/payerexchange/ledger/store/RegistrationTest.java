package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.payerexchange.intake.MemberKey;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.Registration.Status;
import org.payerexchange.ledger.TransferState;

class RegistrationTest extends LedgerTest {

  @Test
  void theSameRequestIdIsOneTransferHoweverOftenItArrives() {
    Registration first = register(Node.request("r1", "bison", "aaaa"));
    Registration second = register(Node.request("r1", "bison", "aaaa"));

    assertThat(first.status()).isEqualTo(Status.NEW);
    assertThat(second).isEqualTo(new Registration(Status.DUPLICATE, first.transferId()));
    assertThat(node.claims.claimForMatch(10)).hasSize(1);
  }

  @Test
  void aKnownRequestIdOfAPayerWithOtherContentIsAConflict() {
    String first = register(Node.request("r1", "bison", "aaaa")).transferId();

    assertThat(register(Node.request("r1", "bison", "bbbb")))
        .isEqualTo(new Registration(Status.CONFLICT, first));
    assertThat(register(Node.request("r1", "bison", "aaaa")))
        .isEqualTo(new Registration(Status.DUPLICATE, first));
  }

  @Test
  void aRequestIdIsItsPayersOwn() {
    Registration bison = register(Node.request("r1", "bison", "aaaa"));
    Registration elk = register(Node.request("r1", "elk", "aaaa"));

    assertThat(elk.status()).isEqualTo(Status.NEW);
    assertThat(elk.transferId()).isNotEqualTo(bison.transferId());
    assertThat(register(Node.request("elk:r1", "bison", "aaaa")).status()).isEqualTo(Status.NEW);
    assertThat(register(Node.request("r1", "elk", "aaaa")))
        .isEqualTo(new Registration(Status.DUPLICATE, elk.transferId()));
  }

  @Test
  void withoutARequestIdTheSameContentIsOneTransferWithinTheDuplicateWindow() {
    Registration first = register(Node.request(null, "bison", "aaaa"));

    assertThat(register(Node.request(null, "bison", "aaaa")))
        .isEqualTo(new Registration(Status.DUPLICATE, first.transferId()));
    assertThat(register(Node.request(null, "elk", "aaaa")).status()).isEqualTo(Status.NEW);
    assertThat(register(Node.request(null, "bison", "bbbb")).status()).isEqualTo(Status.NEW);
    TransferLedger shortWindow =
        new TransferLedger(node.leases, Duration.ofMillis(50), MemberKey::of, node.clock);
    await()
        .untilAsserted(
            () ->
                assertThat(shortWindow.register(List.of(Node.request(null, "bison", "aaaa"))))
                    .extracting(Registration::status)
                    .containsExactly(Status.NEW));
  }

  @Test
  void aBatchHoldsNewRecordsDuplicatesAndConflictsAndAnswersInOrder() {
    List<Registration> registrations =
        node.transfers.register(
            List.of(
                Node.request("r2", "bison", "aaaa"),
                Node.request("r1", "bison", "aaaa"),
                Node.request("r2", "bison", "aaaa"),
                Node.request("r1", "bison", "bbbb"),
                new IntakeEntry.Rejected("inbox/a.csv", 5, "cccc", "birthDate: not a date")));

    assertThat(registrations)
        .extracting(Registration::status)
        .containsExactly(
            Status.NEW, Status.NEW, Status.DUPLICATE, Status.CONFLICT, Status.REJECTED);
    assertThat(registrations.get(2).transferId()).isEqualTo(registrations.get(0).transferId());
  }

  /** With reWriteBatchedInserts=true PostgreSQL's driver does not say which rows are new. */
  @Test
  void newRecordsKnownOnesAndOldOnesAreToldApartInOneBatchWhetherTheDriverCountsOrNot() {
    String old = register(Node.request(null, "bison", "old")).transferId();
    database
        .jdbc()
        .sql("UPDATE transfer SET received_at = TIMESTAMP '2020-01-01 00:00:00'")
        .update();
    String known = register(Node.request(null, "bison", "known")).transferId();
    LedgerDatabase quiet =
        kind == TestDatabase.H2
            ? database
            : LedgerDatabase.open(url + "&reWriteBatchedInserts=true", "postgres", "", 2);

    List<Registration> registrations =
        new Node(quiet, "node-2", Duration.ofMinutes(5))
            .transfers.register(
                List.of(
                    Node.request(null, "bison", "new"),
                    Node.request(null, "bison", "known"),
                    Node.request(null, "bison", "old"),
                    Node.request(null, "bison", "old"),
                    Node.request(null, "elk", "old")));

    assertThat(registrations)
        .extracting(Registration::status)
        .containsExactly(Status.NEW, Status.DUPLICATE, Status.NEW, Status.DUPLICATE, Status.NEW);
    assertThat(registrations.get(1).transferId()).isEqualTo(known);
    assertThat(registrations.get(2).transferId())
        .isEqualTo(registrations.get(3).transferId())
        .isNotEqualTo(old);
    assertThat(node.claims.claimForMatch(10)).hasSize(5);
    if (quiet != database) {
      quiet.close();
    }
  }

  @Test
  void aRejectionIsOnRecordOnceAndIsNoWork() {
    IntakeEntry rejected =
        new IntakeEntry.Rejected("inbox/a.csv", 5, "cccc", "birthDate: not a date");

    Registration first = register(rejected);
    assertThat(register(rejected)).isEqualTo(first);

    TransferSummary row = node.find(first.transferId()).transfer();
    assertThat(row.state()).isEqualTo(TransferState.REJECTED);
    assertThat(row.detail()).isEqualTo("birthDate: not a date");
    assertThat(row.recordNumber()).isEqualTo(5);
    assertThat(node.events(first.transferId())).containsExactly("REJECTED");
    assertThat(node.claims.claimForMatch(10)).isEmpty();
    assertThat(node.claims.claimForOutcome(10)).isEmpty();
  }

  @Test
  void nodesThatRegisterTheSameRecordsAtTheSameTimeMakeOneTransferOfEach() throws Exception {
    List<IntakeEntry> records = new ArrayList<>();
    IntStream.range(0, 300)
        .forEach(i -> records.add(Node.request(null, i % 2 == 0 ? "bison" : "elk", "sha" + i)));
    List<Registration> registrations = Collections.synchronizedList(new ArrayList<>());

    LeaseTest.inParallel(
        4,
        worker -> {
          List<IntakeEntry> shuffled = new ArrayList<>(records);
          Collections.shuffle(shuffled);
          registrations.addAll(
              node("n" + worker, Duration.ofMinutes(5)).transfers.register(shuffled));
        });

    assertThat(registrations).filteredOn(each -> each.status() == Status.NEW).hasSize(300);
    assertThat(registrations).filteredOn(each -> each.status() == Status.DUPLICATE).hasSize(900);
    assertThat(node.queries.page(TransferFilter.ALL, 0, 1).total()).isEqualTo(300);
  }

  private Registration register(IntakeEntry entry) {
    return Node.only(node.transfers.register(List.of(entry)));
  }
}
