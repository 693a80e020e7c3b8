package org.payerexchange.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.FileHash;
import org.payerexchange.files.Outbox;
import org.payerexchange.http.ContentCoding;
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
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.Lease;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.SettableClock;
import org.springframework.util.unit.DataSize;

class ArrivalTest {
  private static final String TRANSFER = "0a1b2c3d-0000-7000-8000-000000000000";
  private static final byte[] LINE = "{\"resourceType\":\"Patient\"}\n".getBytes(UTF_8);

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock(Instant.EPOCH);
  private LedgerDatabase database;
  private Outbox outbox;
  private Arrival.Bounds bounds;

  @BeforeEach
  void open() {
    database = LedgerDatabase.open("jdbc:h2:file:" + folder.resolve("ledger"), "user", "", 2);
    Leases leases =
        new Leases(
            database,
            new LedgerWatch(database, Clock.systemUTC()),
            new Payers(List.of()),
            "node",
            new Leases.Limits(Duration.ofMinutes(5), Duration.ofHours(24), Duration.ofHours(24)),
            Capacity.none());
    ByteLimits.Limit gigabyte = new ByteLimits.Limit("p2p.some.key", DataSize.ofGigabytes(1));
    ByteLimits limits =
        new ByteLimits(
            gigabyte,
            gigabyte,
            gigabyte,
            gigabyte,
            Map.of(),
            new OutputFileLedger(leases, new PatientBound(1_000_000)),
            clock);
    bounds = new Arrival.Bounds(limits, Duration.ofHours(24), clock);
    outbox = new Outbox(folder.resolve("outbox").toString(), new AtomicFiles(false));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void theTimeOfAllTriesThatGoOnCountsAndTheTimeBetweenThemDoesNot() throws Exception {
    for (int lease = 1; lease <= 3; lease++) {
      int token = lease;
      assertThatThrownBy(() -> receive(token, Duration.ofHours(7)))
          .isInstanceOfSatisfying(
              TransferException.class,
              broken -> assertThat(broken.reason()).isEqualTo(FailureReason.PAYER_UNAVAILABLE));
      clock.forward(Duration.ofDays(2));
    }
    assertThat(left()).hasSize(2);

    assertThatThrownBy(() -> receive(4, Duration.ofHours(7)))
        .isInstanceOfSatisfying(
            TransferException.class,
            late -> {
              assertThat(late.reason()).isEqualTo(FailureReason.TOO_LARGE);
              assertThat(late).hasMessageContaining("p2p.download.deadline");
            });
    assertThat(left()).isEmpty();
  }

  /** One line of a file that is longer arrives, after so long a time. */
  private void receive(int token, Duration after) throws IOException {
    PartialFile part =
        PartialFile.takeOver(
            outbox.receive(TRANSFER, outbox.file("bison", TRANSFER, "Patient-1.ndjson")),
            "Patient-1.ndjson",
            token);
    long size = Files.exists(part.path()) ? Files.size(part.path()) : 0;
    FileAnswer answer =
        new FileAnswer(
            size == 0 ? 200 : 206,
            size,
            1_000_000,
            1_000_000,
            "\"tag\"",
            true,
            true,
            ContentCoding.NONE,
            FileHash.OF_NOTHING);
    InputStream body =
        new ByteArrayInputStream(LINE) {
          @Override
          public synchronized int read(byte[] buffer, int offset, int length) {
            int read = super.read(buffer, offset, length);
            clock.forward(read > 0 ? after : Duration.ZERO);
            return read;
          }
        };
    Arrival arrival = bounds.of(claim(token), new KeptLease(() -> true, () -> true, Duration.ZERO));
    new Reception(part, bytes -> new CheckedCopy("Patient", bytes), null, outbox::writer, arrival)
        .receive(answer, body);
  }

  private static OutputFileClaim claim(int token) {
    return new OutputFileClaim(
        1,
        1,
        JobKind.EXPORT,
        TRANSFER,
        "bison",
        new Lease(1, token, 0, null, null),
        FileKind.OUTPUT,
        "Patient",
        1,
        false,
        "http://localhost/1",
        false,
        null,
        null,
        null,
        null,
        null);
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> entries = Files.list(outbox.incoming().create(TRANSFER))) {
      return entries.toList();
    }
  }
}
