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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.EmbeddedBroker;
import org.springframework.jms.core.JmsTemplate;

/**
 * A file and a message that are in hand each time a process is killed. The ledger lets nobody
 * register anything meanwhile, so that each process ends with them.
 */
class IntakeEndedTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String RECORD = IntakeNodes.record("deadly", 1);

  @TempDir Path folder;
  private IntakeNodes intake;

  @BeforeEach
  void prepare() throws IOException {
    intake = IntakeNodes.in(folder);
  }

  @Test
  void aFileThatEndsThreeProcessesIsKeptInRejectedAndNoOtherIs() throws Exception {
    try (Nodes nodes = intake.with("")) {
      Path file = Files.writeString(intake.inbox().resolve("deadly.ndjson"), RECORD);
      killThreeTimes(nodes);
      await().atMost(PATIENCE).until(() -> !Files.exists(file));

      assertThat(intake.files(".rejected"))
          .anySatisfy(each -> assertThat(each).hasContent(RECORD))
          .anySatisfy(each -> assertThat(each).content().contains("ended the process"))
          .hasSize(2);
      assertThat(intake.files(".done")).hasSize(1);

      Pipeline.drop(intake.inbox(), List.of(IntakeNodes.record("beside", 2)));
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(requests()).containsOnly("beside"));
    }
  }

  @Test
  void aMessageThatEndsThreeProcessesGoesToTheRejectedQueueAndNoOtherDoes() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start();
        Nodes nodes = intake.with(broker.url());
        var connections = broker.connectionFactory()) {
      JmsTemplate jms = new JmsTemplate(connections);
      jms.convertAndSend("p2p.intake", RECORD);
      killThreeTimes(nodes);
      await().atMost(PATIENCE).until(() -> broker.depth("p2p.rejected") == 1);

      jakarta.jms.Message rejected = jms.receive("p2p.rejected");
      assertThat(rejected.getBody(String.class)).isEqualTo(RECORD);
      assertThat(rejected.getStringProperty("p2pOutcome")).contains("ended the process");

      jms.convertAndSend("p2p.intake", IntakeNodes.record("beside", 2));
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(requests()).containsOnly("beside"));
      await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
    }
  }

  private void killThreeTimes(Nodes nodes) throws SQLException, IOException {
    try (Connection holder = intake.dataSource().getConnection()) {
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
    return intake
        .ledger()
        .sql("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")
        .query(Integer.class)
        .single();
  }

  private List<String> requests() {
    return intake
        .ledger()
        .sql("SELECT request_id FROM transfer WHERE state <> 'REJECTED'")
        .query(String.class)
        .list();
  }
}
