package org.payerexchange.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.Folders;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Three nodes on one PostgreSQL, or one on H2, with one inbox, one work directory and one outbox.
 * One after the other is killed and started again, before a gateway that does everything wrong that
 * can pass; now and then one stands still for longer than its leases last; and folders are taken
 * out of the outbox before all their files are there. Two payers are asked for each member by
 * itself, and one for members in batches.
 */
public final class Chaos {
  /** Those that are asked for each member by itself. */
  private static final List<String> PAYERS = List.of("heron", "ibis");

  private static final Set<String> ALL_PAYERS = Set.of("heron", "ibis", PdexPayer.ID);
  private static final Duration LONGEST_WAIT_FOR_A_FOLDER = Duration.ofSeconds(10);
  private static final Duration LONGEST_WAIT_FOR_A_CHAIN = Duration.ofSeconds(2);
  private static final Duration LONGEST_WAIT_FOR_A_KILL = Duration.ofSeconds(30);

  private static final String KILLED = "nodes killed";
  private static final String WITH_STEPS = "  with steps in hand";
  private static final String OF_BATCHES = "  with steps of batches in hand";
  private static final String IN_CHAIN = "  with steps that were handed on";
  private static final String HANDED_ON = "    these steps";
  static final String KICK_OFFS = "  with kick-offs in hand: these";
  private static final String STOPPED = "nodes that stood still";
  private static final String TAKEN = "folders taken away too early";

  /** Longer than any call, on a machine that is very busy too: what is lost is counted. */
  private static final Duration LEASE = Duration.ofSeconds(15);

  private static final Duration LONGER_THAN_A_LEASE = LEASE.plusSeconds(2);

  private static final String TAKEN_IN = "SELECT COUNT(*) FROM transfer WHERE NOT is_batch";

  private static final String OPEN =
      """
      SELECT (SELECT COUNT(*) FROM transfer WHERE state IN ('RECEIVED', 'MATCHED'))
        + (SELECT COUNT(*) FROM step WHERE kind <> 'RELEASE'
          OR due_at < CURRENT_TIMESTAMP + INTERVAL '1' HOUR)""";

  /**
   * The steps that a node has in hand, and those among them that a commit of their transfer has
   * handed on: it changed something beside the step at the same instant. What a kick-off writes
   * down before it calls is no such commit.
   */
  private static final String IN_HAND =
      """
      SELECT COUNT(*) AS steps, COUNT(CASE WHEN leased_at IN
          (SELECT updated_at FROM transfer WHERE transfer.id = leased.transfer_id
            UNION ALL SELECT updated_at FROM export_job job WHERE job.transfer_id = leased.transfer_id
            UNION ALL SELECT updated_at FROM output_file file
              WHERE file.transfer_id = leased.transfer_id
            UNION ALL SELECT at FROM transfer_event event
              WHERE event.transfer_id = leased.transfer_id)
        AND NOT EXISTS (SELECT 1 FROM transfer_event event
          WHERE event.transfer_id = leased.transfer_id AND event.what LIKE 'KICKOFF%%'
            AND event.at = leased_at) THEN 1 END) AS handed_on,
        COUNT(CASE WHEN transfer_id IN (SELECT id FROM member_batch) THEN 1 END) AS of_batches,
        COUNT(CASE WHEN kind IN ('EXPORT_KICKOFF', 'MATCH_BATCH') THEN 1 END) AS kick_offs
      FROM (SELECT transfer_id, kind, lease_until - INTERVAL '%d' SECOND AS leased_at
        FROM step WHERE lease_owner = ?) leased"""
          .formatted(LEASE.toSeconds());

  private final Path folder;
  private final TestDatabase database;
  private final ChaosShape shape;
  private final Random random;
  private final Map<String, Integer> done = new LinkedHashMap<>();

  /**
   * Prepares a run.
   *
   * @param folder for all that is written, the nodes' logs too
   */
  Chaos(Path folder, TestDatabase database, ChaosShape shape) throws IOException {
    this.folder = folder;
    this.database = database;
    this.shape = shape;
    this.random = new Random(shape.seed());
    List.of(KILLED, WITH_STEPS, OF_BATCHES, KICK_OFFS, IN_CHAIN, HANDED_ON, STOPPED, TAKEN)
        .forEach(each -> done.put(each, 0));
  }

