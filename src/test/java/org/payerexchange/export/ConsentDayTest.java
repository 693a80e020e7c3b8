package org.payerexchange.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.context.FhirContext;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.dialect.ExportLimits;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.intake.MemberKey;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.store.Claims;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.LedgerWatch;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.match.MemberMatch;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.PlainPayer;
import org.payerexchange.support.PlainRecord;
import org.payerexchange.support.SettableClock;

/** Until when a consent counts: the last moment of its last day, by the node's clock and in UTC. */
class ConsentDayTest {
  private static final Instant LAST_MOMENT = Instant.parse("2031-03-31T23:59:59.999Z");
  private static final Payers PAYERS =
      new Payers(
          List.of(PlainPayer.of("bison", URI.create("http://localhost/v1/bison"), new OneUp())));

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock(LAST_MOMENT);
  private LedgerDatabase database;
  private TransferLedger transfers;
  private Claims claims;

  @BeforeEach
  void open() {
    database = LedgerDatabase.open("jdbc:h2:file:" + folder.resolve("ledger"), "user", "", 2);
    Leases leases =
        new Leases(
            database,
            new LedgerWatch(database, Clock.systemUTC()),
            PAYERS,
            "node",
            new Leases.Limits(Duration.ofMinutes(5), Duration.ofHours(24), Duration.ofHours(24)),
            Capacity.none());
    claims = new Claims(leases);
    transfers = new TransferLedger(leases, Duration.ofDays(30), MemberKey::of, clock);
    transfers.register(
        List.of(
            PlainRecord.of(
                "test", 1, "request", "bison", "hash", "{}", LocalDate.of(2031, 3, 31))));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aMatchAndAKickOffAreMadeUntilItsLastMomentAndNotAfterIt() {
    var transfer = claims.claimForMatch(1).get(0);
    MemberMatch match = new MemberMatch(PAYERS, transfers, clock, 20, FhirContext.forR4Cached());
    transfers.matched(transfer, List.of("group"));
    var job = claims.claimForKickoff(1).get(0);
    ExportKickoff kickoff = new ExportKickoff(PAYERS, null, null, clock);
    KickoffScope all = new KickoffScope(ExportLimits.NONE, AskedFor.ALL);
    assertThat(match.parameters(transfer)).isNotNull();
    assertThat(kickoff.request(job, all)).isNotNull();

    clock.forward(Duration.ofMillis(1));

    expired(() -> match.parameters(transfer));
    expired(() -> kickoff.request(job, all));
  }

  private static void expired(ThrowingCallable step) {
    assertThatThrownBy(step)
        .isInstanceOfSatisfying(
            TransferException.class,
            over -> assertThat(over.reason()).isEqualTo(FailureReason.CONSENT_EXPIRED));
  }
}
