package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.EmbeddedBroker;
import org.springframework.jms.core.JmsTemplate;

/** Two nodes on one inbox and one queue that are killed while they take in many records at once. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IntakeKilledTest {
  private static final int RECORDS = 10_000;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;
  private IntakeNodes intake;

  @BeforeEach
  void prepare() throws IOException {
    intake = IntakeNodes.in(folder);
  }

  @Test
  void aFileOfTenThousandRecordsBecomesEachTransferOnceThoughItsReaderIsKilled() throws Exception {
    try (Nodes nodes = intake.with("")) {
      nodes.start(2);
      Pipeline.drop(intake.inbox(), records());
      killInTheMiddle(nodes);

      awaitAll();
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(intake.files("")).isEmpty());
      assertThat(intake.files(".done")).hasSize(1);

      Pipeline.drop(intake.inbox(), records());
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(intake.files(".done")).hasSize(2));
      awaitAll();
    }
  }

  @Test
  void aMessageThatIsRedeliveredAfterAKillBecomesEachTransferOnce() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start();
        Nodes nodes = intake.with(broker.url());
        var connections = broker.connectionFactory()) {
      nodes.start(2);
      new JmsTemplate(connections).convertAndSend("p2p.intake", String.join("", records()));
      killInTheMiddle(nodes);

      awaitAll();
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(broker.depth("p2p.intake")).isZero());
      assertThat(broker.depth("p2p.rejected")).isZero();
    }
  }

  private void killInTheMiddle(Nodes nodes) throws IOException {
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> transfers() > 0);
    nodes.kill(0);
    nodes.kill(1);
    assertThat(transfers()).isLessThan(RECORDS);
    nodes.restart(0);
    nodes.restart(1);
  }

  private void awaitAll() {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(transfers()).isEqualTo(RECORDS));
    assertThat(
            intake
                .ledger()
                .sql("SELECT COUNT(DISTINCT request_id) FROM transfer")
                .query(Integer.class)
                .single())
        .isEqualTo(RECORDS);
  }

  private int transfers() {
    return intake.ledger().sql("SELECT COUNT(*) FROM transfer").query(Integer.class).single();
  }

  private static List<String> records() {
    return IntStream.range(0, RECORDS)
        .mapToObj(i -> IntakeNodes.record("request-" + i, i))
        .toList();
  }
}
