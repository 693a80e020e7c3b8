package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.docker.ComposeFile;
import org.payerexchange.docker.ContainerProcess;
import org.payerexchange.docker.ImageTree;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.FreePort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * The services of {@code docker/compose.yaml} as processes on loopback: two nodes from the image's
 * own files, with the variables and mounts that stand there; run by the profile image.
 */
class StackIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String OPEN =
      """
      SELECT (SELECT COUNT(*) FROM transfer WHERE state IN ('RECEIVED', 'MATCHED'))
        + (SELECT COUNT(*) FROM step WHERE kind <> 'RELEASE'
          OR due_at < CURRENT_TIMESTAMP + INTERVAL '1' HOUR)""";

  private static final int MEMBERS_AT_ONCE = 2;
  private static final int SIGNS_OF_WORK = 5;

  @TempDir Path folder;
  private final ComposeFile compose = ComposeFile.read();
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final List<ContainerProcess> nodes = new ArrayList<>();
  private final AtomicInteger members = new AtomicInteger();
  private ImageTree image;
  private EmbeddedBroker broker;
  private JdbcClient ledger;
  private String databaseUrl;

  @BeforeEach
  void prepare() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    databaseUrl = TestDatabase.POSTGRESQL.newUrl(folder);
    ledger = JdbcClient.create(new DriverManagerDataSource(databaseUrl, "postgres", ""));
    broker = EmbeddedBroker.start();
    running.push(broker);
    image = ImageTree.layOut(Files.createDirectory(folder.resolve("image")));
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable each : running) {
      each.close();
    }
  }

  @Test
  void theDemosSamplesEndAsExpected() throws Exception {
    String gateway = runSandboxService();
    startNodes(gateway);

    runSamplesService();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(states())
                    .containsEntry("COMPLETE", 12L)
                    .containsEntry("NO_MATCH", 1L)
                    .containsEntry("FAILED", 1L)
                    .containsEntry("REJECTED", 1L));

    assertThat(image.print(List.of("status"), environment(gateway))).contains("COMPLETE 12");
  }

  @Test
  void aRollingRestartUnderLoadLosesNothingAndDoesNothingTwice() throws Exception {
    long begin = System.nanoTime();
    Sandbox sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .load(new LoadShape(6, 20_000))
                .bytesPerSecond(600_000)
                .runningPolls(2)
                .build());
    running.push(sandbox);
    startNodes(sandbox.origin().toString());

    ScheduledExecutorService load = Executors.newSingleThreadScheduledExecutor();
    running.push(load::shutdownNow);
    Future<?> loading = load.scheduleWithFixedDelay(this::takeSome, 0, 1, TimeUnit.SECONDS);
    for (ContainerProcess node : nodes) {
      awaitMore(() -> sandbox.requests().kickOffs().size());
      assertThat(open()).isPositive();
      assertThat(node.stop()).isZero();
      awaitMore(() -> states().getOrDefault("COMPLETE", 0L).intValue());
      node.start();
      node.awaitHealthy();
    }
    assertThat(loading.isDone()).as("the load has ended too early").isFalse();
    load.shutdown();
    assertThat(load.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                ledger.sql("SELECT COUNT(*) FROM transfer").query(Integer.class).single()
                        == members.get()
                    && open() == 0);

    ChaosResult result =
        ChaosResult.of(
            ledger,
            sandbox,
            image.path(ImageTree.STATE),
            members.get(),
            0,
            Map.of("nodes stopped", nodes.size()),
            Duration.ofNanos(System.nanoTime() - begin));
    assertThat(result.problems()).as(result.text()).isEmpty();
    assertThat(sandbox.requests().kickOffs().values()).containsOnly(1);
    assertThat(
            ledger
                .sql("SELECT COUNT(*) FROM transfer_event WHERE what = 'KICKOFF_REPEATED'")
                .query(Long.class)
                .single())
        .isZero();
  }

  /** Waits until some more of it has been done. */
  private static void awaitMore(IntSupplier done) {
    int enough = done.getAsInt() + SIGNS_OF_WORK;
    await().atMost(PATIENCE).until(() -> done.getAsInt() >= enough);
  }

  private long open() {
    return ledger.sql(OPEN).query(Long.class).single();
  }

  private void startNodes(String gateway) throws Exception {
    String payers = Files.readString(Path.of("docker/payers.properties"));
    image.mount("payers.properties", local(payers, gateway));
    image.makeReadOnly();
    for (String name : List.of("node-1", "node-2")) {
      ContainerProcess node =
          new ContainerProcess(image, environment(gateway), folder.resolve(name + ".log"));
      nodes.add(node);
      running.push(node);
      node.start();
    }
    nodes.forEach(ContainerProcess::awaitHealthy);
  }

  private Map<String, String> environment(String gateway) {
    Map<String, String> environment = new HashMap<>();
    compose
        .services()
        .get("node-1")
        .environment()
        .forEach((name, value) -> environment.put(name, local(value, gateway)));
    environment.put("P2P_DATABASE_USER", "postgres");
    environment.put("JDK_JAVA_OPTIONS", "-Xmx192m -XX:TieredStopAtLevel=1");
    return environment;
  }

  /** What the names of services mean here. */
  private String local(String text, String gateway) {
    return text.replace("jdbc:postgresql://postgres:5432/payerexchange", databaseUrl)
        .replace("tcp://artemis:61616", broker.url())
        .replace("http://sandbox:8090", gateway);
  }

  /** Returns its origin. */
  private String runSandboxService() throws IOException {
    ComposeFile.Service service = compose.services().get("sandbox");
    ImageTree own =
        ImageTree.layOut(Files.createDirectory(folder.resolve("sandbox")))
            .withStage(service.build().target());
    List<String> command = new ArrayList<>(service.command());
    command.replaceAll(part -> part.replace("0.0.0.0", "127.0.0.1"));
    command.addAll(List.of("--port", Integer.toString(FreePort.find())));
    Process sandbox =
        own.run(command, Map.of())
            .redirectErrorStream(false)
            .redirectError(folder.resolve("sandbox.log").toFile())
            .start();
    running.push(() -> sandbox.destroyForcibly().onExit().join());
    String base = sandbox.inputReader().readLine();
    assertThat(base).startsWith("p2p.payers.");
    return URI.create(base.substring(base.indexOf('=') + 1))
        .resolve("/")
        .toString()
        .replaceAll("/$", "");
  }

  private void runSamplesService() throws Exception {
    ComposeFile.Service samples = compose.services().get("samples");
    String inbox =
        samples.workingDir().replace(mount(samples), mount(compose.services().get("node-1")));
    Path mounted = copyOf(Path.of("src/main/resources/samples"));
    List<String> command = image.asUser();
    samples.command().stream()
        .map(part -> part.replace("/samples", mounted.toString()))
        .forEach(command::add);
    Process process = new ProcessBuilder(command).directory(image.path(inbox).toFile()).start();
    assertThat(process.waitFor()).isZero();
  }

  /** Where a service sees the volume that all share. */
  private static String mount(ComposeFile.Service service) {
    return service.volumes().stream()
        .filter(volume -> volume.startsWith("shared:"))
        .findFirst()
        .orElseThrow()
        .substring("shared:".length());
  }

  private Path copyOf(Path source) throws IOException {
    Path copy = Files.createDirectory(folder.resolve("samples"));
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  /** Half of them by a file, half by JMS. */
  private void takeSome() {
    int first = members.getAndAdd(MEMBERS_AT_ONCE);
    List<String> records =
        IntStream.range(first, first + MEMBERS_AT_ONCE)
            .mapToObj(
                member ->
                    Pipeline.record(
                        "request-" + member,
                        Members.load(member % 4 < 2 ? "bison" : "heron", member)))
            .toList();
    try {
      Pipeline.drop(
          image.path(ImageTree.STATE).resolve("inbox"), records.subList(0, records.size() / 2));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Operator.send(broker, records.subList(records.size() / 2, records.size()));
  }

  private Map<String, Long> states() {
    return ledger.sql("SELECT state FROM transfer").query(String.class).list().stream()
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }
}
