package org.payerexchange.support;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.payerexchange.boot.PayerExchange;
import org.payerexchange.boot.Setup;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The real bundle in this JVM: all its routes and beans, its own folders and ledger, and delays
 * short enough for a test. JMS and ops are off until they are asked for. It may be stopped and
 * started again on the same folders and ledger.
 *
 * <pre>{@code
 * try (TestBundle bundle = TestBundle.in(folder).payer("bison", gateway.url()).start()) {
 *   Files.writeString(bundle.inbox().resolve("bison/x.json"), record);
 *   await().until(...);
 * }
 * }</pre>
 */
public final class TestBundle implements AutoCloseable {
  /** The client id that every payer given by {@link #payer} is configured with. */
  public static final String CLIENT_ID = "test-client";

  /** The client secret that every payer given by {@link #payer} is configured with. */
  public static final String CLIENT_SECRET = "test-secret-3f9a";

  /** As application.properties has it. */
  private static final String DATABASE_USER = "payerexchange";

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Path folder;
  private final Map<String, String> settings = new HashMap<>();
  private Optional<Path> routes = Optional.empty();
  private List<String> routeFiles = List.of("*");
  private PayerExchange bundle;

  private TestBundle(Path folder) {
    this.folder = folder;
  }

  /** A bundle whose folders and ledger lie in this folder; not started yet. */
  public static TestBundle in(Path folder) {
    TestBundle bundle = new TestBundle(folder);
    bundle
        .set("p2p.inbox.directory", bundle.inbox().toString())
        .set("p2p.work.directory", bundle.work().toString())
        .set("p2p.outbox.directory", bundle.outbox().toString())
        .set("p2p.database.url", MigratedLedger.url(bundle.data()))
        // bundles of one name in one JVM share a Quartz scheduler, and the first to stop ends all
        // ticks
        .set("camel.main.name", "payer-exchange-" + UUID.randomUUID())
        .set("p2p.jms.url", "")
        .set("p2p.ops.port", "")
        // a test writes a few megabytes
        .set("p2p.disk.reserve", "50MB")
        // most tests fill their files with Patients
        .set("p2p.download.max-patients", "1000000")
        .set("p2p.tick", "100ms")
        .set("p2p.inbox.quiet-time", "200ms")
        .set("p2p.poll.min-delay", "50ms")
        .set("p2p.poll.max-delay", "200ms")
        .set("p2p.retry.min-delay", "50ms")
        .set("p2p.retry.max-delay", "200ms")
        .set("p2p.shutdown.timeout", "10s");
    return bundle;
  }

  /**
   * Adds a payer served at {@code url}/v1/{@code id}, its token endpoint where the reference page
   * has it.
   *
   * @param url scheme, host and port of the gateway
   */
  public TestBundle payer(String id, String url) {
    String prefix = "p2p.payers." + id + ".";
    return set(prefix + "base-url", url + "/v1/" + id)
        .set(prefix + "token-url", url + "/auth/realms/dev-portal/protocol/openid-connect/token")
        .set(prefix + "client-id", CLIENT_ID)
        .set(prefix + "client-secret", CLIENT_SECRET)
        .set(prefix + "scope", "member-match|read");
  }

  /** Turns JMS on. */
  public TestBundle jms(EmbeddedBroker broker) {
    return set("p2p.jms.url", broker.url());
  }

  /** Turns the ops API on, at a free port. */
  public TestBundle ops() {
    return set("p2p.ops.port", "0");
  }

