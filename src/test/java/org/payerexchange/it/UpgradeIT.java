package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * A node of the last release, built out of the history, and one of this version on one PostgreSQL,
 * as they are while an operator goes from node to node; run by {@code make upgrade}.
 */
class UpgradeIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int MEMBERS = 8;

  /** What is done for a member, from the match to the sink. */
  private static final List<String> ONCE =
      List.of("FILE 1", "FILE 2", "KICKOFF", "MATCH", "RELEASE", "SINK 1", "SINK 2", "STATUS");

  private static Path release;

  @TempDir Path folder;
  private final List<String> members = new ArrayList<>();
  private JdbcClient ledger;
  private TestBundle today;
  private int port;
  private int herons;

  @BeforeAll
  static void find() throws IOException {
    String version =
        Files.readString(Path.of("src", "it", "upgrade", "last-release"))
            .replaceFirst("(?s) .*", "");
    release = Path.of("target", "upgrade", version).toAbsolutePath();
    assertThat(release.resolve("built")).as("make upgrade builds it").exists();
  }

  @Test
  void aNodeOfTheLastReleaseWorksBesideOneOfThisVersionAndNothingIsDoneTwice() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl(folder);
    ledger = JdbcClient.create(new DriverManagerDataSource(url, "postgres", ""));
    port = FreePort.find();
    try (RememberedPayer payer = new RememberedPayer();
        Sandbox sandbox = PdexPayer.sandbox();
        TestBundle bundle =
            UpgradeRecording.bundle(folder, payer, sandbox)
                .set("p2p.database.url", url)
                .set("p2p.database.user", "postgres");
        JavaProcess old = startRelease(bundle)) {
      today = bundle;
      drop();
      awaitAllComplete();
      String before = schema();

      drop();
      today.start();
      giveToBoth();
      awaitAllComplete();
      assertThat(Integer.parseInt(schema())).isGreaterThanOrEqualTo(Integer.parseInt(before));
      assertThat(old.isAlive()).isTrue();

      today.stop();
      drop();
      giveToOld();
      awaitAllComplete();

      today.start();
      giveToBoth();
      assertThat(old.terminate(PATIENCE)).as("it hands back what it has").hasValue(0);
      awaitAllComplete();

      try (JavaProcess again = startRelease(bundle)) {
        today.stop();
        giveToOld();
        awaitAllComplete();
        assertThat(again.isAlive()).isTrue();
      }

      assertThat(payer.done())
          .containsAllEntriesOf(
              members.stream().collect(Collectors.toMap(name -> name, name -> ONCE)));
      assertThat(texts("SELECT COUNT(*) FROM transfer WHERE NOT is_batch"))
          .containsExactly(String.valueOf(members.size() + herons));
      assertThat(texts("SELECT what FROM transfer_event")).doesNotContain("KICKOFF_REPEATED");
      assertThat(
              texts(
                  """
                  SELECT transfer_id FROM transfer_event WHERE what = 'COMPLETE'
                  GROUP BY transfer_id HAVING COUNT(*) > 1"""))
          .isEmpty();
    }
  }

  /** With the settings of today's that it knows, but for its port. */
  private JavaProcess startRelease(TestBundle bundle) throws IOException {
    Path home = Files.createDirectories(folder.resolve("old"));
    List<String> lines = new ArrayList<>();
    Set<String> sinceThen = keys(Path.of("config"));
    sinceThen.removeAll(keys(release.resolve("target/classes")));
    bundle.settings().forEach((key, value) -> lines.add(key + "=" + value));
    lines.removeIf(line -> sinceThen.contains(line.substring(0, line.indexOf('='))));
    lines.add("camel.main.name=old");
    lines.add("p2p.ops.port=" + port);
    Files.write(home.resolve("application.properties"), lines);
    JavaProcess node =
        JavaProcess.start(
            home,
            List.of(
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Djdk.serialFilter=!*",
                "-Duser.timezone=UTC",
                "-Dp2p.log.target=System.err"),
            release.resolve("target/classes") + ":" + release.resolve("target/lib") + "/*",
            "org.payerexchange.cli.Launcher",
            List.of("run", "--config", home.toString()));
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> health().contains("\"UP\""));
    return node;
  }

  private static Set<String> keys(Path folder) throws IOException {
    Properties defaults = new Properties();
    try (Reader file = Files.newBufferedReader(folder.resolve("application.properties"))) {
      defaults.load(file);
    }
    return new HashSet<>(defaults.stringPropertyNames());
  }

  private String health() throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(old("/observe/health/ready")).timeout(PATIENCE).build(),
            BodyHandlers.ofString())
        .body();
  }

  private URI old(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** Files that either of them takes in, one of a batch of members. */
  private void drop() throws IOException {
    List<String> records = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      records.add(RememberedPayer.record("bison", next()));
    }
    Pipeline.drop(folder.resolve("inbox"), records);
    herons += 2;
    PdexPayer.drop(folder.resolve("inbox"), UpgradeRecording.herons(herons, 2));
  }

  private void giveToOld() throws Exception {
    for (int i = 0; i < MEMBERS; i++) {
      give(old("/api/transfers"));
    }
  }

  private void giveToBoth() throws Exception {
    for (int i = 0; i < MEMBERS; i++) {
      give(i % 2 == 0 ? old("/api/transfers") : today.opsUrl().resolve("/api/transfers"));
    }
  }

  private void give(URI to) throws Exception {
    assertThat(
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(to)
                        .header("Content-Type", "application/json")
                        .POST(
                            HttpRequest.BodyPublishers.ofString(
                                RememberedPayer.record("bison", next())))
                        .build(),
                    BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(202);
  }

  private String next() {
    int number = members.size();
    String name = "m" + (char) ('a' + number / 26) + (char) ('a' + number % 26);
    members.add(name);
    return name;
  }

  private void awaitAllComplete() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(
                      texts(
                          "SELECT COUNT(*) FROM transfer WHERE state = 'COMPLETE' AND NOT is_batch"))
                  .as(texts("SELECT payer || ' ' || state FROM transfer").toString())
                  .containsExactly(String.valueOf(members.size() + herons));
              assertThat(texts("SELECT kind FROM step")).isEmpty();
            });
  }

  private String schema() {
    return texts("SELECT MAX(CAST(version AS INTEGER)) FROM flyway_schema_history").get(0);
  }

  private List<String> texts(String sql) {
    return ledger.sql(sql).query(String.class).list();
  }
}
