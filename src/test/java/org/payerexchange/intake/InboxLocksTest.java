package org.payerexchange.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.support.LogLines;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;

class InboxLocksTest {
  private static final Duration MAX_AGE = Duration.ofSeconds(20);

  @TempDir Path folder;
  private final List<InboxLocks> open = new ArrayList<>();

  @AfterEach
  void stopKeepingLocksYoung() {
    open.forEach(InboxLocks::shutdown);
  }

  @Test
  void onH2AFileIsOneReadersUntilItGivesItBackAndARestartFreesAll() throws Exception {
    String url = "jdbc:h2:file:" + folder.resolve("ledger");
    try (LedgerDatabase database = LedgerDatabase.open(url, "sa", "", 4)) {
      InboxLocks locks = started(database);
      assertThat(locks.add("bison/x.json")).isTrue();
      assertThat(locks.add("bison/x.json")).isFalse();
      locks.remove("bison/x.json");
      assertThat(locks.add("bison/x.json")).isTrue();
      try (LogLines log = LogLines.from(Level.WARN)) {
        assertThat(started(database).add("bison/x.json")).isTrue();
        assertThat(log.all())
            .containsExactly(
                "WARN inbox: bison/x.json was being read by a process that is gone, and is read anew");
      }
    }
  }

  @Test
  void onPostgresAFileIsOneNodesUntilItGivesItBackOrDies() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
        LedgerDatabase database =
            LedgerDatabase.open(
                postgres.getJdbcUrl("postgres", "postgres"), "postgres", "postgres", 10)) {
      InboxLocks one = started(database);
      InboxLocks other = started(database);
      assertThat(one.add("x.json")).isTrue();
      assertThat(other.add("x.json")).isFalse();
      one.remove("x.json");
      assertThat(other.add("x.json")).isTrue();

      age(database.dataSource(), "x.json");
      await().atMost(MAX_AGE).until(() -> !one.add("x.json") && isYoung(database.dataSource()));

      JdbcClient jdbc = JdbcClient.create(database.dataSource());
      for (int round = 0; round < 20; round++) {
        String key = "dead-" + round;
        jdbc.sql("INSERT INTO inbox_lock VALUES ('inbox', ?, TIMESTAMP '2020-01-01 00:00:00')")
            .param(key)
            .update();
        assertThat(winners(one, other, key)).as(key).isOne();
      }
    }
  }

  /** How many of two nodes get the file when both ask at the same moment. */
  private static long winners(InboxLocks one, InboxLocks other, String key) throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    ExecutorService nodes = Executors.newFixedThreadPool(2);
    try {
      List<Callable<Boolean>> attempts = new ArrayList<>();
      for (InboxLocks locks : List.of(one, other)) {
        attempts.add(
            () -> {
              together.await();
              try {
                return locks.add(key);
              } catch (DataAccessException | TransactionException e) {
                // which Camel takes for a lock that is not to be had
                return false;
              }
            });
      }
      long won = 0;
      for (Future<Boolean> attempt : nodes.invokeAll(attempts)) {
        won += attempt.get() ? 1 : 0;
      }
      return won;
    } finally {
      nodes.shutdownNow();
    }
  }

  private static void age(DataSource dataSource, String key) {
    JdbcClient.create(dataSource)
        .sql(
            "UPDATE inbox_lock SET createdAt = CURRENT_TIMESTAMP - INTERVAL '15' SECOND WHERE messageId = ?")
        .param(key)
        .update();
  }

  private static boolean isYoung(DataSource dataSource) {
    return JdbcClient.create(dataSource)
            .sql(
                "SELECT COUNT(*) FROM inbox_lock WHERE createdAt > CURRENT_TIMESTAMP - INTERVAL '5' SECOND")
            .query(Integer.class)
            .single()
        == 1;
  }

  private InboxLocks started(LedgerDatabase database) throws Exception {
    InboxLocks locks = new InboxLocks(database, MAX_AGE, new DefaultCamelContext());
    locks.init();
    locks.start();
    open.add(locks);
    return locks;
  }
}
