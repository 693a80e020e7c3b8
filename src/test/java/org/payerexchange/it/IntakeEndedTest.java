package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.LedgerDatabase;
import org.payerexchange.ledger.PayerHolds;
import org.payerexchange.ledger.TestDatabase;
import org.payerexchange.sandbox.Members;
import org.payerexchange.support.EmbeddedBroker;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jms.core.JmsTemplate;

/**
 * A file and a message that are in hand each time a process is killed. The ledger lets nobody
 * register anything meanwhile, so that each process ends with them.
 */
class IntakeEndedTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String RECORD = Pipeline.record("deadly", Members.load("bison", 1));

  @TempDir Path folder;
  private DriverManagerDataSource ledger;

  /** Nothing is asked of the payer, so that nothing but intake is at work. */
  @BeforeEach
  void holdThePayer() throws IOException {
    String url = TestDatabase.POSTGRESQL.newUrl(folder);
    ledger = new DriverManagerDataSource(url, "postgres", "");
    try (LedgerDatabase database = LedgerDatabase.open(url, "postgres", "", 2)) {
      new PayerHolds(database).hold("bison", Duration.ofHours(1), "not in this test");
    }
    Files.createDirectories(inbox());
  }

  @Test
  void aFileThatEndsThreeProcessesIsKeptInRejectedAndNoOtherIs() throws Exception {
    try (Nodes nodes = new Nodes(folder, settings(""))) {
      Path file = Files.writeString(inbox().resolve("deadly.ndjson"), RECORD);
      killThreeTimes(nodes);
      await().atMost(PATIENCE).until(() -> !Files.exists(file));

      assertThat(files(inbox().resolve(".rejected")))
          .anySatisfy(each -> assertThat(each).hasContent(RECORD))
          .anySatisfy(each -> assertThat(each).content().contains("ended the process"))
          .hasSize(2);
      assertThat(files(inbox().resolve(".done"))).hasSize(1);

      Pipeline.drop(inbox(), List.of(Pipeline.record("beside", Members.load("bison", 2))));
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(requests()).containsOnly("beside"));
    }
  }

  @Test
  void aMessageThatEndsThreeProcessesGoesToTheRejectedQueueAndNoOtherDoes() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start();
        Nodes nodes = new Nodes(folder, settings(broker.url()));
        var connections = broker.connectionFactory()) {
      JmsTemplate jms = new JmsTemplate(connections);
      jms.convertAndSend("p2p.intake", RECORD);
      killThreeTimes(nodes);
      await().atMost(PATIENCE).until(() -> broker.depth("p2p.rejected") == 1);

      jakarta.jms.Message rejected = jms.receive("p2p.rejected");
      assertThat(rejected.getBody(String.class)).isEqualTo(RECORD);
      assertThat(rejected.getStringProperty("p2pOutcome")).contains("ended the process");

      jms.convertAndSend("p2p.intake", Pipeline.record("beside", Members.load("bison", 2)));
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(requests()).containsOnly("beside"));
      await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
    }
  }

  private void killThreeTimes(Nodes nodes) throws SQLException, IOException {
    try (Connection holder = ledger.getConnection()) {
      holder.setAutoCommit(false);
      try (var statement = holder.createStatement()) {
        statement.execute("LOCK TABLE transfer_request IN SHARE ROW EXCLUSIVE MODE");
      }
      nodes.start(1);
      for (int end = 1; end <= 3; end++) {
        int held = end;
        // those of killed processes wait on, too
        await().atMost(PATIENCE).until(() -> waiting() >= held);
        nodes.kill(0);
        if (end < 3) {
          nodes.restart(0);
        }
      }
      holder.rollback();
    }
    nodes.restart(0);
  }

  private int waiting() {
    return JdbcClient.create(ledger)
        .sql("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")
        .query(Integer.class)
        .single();
  }

  private List<String> requests() {
    return JdbcClient.create(ledger)
        .sql("SELECT request_id FROM transfer WHERE state <> 'REJECTED'")
        .query(String.class)
        .list();
  }

  private List<String> settings(String broker) {
    return List.of(
        "p2p.inbox.directory=" + inbox(),
        "p2p.work.directory=" + folder.resolve("work"),
        "p2p.outbox.directory=" + folder.resolve("outbox"),
        "p2p.database.url=" + ledger.getUrl(),
        "p2p.database.user=postgres",
        "p2p.jms.url=" + broker,
        "p2p.ops.port=",
        "p2p.tick=200ms",
        "p2p.inbox.quiet-time=200ms",
        "p2p.inbox.lock-timeout=3s",
        "p2p.payers.bison.base-url=http://127.0.0.1:1/v1/bison",
        "p2p.payers.bison.token-url=http://127.0.0.1:1/token",
        "p2p.payers.bison.client-id=test",
        "p2p.payers.bison.client-secret=test",
        "p2p.payers.bison.scope=member-match|read");
  }

  private Path inbox() {
    return folder.resolve("inbox");
  }

  private static List<Path> files(Path in) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
