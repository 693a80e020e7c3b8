package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.LedgerDatabase;
import org.payerexchange.ledger.PayerHolds;
import org.payerexchange.ledger.TestDatabase;
import org.payerexchange.sandbox.Members;
import org.payerexchange.support.EmbeddedBroker;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jms.core.JmsTemplate;

/** Two nodes on one inbox and one queue that are killed while they take in many records at once. */
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IntakeKilledTest {
  private static final int RECORDS = 10_000;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;
  private String url;
  private JdbcClient ledger;

  /** Nothing is asked of the payer, so that nothing but intake is at work. */
  @BeforeEach
  void holdThePayer() {
    url = TestDatabase.POSTGRESQL.newUrl(folder);
    ledger = JdbcClient.create(new DriverManagerDataSource(url, "postgres", ""));
    try (LedgerDatabase database = LedgerDatabase.open(url, "postgres", "", 2)) {
      new PayerHolds(database).hold("bison", Duration.ofHours(1), "not in this test");
    }
  }

  @Test
  void aFileOfTenThousandRecordsBecomesEachTransferOnceThoughItsReaderIsKilled() throws Exception {
    try (Nodes nodes = new Nodes(folder, settings(""))) {
      nodes.start(2);
      Pipeline.drop(inbox(), records());
      killInTheMiddle(nodes);

      awaitAll();
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(waiting()).isEmpty());
      assertThat(done()).hasSize(1);

      Pipeline.drop(inbox(), records());
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(done()).hasSize(2));
      awaitAll();
    }
  }

  @Test
  void aMessageThatIsRedeliveredAfterAKillBecomesEachTransferOnce() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start();
        Nodes nodes = new Nodes(folder, settings(broker.url()));
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
            ledger
                .sql("SELECT COUNT(DISTINCT request_id) FROM transfer")
                .query(Integer.class)
                .single())
        .isEqualTo(RECORDS);
  }

  private int transfers() {
    return ledger.sql("SELECT COUNT(*) FROM transfer").query(Integer.class).single();
  }

  private static List<String> records() {
    return IntStream.range(0, RECORDS)
        .mapToObj(i -> Pipeline.record("request-" + i, Members.load("bison", i)))
        .toList();
  }

  private List<String> settings(String broker) {
    return new ArrayList<>(
        List.of(
            "p2p.inbox.directory=" + inbox(),
            "p2p.work.directory=" + folder.resolve("work"),
            "p2p.outbox.directory=" + folder.resolve("outbox"),
            "p2p.database.url=" + url,
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
            "p2p.payers.bison.scope=member-match|read"));
  }

  private Path inbox() {
    try {
      return Files.createDirectories(folder.resolve("inbox"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Path> waiting() throws IOException {
    return files(inbox());
  }

  private List<Path> done() throws IOException {
    return files(inbox().resolve(".done"));
  }

  private static List<Path> files(Path in) throws IOException {
    if (!Files.isDirectory(in)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(in)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
