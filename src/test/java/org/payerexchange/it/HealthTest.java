package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.TcpProxy;
import org.payerexchange.support.TestBundle;

/** Readiness and liveness while what the process needs goes away and comes back. */
class HealthTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String SECRET = "database-secret";

  @TempDir static Path folder;
  private static TcpProxy database;
  private static EmbeddedBroker broker;
  private static Sandbox sandbox;
  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl(folder);
    int port = URI.create(url.substring("jdbc:".length())).getPort();
    database = new TcpProxy(port);
    broker = EmbeddedBroker.start();
    sandbox = Sandbox.start(SandboxOptions.defaults());
    bundle =
        Pipeline.payer(TestBundle.in(folder), "bison", sandbox)
            .set("p2p.database.url", url.replace(":" + port, ":" + database.port()))
            .set("p2p.database.user", "postgres")
            .set("p2p.database.password", SECRET)
            .jms(broker)
            .ops()
            .start();
  }

  @AfterAll
  static void stop() throws Exception {
    bundle.close();
    sandbox.close();
    broker.close();
    database.close();
  }

  @Test
  void aProcessWithoutItsDatabaseIsNotReadyButAliveAndComesBackByItself() throws Exception {
    awaitReady(200);

    database.cut();
    awaitReady(503);
    assertThat(check("database")).containsExactly("DOWN", "the database does not answer");
    assertThat(get("/observe/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/observe/health/ready").body()).doesNotContain(SECRET, "jdbc:", "Exception");

    database.mend();
    awaitReady(200);
    assertEndToEnd("request-after-database");
  }

  @Test
  void aProcessWhoseMigrationsWaitIsNotReadyUntilTheyHaveRun(@TempDir Path own) throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl(own);
    LedgerDatabase.open(url, "postgres", SECRET, 2).close();
    int port = FreePort.find();
    URI ready = URI.create("http://127.0.0.1:%d/observe/health/ready".formatted(port));
    TestBundle starting =
        TestBundle.in(own)
            .set("p2p.database.url", url)
            .set("p2p.database.user", "postgres")
            .set("p2p.database.password", SECRET)
            .set("p2p.ops.port", Integer.toString(port));
    CompletableFuture<TestBundle> started;
    try (Connection migration = DriverManager.getConnection(url, "postgres", SECRET);
        Statement statement = migration.createStatement()) {
      migration.setAutoCommit(false);
      statement.execute("LOCK TABLE flyway_schema_history IN ACCESS EXCLUSIVE MODE");
      started =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return starting.start();
                } catch (Exception e) {
                  throw new CompletionException(e);
                }
              });
      await().during(Duration.ofSeconds(2)).atMost(PATIENCE).until(() -> !answers200(ready));
      assertThat(started).isNotDone();
      migration.rollback();
    }
    try (TestBundle migrated = started.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      await().atMost(PATIENCE).until(() -> answers200(ready));
      assertThat(migrated.context().isStarted()).isTrue();
    }
  }

  private static boolean answers200(URI uri) throws Exception {
    try {
      return get(uri).statusCode() == 200;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void aBrokerThatIsAwayIsADetailOfAReadyProcess() throws Exception {
    awaitReady(200);
    assertThat(check("broker")).containsExactly("UP", "reachable");

    broker.close();
    assertThat(check("broker")).containsExactly("UP", "away");
    assertThat(get("/observe/health/ready").statusCode()).isEqualTo(200);
    assertThat(get("/observe/health/live").statusCode()).isEqualTo(200);

    broker = EmbeddedBroker.start(broker.port());
    Pipeline pipeline = new Pipeline(bundle);
    pipeline.take(List.of(Pipeline.record("request-after-broker", Members.load("bison", 5))));
    String id = pipeline.id("request-after-broker");
    // a message sent into the old connection is given up after the client's call timeout of 30 s
    await()
        .atMost(PATIENCE.multipliedBy(3))
        .untilAsserted(() -> assertThat(pipeline.events(id)).contains("OUTCOME_SENT"));
    assertThat(broker.depth("p2p.outcome")).isGreaterThan(0);
  }

  @Test
  void aPayerThatIsAwayIsADetailOfAReadyProcess() throws Exception {
    awaitReady(200);
    assertThat(check("payers")).containsExactly("UP", "none is away");

    sandbox.faults().next(RequestKind.MATCH, Fault.UNAVAILABLE, Integer.MAX_VALUE);
    Pipeline pipeline = new Pipeline(bundle);
    pipeline.take(List.of(Pipeline.record("request-payer", Members.load("bison", 77))));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(check("payers")).containsExactly("UP", "busy or away: bison"));
    assertThat(get("/observe/health/ready").statusCode()).isEqualTo(200);

    sandbox.faults().clear();
    pipeline.awaitEnd("request-payer", "COMPLETE");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(check("payers")).containsExactly("UP", "none is away"));
  }

  private static void assertEndToEnd(String request) throws Exception {
    Pipeline pipeline = new Pipeline(bundle);
    pipeline.take(List.of(Pipeline.record(request, Members.load("bison", request.length()))));
    pipeline.awaitEnd(request, "COMPLETE");
  }

  private static void awaitReady(int status) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              HttpResponse<String> ready = get("/observe/health/ready");
              assertThat(ready.statusCode()).as(ready.body()).isEqualTo(status);
            });
  }

  /** Status and message of one check. */
  private static List<String> check(String name) throws Exception {
    String body = get("/observe/health/ready").body();
    for (JsonNode check : new ObjectMapper().readTree(body).findParents("name")) {
      if (check.path("name").asText().equals(name)) {
        return List.of(check.path("status").asText(), check.path("message").asText());
      }
    }
    throw new AssertionError("no check " + name + " in " + body);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return get(bundle.opsUrl().resolve(path));
  }

  private static HttpResponse<String> get(URI uri) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
