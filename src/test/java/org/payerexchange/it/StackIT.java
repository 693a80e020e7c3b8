package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
import org.payerexchange.ledger.TestDatabase;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.EmbeddedBroker;
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
      SELECT (SELECT COUNT(*) FROM transfer WHERE due_at IS NOT NULL OR state = 'MATCHED')
        + (SELECT COUNT(*) FROM export_job
          WHERE due_at < CURRENT_TIMESTAMP + INTERVAL '1' HOUR)""";

  @TempDir Path folder;
  private final ComposeFile compose = ComposeFile.read();
  private ImageTree image;
  private EmbeddedBroker broker;
  private Sandbox sandbox;
  private JdbcClient ledger;
  private String databaseUrl;
  private List<ContainerProcess> nodes = List.of();

  @BeforeEach
  void prepare() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    databaseUrl = TestDatabase.POSTGRESQL.newUrl(folder);
    ledger = JdbcClient.create(new DriverManagerDataSource(databaseUrl, "postgres", ""));
    broker = EmbeddedBroker.start();
  }

  @AfterEach
  void end() throws Exception {
    nodes.forEach(ContainerProcess::close);
    sandbox.close();
    broker.close();
  }

  @Test
  void theDemosSamplesEndAsExpected() throws Exception {
    start(SandboxOptions.builder().build());

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

    assertThat(image.print(List.of("status"), environment())).contains("COMPLETE 12");
  }

  @Test
  void aRollingRestartUnderLoadLosesNothingAndDoesNothingTwice() throws Exception {
    long begin = System.nanoTime();
    start(
        SandboxOptions.builder()
            .load(new LoadShape(6, 100_000))
            .bytesPerSecond(6_000_000)
            .runningPolls(2)
            .build());
    int waves = nodes.size();
    int members = 20;

    for (int wave = 0; wave < waves; wave++) {
      take(wave * members, members);
      int matched = members * wave + 1;
      await().atMost(PATIENCE).until(() -> sandbox.requests().kickOffs().size() >= matched);
      ContainerProcess node = nodes.get(wave);
      assertThat(node.stop()).isZero();
      node.start();
      node.awaitHealthy();
    }
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                ledger.sql("SELECT COUNT(*) FROM transfer").query(Long.class).single()
                        == (long) waves * members
                    && ledger.sql(OPEN).query(Long.class).single() == 0);

    ChaosResult result =
        ChaosResult.of(
            ledger,
            sandbox,
            image.path(ImageTree.STATE),
            waves * members,
            waves,
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

  private void start(SandboxOptions options) throws Exception {
    sandbox = Sandbox.start(options);
    image = ImageTree.layOut(Files.createDirectory(folder.resolve("image")));
    image.mount("payers.properties", local(Files.readString(Path.of("docker/payers.properties"))));
    image.makeReadOnly();
    nodes = new ArrayList<>();
    for (String name : List.of("node-1", "node-2")) {
      nodes.add(new ContainerProcess(image, environment(), folder.resolve(name + ".log")));
    }
    for (ContainerProcess node : nodes) {
      node.start();
    }
    nodes.forEach(ContainerProcess::awaitHealthy);
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    compose
        .services()
        .get("node-1")
        .environment()
        .forEach((name, value) -> environment.put(name, local(value)));
    environment.put("P2P_DATABASE_USER", "postgres");
    environment.put("JDK_JAVA_OPTIONS", "-Xmx192m -XX:TieredStopAtLevel=1");
    return environment;
  }

  /** What the names of services mean here. */
  private String local(String text) {
    return text.replace("jdbc:postgresql://postgres:5432/payerexchange", databaseUrl)
        .replace("tcp://artemis:61616", broker.url())
        .replace("http://sandbox:8090", sandbox.origin().toString());
  }

  private void runSamplesService() throws Exception {
    ComposeFile.Service samples = compose.services().get("samples");
    Path inbox = image.makeWritable(ImageTree.STATE + "/inbox");
    Path mounted = copyOf(Path.of("src/main/resources/samples"));
    List<String> command = image.asUser();
    assertThat(samples.volumes()).contains("shared:/inbox");
    samples.command().stream()
        .map(part -> part.replace("/samples", mounted.toString()))
        .forEach(command::add);
    Process process = new ProcessBuilder(command).directory(inbox.toFile()).start();
    assertThat(process.waitFor()).isZero();
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

  /** The first half by a file, the second by JMS. */
  private void take(int from, int count) throws IOException {
    List<String> records =
        IntStream.range(from, from + count)
            .mapToObj(
                member ->
                    Pipeline.record(
                        "request-" + member,
                        Members.load(member % 2 == 0 ? "bison" : "heron", member)))
            .toList();
    Pipeline.drop(image.makeWritable(ImageTree.STATE + "/inbox"), records.subList(0, count / 2));
    Operator.send(broker, records.subList(count / 2, count));
  }

  private Map<String, Long> states() {
    return ledger.sql("SELECT state FROM transfer").query(String.class).list().stream()
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }
}
