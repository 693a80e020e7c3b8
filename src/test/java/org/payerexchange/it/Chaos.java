package org.payerexchange.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.payerexchange.ledger.TestDatabase;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.Folders;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Three nodes on one PostgreSQL, one inbox, one work directory and one outbox, of which one after
 * the other is killed and started again, before a gateway that does everything wrong that can pass.
 */
public final class Chaos {
  private static final int NODES = 3;
  private static final List<String> PAYERS = List.of("bison", "heron");
  private static final Duration LONGEST_WAIT_FOR_A_KILL = Duration.ofSeconds(10);

  private static final String OPEN =
      """
      SELECT (SELECT COUNT(*) FROM transfer WHERE due_at IS NOT NULL OR state = 'MATCHED')
        + (SELECT COUNT(*) FROM export_job
          WHERE due_at < CURRENT_TIMESTAMP + INTERVAL '1' HOUR)
        + (SELECT COUNT(*) FROM output_file WHERE due_at IS NOT NULL)
        + (SELECT COUNT(*) FROM delivery WHERE due_at IS NOT NULL)""";

  private final Path folder;
  private final ChaosShape shape;
  private final Random random;

  /**
   * Prepares a run.
   *
   * @param folder for all that is written, the nodes' logs too
   */
  Chaos(Path folder, ChaosShape shape) {
    this.folder = folder;
    this.shape = shape;
    this.random = new Random(shape.seed());
  }

  /**
   * Runs the long form and prints its figures.
   *
   * @param arguments the folder to work in; it is deleted before, and where all went well after
   */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    Folders.delete(folder);
    ChaosResult result = new Chaos(folder, ChaosShape.of(System.getenv())).run();
    System.out.printf(Locale.ROOT, "%s%n", result.text());
    if (result.problems().isEmpty()) {
      Folders.delete(folder);
    }
    System.exit(result.problems().isEmpty() ? 0 : 1);
  }

  /** Lets it all happen, and looks at what came of it. */
  ChaosResult run() throws IOException {
    Files.createDirectories(folder);
    String url = TestDatabase.POSTGRESQL.newUrl(folder);
    JdbcClient ledger = JdbcClient.create(new DriverManagerDataSource(url, "postgres", ""));
    long start = System.nanoTime();
    try (Sandbox sandbox = Sandbox.start(gateway());
        Nodes nodes = new Nodes(folder, settings(url, sandbox))) {
      nodes.start(NODES);
      sandbox.faults().rates(shape.faults());
      for (int wave = 0; wave < shape.waves(); wave++) {
        drop(wave);
        kill(nodes, sandbox);
      }
      awaitEnd(ledger);
      return ChaosResult.of(
          ledger,
          sandbox,
          folder,
          shape.transfers(),
          shape.waves(),
          Duration.ofNanos(System.nanoTime() - start));
    }
  }

  private SandboxOptions gateway() {
    return SandboxOptions.builder()
        .load(new LoadShape(shape.files(), shape.bytesPerFile()))
        .runningPolls(2)
        .seed(shape.seed())
        .build();
  }

  private List<String> settings(String url, Sandbox sandbox) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "p2p.inbox.directory=" + folder.resolve("inbox"),
                "p2p.work.directory=" + folder.resolve("work"),
                "p2p.outbox.directory=" + folder.resolve("outbox"),
                "p2p.outbox.fsync=false",
                "p2p.database.url=" + url,
                "p2p.database.user=postgres",
                "p2p.ops.port=",
                "p2p.lease=5s",
                "p2p.tick=200ms",
                "p2p.inbox.quiet-time=200ms",
                "p2p.inbox.lock-timeout=3s",
                "p2p.poll.min-delay=100ms",
                "p2p.poll.max-delay=500ms",
                "p2p.retry.min-delay=50ms",
                "p2p.retry.max-delay=1s",
                "p2p.http.connect-timeout=1s",
                "p2p.http.response-timeout=2s",
                "p2p.http.answer-timeout=3s"));
    for (String payer : PAYERS) {
      String prefix = "p2p.payers." + payer + ".";
      settings.add(prefix + "base-url=" + sandbox.baseUrl(payer));
      settings.add(prefix + "token-url=" + sandbox.tokenUrl());
      settings.add(prefix + "client-id=" + sandbox.options().clientId());
      settings.add(prefix + "client-secret=" + sandbox.options().clientSecret());
      settings.add(prefix + "scope=" + SandboxOptions.SCOPE);
    }
    return settings;
  }

  private void drop(int wave) throws IOException {
    Path inbox = Files.createDirectories(folder.resolve("inbox"));
    int from = shape.transfers() * wave / shape.waves();
    int to = shape.transfers() * (wave + 1) / shape.waves();
    Pipeline.drop(
        inbox,
        IntStream.range(from, to)
            .mapToObj(
                member ->
                    Pipeline.record(
                        "request-" + member,
                        Members.load(PAYERS.get(member % PAYERS.size()), member)))
            .toList());
  }

  /** Kills a node somewhere in the middle of the wave, and starts it again. */
  private void kill(Nodes nodes, Sandbox sandbox) throws IOException {
    int requests = received(sandbox) + random.nextInt(5 * shape.transfers() / shape.waves());
    try {
      await()
          .atMost(LONGEST_WAIT_FOR_A_KILL)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> received(sandbox) >= requests);
    } catch (ConditionTimeoutException quiet) {
      // a payer that asked for a pause: the kill comes now
    }
    int node = random.nextInt(NODES);
    nodes.kill(node);
    nodes.restart(node);
  }

  private static int received(Sandbox sandbox) {
    return sandbox.requests().received().values().stream().mapToInt(Integer::intValue).sum();
  }

  private void awaitEnd(JdbcClient ledger) {
    try {
      await()
          .atMost(shape.longest())
          .pollInterval(Duration.ofMillis(200))
          .until(
              () ->
                  ledger.sql("SELECT COUNT(*) FROM transfer").query(Long.class).single()
                          >= shape.transfers()
                      && ledger.sql(OPEN).query(Long.class).single() == 0);
    } catch (ConditionTimeoutException stuck) {
      // what is still open shows in the result
    }
  }
}
