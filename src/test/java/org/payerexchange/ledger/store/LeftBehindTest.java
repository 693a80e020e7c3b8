package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.FailureReason;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A payer that takes two requests at once, and a server that breaks off in the middle of them. */
class LeftBehindTest extends LedgerTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private String name;
  private JdbcTemplate server;

  @BeforeEach
  void findServer() {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    name = database.jdbc().sql("SELECT current_database()").query(String.class).single();
    server =
        new JdbcTemplate(
            new DriverManagerDataSource(url.replace(name, "postgres"), "postgres", ""));
    node.register("narrow", 3);
  }

  @Test
  void whatANodeHadInHandWhileTheServerWasAwayIsClaimedSoonWhenItIsBack() throws Exception {
    List<TransferClaim> claims = node.claims.claimForMatch(9);
    assertThat(claims).hasSize(2);
    server.execute("ALTER DATABASE %s ALLOW_CONNECTIONS false".formatted(name));
    endConnections("TRUE");

    LeaseTest.inParallel(2, worker -> cannotRecord(claims.get(worker)));
    server.execute("ALTER DATABASE %s ALLOW_CONNECTIONS true".formatted(name));

    nextClaimHasTwo();
  }

  private void cannotRecord(TransferClaim claim) {
    assertThatThrownBy(() -> node.transfers.matched(claim, List.of("g"))).isNotNull();
    assertThatThrownBy(
            () ->
                node.steps.retryLater(
                    claim, FailureReason.LEDGER_UNAVAILABLE, "away", Duration.ZERO))
        .isNotNull();
    node.leases.done(claim);
  }

  @Test
  void whatACommitTookWhoseAnswerIsLostIsClaimedAtOnce() throws Exception {
    // the tests' server has it off
    server.execute("ALTER DATABASE %s SET synchronous_commit = on".formatted(name));
    endConnections("TRUE");
    acknowledgedBy("nobody");
    try {
      CompletableFuture<List<TransferClaim>> claim =
          CompletableFuture.supplyAsync(() -> node.claims.claimForMatch(9));
      await().atMost(PATIENCE).until(() -> endConnections("wait_event = 'SyncRep'") > 0);
      assertThatThrownBy(() -> claim.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    } finally {
      acknowledgedBy("");
    }
    assertThat(
            database
                .jdbc()
                .sql("SELECT COUNT(*) FROM step WHERE lease_owner = 'node-1'")
                .query(Integer.class)
                .single())
        .as("it was committed")
        .isEqualTo(2);

    nextClaimHasTwo();
  }

  private void acknowledgedBy(String standby) {
    server.execute("ALTER SYSTEM SET synchronous_standby_names = '%s'".formatted(standby));
    server.queryForList("SELECT pg_reload_conf()");
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                database
                    .jdbc()
                    .sql("SHOW synchronous_standby_names")
                    .query(String.class)
                    .single()
                    .equals(standby));
  }

  private int endConnections(String which) {
    return server
        .queryForList(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ? AND " + which,
            name)
        .size();
  }

  private void nextClaimHasTwo() {
    List<TransferClaim> next =
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> node.claims.claimForMatch(9), some -> !some.isEmpty());
    assertThat(next).as("both places at the payer are free again").hasSize(2);
    assertThat(database.finds("SELECT 1 FROM lost_end")).isFalse();
    assertThat(node.queries.takeovers()).isEqualTo(Map.of("narrow", 0L));
  }
}
