package org.payerexchange.download;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.LedgerWatch;
import org.payerexchange.ledger.store.OutputFileLedger;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.Lease;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.unit.DataSize;

/** Bounds hold between two looks at the ledger, of which the clock allows no second one here. */
class ByteLimitsTest {
  @TempDir Path folder;
  private LedgerDatabase database;
  private JdbcClient jdbc;
  private ByteLimits limits;
  private final SlowClock clock = new SlowClock();

  @BeforeEach
  void open() {
    database = LedgerDatabase.open("jdbc:h2:file:" + folder.resolve("ledger"), "user", "", 2);
    jdbc = JdbcClient.create(database.dataSource());
    jdbc.sql(
            """
            INSERT INTO transfer (id, payer, state, source, record_number, request_sha256,
              received_at, updated_at)
            VALUES ('t', 'bison', 'MATCHED', 'a test', 1, '', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)""")
        .update();
    jdbc.sql(
            """
            INSERT INTO export_job (transfer_id, payer, group_id, state, updated_at)
            VALUES ('t', 'bison', 'g', 'READY', CURRENT_TIMESTAMP)""")
        .update();
    Leases leases =
        new Leases(
            database,
            new LedgerWatch(database, Clock.systemUTC()),
            new Payers(List.of()),
            "node",
            new Leases.Limits(Duration.ofMinutes(5), Duration.ofHours(24), Duration.ofHours(24)),
            Capacity.none());
    limits =
        new ByteLimits(
            limit("file", "1GB"),
            limit("attachment", "1GB"),
            limit("transfer", "1KB"),
            limit("payer", "1GB"),
            Map.of(),
            new OutputFileLedger(leases, new PatientBound(1_000_000)),
            clock);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void whatWasStoredSinceTheLastLookCounts() {
    ByteLimits.Bytes first = limits.of(claim(1));
    ByteLimits.Bytes second = limits.of(claim(2));
    first.are(600);
    second.are(100);
    jdbc.sql("UPDATE export_job SET received_bytes = 600").update();
    first.end();

    assertThatThrownBy(() -> second.are(500))
        .hasMessageContaining("the transfer's files have more than")
        .hasMessageContaining("(transfer)");
  }

  @Test
  void whatWasGivenUpSinceTheLastLookFailsNoOther() {
    ByteLimits.Bytes first = limits.of(claim(1));
    ByteLimits.Bytes second = limits.of(claim(2));
    first.are(600);
    second.are(100);
    first.end();

    assertThatCode(() -> second.are(500)).doesNotThrowAnyException();
  }

  @Test
  void aLookThatTakesASecondIsGoodForAHundred() {
    clock.each = Duration.ofSeconds(1);
    ByteLimits.Bytes bytes = limits.of(claim(1));
    bytes.are(100);
    clock.each = Duration.ZERO;
    jdbc.sql("UPDATE export_job SET received_bytes = 1000").update();

    clock.now = clock.now.plusSeconds(90);
    assertThatCode(() -> bytes.are(200)).doesNotThrowAnyException();
    clock.now = clock.now.plusSeconds(10);
    assertThatThrownBy(() -> bytes.are(300)).hasMessageContaining("(transfer)");
  }

  /** Each look at it takes a while. */
  private static final class SlowClock extends Clock {
    private Instant now = Instant.EPOCH;
    private Duration each = Duration.ZERO;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      now = now.plus(each);
      return now;
    }
  }

  private static ByteLimits.Limit limit(String key, String most) {
    return new ByteLimits.Limit(key, DataSize.parse(most));
  }

  private static OutputFileClaim claim(long id) {
    return new OutputFileClaim(
        id,
        1,
        JobKind.EXPORT,
        "t",
        "bison",
        new Lease(id, 1, 0, null, null),
        FileKind.OUTPUT,
        "Patient",
        (int) id,
        false,
        "http://localhost/1",
        false,
        null,
        null,
        null,
        null,
        null);
  }
}
