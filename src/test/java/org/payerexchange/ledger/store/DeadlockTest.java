package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.JobState;
import org.payerexchange.step.FailureReason;
import org.springframework.transaction.TransactionException;

/** What PostgreSQL undoes since two changes wait for each other. */
class DeadlockTest extends LedgerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @BeforeEach
  void onPostgres() {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
  }

  @Test
  void whatAPayerWasAnsweredWithIsRecordedThoughTheCommitWasADeadlocksVictim() throws Exception {
    ExportJobClaim poll = node.running("bison");

    assertThat(asVictim(poll, () -> node.jobs.ready(poll, Node.facts(), Node.manifest(2))))
        .isTrue();

    assertThat(node.events(poll.transferId())).containsOnlyOnce("EXPORT_READY");
    assertThat(node.find(poll.transferId()).jobs().get(0).state()).isEqualTo(JobState.READY);
    assertThat(node.claims.claimForDownload(9)).hasSize(2);
  }

  @Test
  void aFailureIsRecordedOnceThoughTheCommitWasADeadlocksVictim() throws Exception {
    ExportJobClaim poll = node.running("bison");

    assertThat(
            asVictim(
                poll,
                () ->
                    node.steps.retryLater(
                        poll, FailureReason.PAYER_UNAVAILABLE, "a test", Node.NOW)))
        .isTrue();

    assertThat(node.events(poll.transferId())).containsOnlyOnce("RETRY_LATER");
    assertThat(Node.only(node.claims.claimForPoll(9)).attempts()).isEqualTo(1);
  }

  @Test
  void whereThereIsNoConnectionThatIsToldAndNothingElse() {
    ExportJobClaim poll = node.running("bison");
    database.close();

    assertThatThrownBy(() -> node.jobs.ready(poll, Node.facts(), Node.manifest(2)))
        .isInstanceOf(TransactionException.class);
  }

  /** The node looks for a deadlock long before the other change does. */
  private boolean asVictim(ExportJobClaim claim, BooleanSupplier commit) throws Exception {
    try (Connection first = connection();
        Connection other = connection();
        Statement step = first.createStatement();
        Statement event = other.createStatement()) {
      event.execute("SET deadlock_timeout = '10min'");
      event.execute("LOCK TABLE transfer_event IN SHARE MODE");
      step.executeQuery("SELECT id FROM step FOR UPDATE").close();
      CompletableFuture<Boolean> done = CompletableFuture.supplyAsync(commit::getAsBoolean);
      await().atMost(PATIENCE).until(() -> waiting() == 1);
      CompletableFuture<Void> circle =
          CompletableFuture.runAsync(() -> lock(event, claim.transferId()));
      await().atMost(PATIENCE).until(() -> waiting() == 2);
      first.rollback();
      circle.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      other.rollback();
      return done.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private Connection connection() throws SQLException {
    Connection connection = DriverManager.getConnection(url, "postgres", "");
    connection.setAutoCommit(false);
    return connection;
  }

  private static void lock(Statement statement, String transferId) {
    try {
      statement
          .executeQuery("SELECT id FROM transfer WHERE id = '%s' FOR UPDATE".formatted(transferId))
          .close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
