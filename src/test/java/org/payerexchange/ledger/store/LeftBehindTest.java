package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.RetryDecision;
import org.payerexchange.step.RetryDecision.Action;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A server that breaks off while a node has steps in hand. */
class LeftBehindTest extends LedgerTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final List<RetryDecision> DECISIONS =
      List.of(
          decision(Action.RETRY, Duration.ZERO, FailureReason.LEDGER_UNAVAILABLE),
          decision(Action.RETRY, Duration.ofMinutes(10), FailureReason.PAYER_BUSY),
          decision(Action.HOLD, Duration.ZERO, FailureReason.TOKEN_REFUSED),
          decision(Action.RELEASE, Duration.ZERO, FailureReason.INTERNAL));

  private String name;
  private JdbcTemplate server;

  @BeforeEach
  void findServer() {
    assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
    name = database.jdbc().sql("SELECT current_database()").query(String.class).single();
    server =
        new JdbcTemplate(
            new DriverManagerDataSource(url.replace(name, "postgres"), "postgres", ""));
  }

  @Test
  void whatANodeHadInHandWhileTheServerWasAwayIsClaimedSoonWhenItIsBackHoweverItEnded()
      throws Exception {
    List<TransferClaim> claims = fourInHand();
    server.execute("ALTER DATABASE %s ALLOW_CONNECTIONS false".formatted(name));
    endConnections("TRUE");

    LeaseTest.inParallel(4, worker -> cannotRecord(claims.get(worker), DECISIONS.get(worker)));
    server.execute("ALTER DATABASE %s ALLOW_CONNECTIONS true".formatted(name));

    areClaimed(4);
  }

  @Test
  void whatANodeHadInHandWhileItsServerWasAStandbyIsClaimedSoonWhenItIsNoneHoweverItEnded()
      throws Exception {
    List<TransferClaim> claims = fourInHand();
    readOnly(true);

    LeaseTest.inParallel(4, worker -> cannotRecord(claims.get(worker), DECISIONS.get(worker)));
    readOnly(false);

    areClaimed(4);
  }

  private List<TransferClaim> fourInHand() {
    node = node("node-1", Duration.ofMinutes(2));
    node.register("bison", 4);
    List<TransferClaim> claims = node.claims.claimForMatch(9);
    assertThat(claims).hasSize(4);
    return claims;
  }

  private static RetryDecision decision(Action action, Duration pause, FailureReason reason) {
    return new RetryDecision(action, Duration.ZERO, pause, reason, "away");
  }

  private void cannotRecord(TransferClaim claim, RetryDecision decision) {
    assertThatThrownBy(() -> node.ends.record(decision, claim)).isNotNull();
    node.leases.done(claim);
  }

  private void readOnly(boolean is) {
    server.execute("ALTER DATABASE %s SET default_transaction_read_only = %s".formatted(name, is));
    endConnections("TRUE");
  }

  @Test
  void whatACommitTookWhoseAnswerIsLostIsClaimedAtOnceByAPayerThatTakesTwo() throws Exception {
    node.register("narrow", 3);
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

    areClaimed(2);
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

  private void areClaimed(int count) {
    List<TransferClaim> claimed = new ArrayList<>();
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> claimed.addAll(node.claims.claimForMatch(9)) && claimed.size() == count);
    assertThat(database.finds("SELECT 1 FROM lost_end")).isFalse();
    assertThat(node.queries.takeovers().values()).containsOnly(0L);
  }
}