  /**
   * Runs the long form on both databases, or on that of {@code CHAOS_DATABASE}, and prints its
   * figures.
   *
   * @param arguments the folder to work in; it is deleted before, and where all went well after
   */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    Folders.delete(folder);
    String only = System.getenv().getOrDefault("CHAOS_DATABASE", "");
    boolean well = true;
    for (TestDatabase database : TestDatabase.values()) {
      if (only.isEmpty() || only.equals(database.name())) {
        ChaosResult result =
            new Chaos(folder.resolve(database.name()), database, ChaosShape.of(System.getenv()))
                .run();
        System.out.printf(Locale.ROOT, "%s%n%s%n", database, result.text());
        well = well && result.problems().isEmpty();
      }
    }
    if (well) {
      Folders.delete(folder);
    }
    System.exit(well ? 0 : 1);
  }

  /** Lets it all happen, and looks at what came of it. */
  ChaosResult run() throws IOException, InterruptedException {
    Files.createDirectories(folder);
    String url = database.newUrl(folder);
    JdbcClient ledger = JdbcClient.create(new DriverManagerDataSource(url, "postgres", ""));
    long start = System.nanoTime();
    try (Sandbox sandbox = Sandbox.start(gateway());
        Nodes nodes = new Nodes(folder, settings(url, sandbox))) {
      nodes.start(nodeCount());
      sandbox.faults().rates(shape.faults());
      for (int wave = 0; wave < shape.waves(); wave++) {
        drop(wave);
        takeFolderAway();
        if (shape.standsStill(wave)) {
          standStill(nodes, sandbox);
        }
        kill(nodes, sandbox, ledger);
      }
      awaitEnd(nodes);
      nodes.stop();
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      // with the settings of the ledger's, without which H2 does not find its tables
      try (LedgerDatabase all = LedgerDatabase.open(url, "postgres", "", 4)) {
        return ChaosResult.of(
            JdbcClient.create(all.dataSource()),
            sandbox,
            folder,
            shape.transfers(),
            shape.batches(),
            done,
            took);
      }
    }
  }

  private SandboxOptions gateway() {
    return SandboxOptions.builder()
        .tenants(ALL_PAYERS)
        .load(new LoadShape(shape.files(), shape.bytesPerFile()))
        .runningPolls(2)
        .pdex(pdex -> pdex.holding(new GroupShape(13, 0, 2)))
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
                "p2p.lease=%ds".formatted(LEASE.toSeconds()),
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
    ALL_PAYERS.forEach(payer -> settings.addAll(payer(payer, sandbox)));
    settings.add("p2p.payers.%s.incremental=true".formatted(PdexPayer.ID));
    PdexPayer.settings(ChaosBatches.SIZE)
        .forEach(setting -> settings.add(String.join("=", setting)));
    return settings;
  }

  private static List<String> payer(String payer, Sandbox sandbox) {
    String prefix = "p2p.payers." + payer + ".";
    return List.of(
        prefix + "base-url=" + sandbox.baseUrl(payer),
        prefix + "token-url=" + sandbox.tokenUrl(),
        prefix + "client-id=" + sandbox.options().clientId(),
        prefix + "client-secret=" + sandbox.options().clientSecret(),
        prefix + "scope=" + SandboxOptions.SCOPE);
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
    for (int batch = shape.batches() * wave / shape.waves();
        batch < shape.batches() * (wave + 1) / shape.waves();
        batch++) {
      PdexPayer.drop(
          inbox, ChaosBatches.members(batch, shape.batches()), ChaosBatches.requests(batch));
    }
  }

  /**
   * Kills a node somewhere in the middle of the wave, and starts it again. The only node there is
   * gets something done before, for a step that ends a process three times in a row is given up.
   */
  private void kill(Nodes nodes, Sandbox sandbox, JdbcClient ledger) throws IOException {
    awaitMiddle(sandbox);
    int node = database == TestDatabase.H2 ? 0 : inMidChain(nodes, ledger);
    String name = nodes.name(node);
    nodes.kill(node);
    inHand(ledger, name);
    nodes.restart(node);
  }

  /** One that goes on with something right now, if there is one soon. */
  private int inMidChain(Nodes nodes, JdbcClient ledger) throws IOException {
    List<String> names = new ArrayList<>();
    for (int node = 0; node < nodeCount(); node++) {
      names.add(nodes.name(node));
    }
    try {
      return await()
          .atMost(LONGEST_WAIT_FOR_A_CHAIN)
          .pollInterval(Duration.ofMillis(2))
          .until(
              () ->
                  names.stream()
                      .filter(
                          name ->
                              ledger
                                      .sql(IN_HAND)
                                      .param(name)
                                      .query((row, at) -> row.getInt("handed_on"))
                                      .single()
                                  > 0)
                      .findAny(),
              Optional::isPresent)
          .map(names::indexOf)
          .get();
    } catch (ConditionTimeoutException none) {
      return random.nextInt(nodeCount());
    }
  }

  /** Looks at what the one that was killed had in hand; nobody has opened an H2 again yet. */
  private void inHand(JdbcClient ledger, String name) {
    JdbcClient asItWasLeft =
        database == TestDatabase.H2
            ? JdbcClient.create(
                new DriverManagerDataSource(
                    database.newUrl(folder)
                        + ";ACCESS_MODE_DATA=r;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE",
                    "postgres",
                    ""))
            : ledger;
    asItWasLeft
        .sql(IN_HAND)
        .param(name)
        .query(
            row -> {
              count(KILLED, 1);
              count(WITH_STEPS, Math.min(row.getInt("steps"), 1));
              count(OF_BATCHES, Math.min(row.getInt("of_batches"), 1));
              count(KICK_OFFS, row.getInt("kick_offs"));
              count(IN_CHAIN, Math.min(row.getInt("handed_on"), 1));
              count(HANDED_ON, row.getInt("handed_on"));
            });
  }

  /** Has a node stand still, whatever it is doing, until its leases are over; others go on. */
  private void standStill(Nodes nodes, Sandbox sandbox) throws IOException, InterruptedException {
    awaitMiddle(sandbox);
    int node = random.nextInt(nodeCount());
    nodes.standStill(node);
    await()
        .pollDelay(LONGER_THAN_A_LEASE)
        .atMost(LONGER_THAN_A_LEASE.multipliedBy(2))
        .until(() -> true);
    nodes.goOn(node);
    count(STOPPED, 1);
  }

  private void awaitMiddle(Sandbox sandbox) {
    // less than half of what a transfer, and a batch, are asked for in all
    int ofAWave = (5 * shape.transfers() + 40 * shape.batches()) / shape.waves();
    int atLeast = nodeCount() > 1 ? 0 : ofAWave / 2;
    int requests = received(sandbox) + atLeast + random.nextInt(ofAWave);
    try {
      await()
          .atMost(LONGEST_WAIT_FOR_A_KILL)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> received(sandbox) >= requests);
    } catch (ConditionTimeoutException quiet) {
      // a payer that asked for a pause: it comes now
    }
  }

  /** H2 belongs to one process. */
  private int nodeCount() {
    return database == TestDatabase.H2 ? 1 : 3;
  }

  /** Somebody cannot wait for the manifest, or for the other files. */
  private void takeFolderAway() {
    try {
      await()
          .atMost(LONGEST_WAIT_FOR_A_FOLDER)
          .pollInterval(Duration.ofMillis(2))
          .until(this::tookFolderAway);
    } catch (ConditionTimeoutException quick) {
      // none was seen before it was whole
    }
  }

  private boolean tookFolderAway() throws IOException {
    Path taking = Files.createDirectories(folder.resolve("taken"));
    for (String payer : PAYERS) {
      Path outbox = Files.createDirectories(folder.resolve("outbox").resolve(payer));
      try (DirectoryStream<Path> transfers = Files.newDirectoryStream(outbox)) {
        for (Path transfer : transfers) {
          String[] files = transfer.toFile().list();
          if (files.length > 0 && files.length < shape.files()) {
            Files.move(transfer, taking.resolve(String.valueOf(count(TAKEN, 1))));
            return true;
          }
        }
      }
    }
    return false;
  }

  private int count(String what, int more) {
    return done.merge(what, more, Integer::sum);
  }

  private static int received(Sandbox sandbox) {
    return sandbox.requests().received().values().stream().mapToInt(Integer::intValue).sum();
  }

  private void awaitEnd(Nodes nodes) {
    int all = shape.transfers() + ChaosBatches.SIZE * shape.batches();
    try {
      await()
          .atMost(shape.longest())
          .pollInterval(Duration.ofMillis(200))
          .until(() -> nodes.ask(0, TAKEN_IN) >= all && nodes.ask(0, OPEN) == 0);
    } catch (ConditionTimeoutException stuck) {
      // what is still open shows in the result
    }
  }
}