  /** Overrides one key; counts from the next start. */
  public TestBundle set(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** All keys that it is given, for one like it in another process. */
  public Map<String, String> settings() {
    return Map.copyOf(settings);
  }

  /** Takes the routes from this folder instead of the class path. */
  public TestBundle routes(Path routesFolder) {
    routes = Optional.of(routesFolder);
    return this;
  }

  /** Runs these route files alone, so that nothing happens but what a test asks for. */
  public TestBundle only(String... files) {
    routeFiles = List.of(files);
    return this;
  }

  /** Starts, and returns once the routes run. */
  public TestBundle start() throws Exception {
    if (bundle != null) {
      throw new IllegalStateException("the bundle is running already");
    }
    makeFolders();
    bundle = PayerExchange.start(new Setup(Optional.empty(), routes, routeFiles, settings));
    return this;
  }

  /** Stops cleanly; the folders and the ledger stay. */
  public void stop() {
    requireNonNull(bundle, "the bundle is not running").close();
    bundle = null;
  }

  /** Stops if it runs. */
  @Override
  public void close() {
    if (bundle != null) {
      stop();
    }
  }

  /** The running context. */
  public CamelContext context() {
    return requireNonNull(bundle, "the bundle is not running").context();
  }

  /** Where ops answers, without a slash at the end; only with {@link #ops()}. */
  public URI opsUrl() {
    int port = context().hasService(VertxPlatformHttpServer.class).getPort();
    return URI.create("http://127.0.0.1:" + port);
  }

  /** What ops answers to a GET of this path, with 200. */
  public String get(String path) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(opsUrl() + path)));
  }

  /** The same to a POST without a body. */
  public String post(String path) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(opsUrl() + path))
            .POST(HttpRequest.BodyPublishers.noBody()));
  }

  private static String send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  /** A bean of {@code routes/beans.camel.yaml}. */
  public <T> T bean(String name, Class<T> type) {
    return requireNonNull(bundle, "the bundle is not running").bean(name, type);
  }

  /** For calling a route; closed with the context. */
  public ProducerTemplate template() {
    return context().createProducerTemplate();
  }

  /** The ledger's database. */
  public DataSource dataSource() {
    return bean("dataSource", DataSource.class);
  }

  /** The ledger's tables. */
  public JdbcClient jdbc() {
    return JdbcClient.create(dataSource());
  }

  /** The texts that a query finds in the ledger, in its first column. */
  public List<String> column(String sql, Object... values) {
    return jdbc().sql(sql).params(values).query(String.class).list();
  }

  /** The number that a query finds in the ledger. */
  public long number(String sql, Object... values) {
    return jdbc().sql(sql).params(values).query(Long.class).single();
  }

  /** Waits until a transfer has ended in this state, its outcome told. */
  public void awaitEnd(String transferId, String state) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        column(
                            """
                            SELECT state FROM transfer WHERE id = ? AND NOT EXISTS (SELECT 1
                              FROM step WHERE transfer_id = ? AND kind <> 'RELEASE')""",
                            transferId,
                            transferId))
                    .contains(state));
  }

  /** Waits until a transfer has so many files, and all of them are in the outbox. */
  public void awaitStored(String transferId, int files) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                column("SELECT state FROM output_file WHERE transfer_id = ?", transferId)
                    .equals(Collections.nCopies(files, "STORED")));
  }

  /** Waits until so many payers are held because their token endpoint refuses. */
  public void awaitHeldForTokens(long payers) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        number("SELECT COUNT(*) FROM payer_gate WHERE refused_since IS NOT NULL"))
                    .isEqualTo(payers));
  }

  private Path data() {
    return folder.resolve("data");
  }

  /** Where intake files are dropped. */
  public Path inbox() {
    return folder.resolve("inbox");
  }

  /** Where leftovers are kept. */
  public Path work() {
    return folder.resolve("work");
  }

  /** Where the files of a transfer are received. */
  public Path incoming(String transferId) {
    return outbox().resolve(".incoming").resolve(transferId);
  }

  /** Where delivered data lies. */
  public Path outbox() {
    return folder.resolve("outbox");
  }

  private void makeFolders() {
    try {
      for (Path each : new Path[] {inbox(), work(), outbox(), data()}) {
        Files.createDirectories(each);
      }
      if (settings.get("p2p.database.url").equals(MigratedLedger.url(data()))) {
        MigratedLedger.copyTo(data(), settings.getOrDefault("p2p.database.user", DATABASE_USER));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
