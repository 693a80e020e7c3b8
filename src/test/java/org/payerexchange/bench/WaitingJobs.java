package org.payerexchange.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.Progress;
import org.payerexchange.ledger.store.Claims;
import org.payerexchange.ledger.store.ExportJobLedger;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.LedgerWatch;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.Capacity;
import org.payerexchange.support.Folders;
import org.payerexchange.support.PlainPayer;

/**
 * What the claims of a poll tick cost with few and with many export jobs in the ledger. The due
 * ones lie side by side, as those do that were kicked off together, or all over the table, where
 * hardly any two of them share a page that H2 writes anew: that is the most that they can cost. The
 * PostgreSQL is the tests' own, which does not force its commits to the disk.
 */
final class WaitingJobs {
  private static final int DUE = 100;
  private static final int BATCH = 64;
  private static final int TICKS = 30;
  private static final int CONNECTIONS = 4;
  private static final int PART = 1000;

  private final Path folder;
  private final BenchSettings settings;

  WaitingJobs(Path folder, BenchSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  void run() throws IOException {
    Figures.print(
        "%nThe claims of a poll tick with %d jobs due, %d at a time, after a warm-up of %d ticks%n",
        DUE, BATCH, TICKS);
    for (TestDatabase kind : TestDatabase.values()) {
      Figures figures = new Figures();
      for (int run = 0; run <= settings.runs(); run++) {
        // the first run warms the compiler up
        Figures kept = run == 0 ? new Figures() : figures;
        for (int jobs : settings.waiting()) {
          measure(kind, jobs, kept);
        }
      }
      Figures.print("%s%n", kind);
      figures.print();
    }
  }

  private void measure(TestDatabase kind, int jobs, Figures figures) throws IOException {
    try (LedgerDatabase database =
        LedgerDatabase.open(kind.newUrl(folder), "postgres", "", CONNECTIONS)) {
      fill(database, jobs);
      Leases leases =
          new Leases(
              database,
              new LedgerWatch(database, Clock.systemUTC()),
              payers(),
              "bench",
              new Leases.Limits(Duration.ofMinutes(5), Duration.ofHours(24), Duration.ofHours(24)),
              Capacity.none());
      String name = "%,d jobs, ".formatted(jobs);
      measure(database, leases, 1, name + "due side by side", figures);
      measure(database, leases, jobs / DUE, name + "due all over", figures);
    } catch (SQLException e) {
      throw new IOException("the ledger cannot be filled", e);
    } finally {
      Folders.delete(folder);
    }
  }

  private static void measure(
      LedgerDatabase database, Leases leases, int apart, String name, Figures figures)
      throws SQLException {
    Figures ticks = new Figures();
    Claims of = new Claims(leases);
    ExportJobLedger ledger = new ExportJobLedger(leases, new PatientBound(1_000_000));
    for (int tick = 0; tick < 2 * TICKS; tick++) {
      makeDue(database, apart);
      long start = System.nanoTime();
      List<ExportJobClaim> claimed = new ArrayList<>();
      List<ExportJobClaim> claims = of.claimForPoll(BATCH);
      while (!claims.isEmpty()) {
        claimed.addAll(claims);
        claims = of.claimForPoll(BATCH);
      }
      // its commit has all the claims in it
      ledger.stillRunning(claimed.get(0), new Progress("0%"), Duration.ofHours(1));
      long allClaimed = System.nanoTime();
      if (claimed.size() != DUE) {
        throw new IllegalStateException(claimed.size() + " jobs were claimed");
      }
      of.claimForPoll(BATCH);
      long nothingDue = System.nanoTime();
      if (tick >= TICKS) {
        ticks.add("due", (allClaimed - start) / 1e6);
        ticks.add("nothing due", (nothingDue - allClaimed) / 1e6);
      }
    }
    figures.add(name + ": all claims of a tick (ms)", ticks.median("due"));
    figures.add(name + ": a claim with nothing due (ms)", ticks.median("nothing due"));
  }

  private static void fill(LedgerDatabase database, int jobs) throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      try (Statement gate = connection.createStatement()) {
        gate.executeUpdate("INSERT INTO payer_gate (payer) VALUES ('bison')");
      }
      try (PreparedStatement transfer =
              connection.prepareStatement(
                  """
                  INSERT INTO transfer (id, payer, state, source, record_number, request_sha256,
                    received_at, updated_at)
                  VALUES (?, 'bison', 'MATCHED', 'bench', 1, '-', CURRENT_TIMESTAMP,
                    CURRENT_TIMESTAMP)""");
          PreparedStatement job =
              connection.prepareStatement(
                  """
                  INSERT INTO export_job (transfer_id, id, payer, group_id, state, job_id, status_url,
                    polling_since, updated_at)
                  VALUES (?, ?, 'bison', 'group', 'RUNNING', 'job', 'http://localhost/job',
                    CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)""");
          PreparedStatement step =
              connection.prepareStatement(
                  """
                  INSERT INTO step (id, kind, lane, transfer_id, item, due_at)
                  SELECT id, 'EXPORT_POLL', payer, transfer_id, id,
                    CURRENT_TIMESTAMP + INTERVAL '1' HOUR
                  FROM export_job WHERE id > ?""")) {
        for (int number = 0; number < jobs; number++) {
          transfer.setString(1, "bench-" + number);
          transfer.addBatch();
          job.setString(1, "bench-" + number);
          job.setLong(2, number + 1L);
          job.addBatch();
          if (number % PART == PART - 1 || number == jobs - 1) {
            transfer.executeBatch();
            job.executeBatch();
            step.setLong(1, (long) (number / PART) * PART);
            step.executeUpdate();
            connection.commit();
          }
        }
      }
      try (Statement statistics = connection.createStatement()) {
        statistics.execute("ANALYZE");
      }
      connection.commit();
    }
  }

  /** Every so many jobs one, none of them leased. */
  private static void makeDue(LedgerDatabase database, int apart) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement rest = connection.createStatement();
        PreparedStatement due =
            connection.prepareStatement(
                "UPDATE step SET due_at = CURRENT_TIMESTAMP - INTERVAL '1' SECOND WHERE id = ?")) {
      rest.executeUpdate(
          """
          UPDATE step SET lease_until = NULL, lease_owner = NULL,
            due_at = CURRENT_TIMESTAMP + INTERVAL '1' HOUR
          WHERE lease_until > CURRENT_TIMESTAMP""");
      for (int each = 1; each <= DUE; each++) {
        due.setLong(1, (long) each * apart);
        due.addBatch();
      }
      due.executeBatch();
    }
  }

  private static Payers payers() {
    URI url = URI.create("http://localhost/v1/bison");
    return new Payers(
        List.of(
            PlainPayer.of(
                "bison", url, url, "bench", "none", "-", Set.of(), Set.of(), new OneUp(), DUE)));
  }
}
