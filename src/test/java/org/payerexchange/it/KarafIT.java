package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.TestDatabase;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.TestCertificate;
import org.payerexchange.support.TlsFront;

/** The KAR on a real Karaf, from its installation to its removal; run by the profile karaf. */
class KarafIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int FILES = 4;
  private static final List<String> OUR_THREADS =
      List.of("Camel", "ledger", "vert.x", "Quartz", "ActiveMQ", "idle-connection", "payer");

  @TempDir Path folder;

  @RegisterExtension final AfterTestExecutionCallback afterAFailure = this::printLog;

  private Path home;
  private Path own;
  private Sandbox sandbox;
  private EmbeddedBroker broker;
  private KarafServer karaf;

  @BeforeEach
  void start() throws Exception {
    sandbox = Sandbox.start(SandboxOptions.builder().load(new LoadShape(FILES, 20_000)).build());
    broker = EmbeddedBroker.start();
    home = KarafServer.unpack(Path.of(System.getProperty("karaf.distribution")), folder);
    own = home.resolve("payer-exchange");
    karaf =
        KarafServer.start(
            home,
            Map.of(
                "GATEWAY_CLIENT_ID",
                SandboxOptions.DEFAULT_CLIENT_ID,
                "GATEWAY_SCOPE",
                "member-match|read"));
  }

  @AfterEach
  void stop() throws Exception {
    karaf.close();
    broker.close();
    sandbox.close();
  }

  @Test
  void theKarIsInstalledConfiguredUsedUpdatedAndRemovedWithoutALossOrALeftover() throws Exception {
    install();
    int opsPort = FreePort.find();
    try (ServerSocket taken = new ServerSocket(opsPort, 0, InetAddress.getLoopbackAddress())) {
      configure(opsPort);
      await().atMost(PATIENCE).until(() -> karaf.log().contains("does not start: p2p.ops.host"));
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(karaf.run("payer-exchange:status")).contains("no transfers yet"));

    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(ops(opsPort, "health/ready")).contains("\"UP\""));

    Pipeline.drop(own.resolve("inbox"), List.of(record(1)));
    awaitManifests(own.resolve("outbox"), 1);

    Path elsewhere = own.resolve("elsewhere");
    long starts = starts();
    karaf.run("config:property-set -p org.payerexchange p2p.outbox.directory " + elsewhere);
    await().atMost(PATIENCE).until(() -> starts() > starts);
    send(record(2));
    awaitManifests(elsewhere, 1);

    assertThat(karaf.run("payer-exchange:status")).contains("COMPLETE 2");
    assertThat(ops(opsPort, "metrics")).contains("COMPLETE");
    assertThat(karaf.run("payer-exchange:check")).contains("payer bison").doesNotContain("FAILED");

    sandbox.faults().next(RequestKind.FILE, Fault.HANG, Integer.MAX_VALUE);
    send(record(3));
    await().atMost(PATIENCE).until(() -> sandbox.requests().received(RequestKind.FILE) > 2 * FILES);
    karaf.run("bundle:update org.payerexchange file:" + System.getProperty("karaf.bundle"));
    sandbox.faults().clear();
    awaitManifests(elsewhere, 2);
    assertThat(sandbox.requests().kickOffs().values()).hasSize(3).containsOnly(1);
    assertThat(karaf.run("payer-exchange:status")).contains("COMPLETE 3");

    karaf.run("feature:uninstall payer-exchange");
    await().atMost(PATIENCE).untilAsserted(() -> assertNothingIsLeft(opsPort));
  }

  @Test
  void aGatewayOverTlsAPostgresqlLedgerAndAFhirServerServeItWithSecretsFromElsewhere()
      throws Exception {
    try (TlsFront front = TlsFront.before(sandbox.origin().toString(), folder);
        FhirTestServer fhir = FhirTestServer.start()) {
      Path etc = home.resolve("etc");
      Files.writeString(etc.resolve("gateway-secret"), SandboxOptions.DEFAULT_CLIENT_SECRET);
      Files.writeString(etc.resolve("store-secret"), TestCertificate.PASSWORD);
      int opsPort = FreePort.find();
      Files.writeString(etc.resolve("org.payerexchange.cfg"), file(front, fhir, opsPort));
      install();
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> get(opsPort, "/").contains("<title>Payer Exchange</title>"));

      Pipeline.drop(own.resolve("inbox"), List.of(record(1)));
      awaitManifests(own.resolve("outbox"), 1);

      assertThat(get(opsPort, "/api/transfers")).contains("COMPLETE");
      assertThat(front.requests()).isPositive();
      assertThat(fhir.resources()).isNotEmpty();
      assertThat(fhir.dangling()).isEmpty();
      karaf.log().lines().filter(KarafIT::isStart).forEach(System.out::println);
    }
  }

  private String file(TlsFront front, FhirTestServer fhir, int opsPort) {
    return """
        p2p.inbox.directory = ${karaf.base}/payer-exchange/inbox
        p2p.work.directory = ${karaf.base}/payer-exchange/work
        p2p.outbox.directory = ${karaf.base}/payer-exchange/outbox
        p2p.database.url = %s
        p2p.database.user = postgres
        p2p.ops.port = %d
        p2p.poll.min-delay = 200ms
        p2p.inbox.quiet-time = 200ms
        p2p.shutdown.timeout = 2s
        p2p.deliver.fhir.base-url = %s
        p2p.payers.bison.base-url = %s/v1/bison
        p2p.payers.bison.token-url = %s/auth/realms/dev-portal/protocol/openid-connect/token
        p2p.payers.bison.alias-hosts = gateway.1upcoredev.com, %s
        p2p.payers.bison.client-id = $[env:GATEWAY_CLIENT_ID]
        p2p.payers.bison.client-secret = $[secret:gateway-secret]
        p2p.payers.bison.scope = ${env:GATEWAY_SCOPE}
        p2p.payers.bison.trust-store = %s
        p2p.payers.bison.trust-store-password = $[secret:store-secret]
        p2p.payers.bison.key-store = %s
        p2p.payers.bison.key-store-password = $[secret:store-secret]
        """
        .formatted(
            TestDatabase.POSTGRESQL.newUrl(folder),
            opsPort,
            fhir.url(),
            front.url(),
            front.url(),
            sandbox.origin().getAuthority(),
            front.settings().get("trust-store"),
            front.settings().get("key-store"));
  }

  private void install() throws IOException {
    Path kar = Path.of(System.getProperty("karaf.kar"));
    Files.copy(kar, home.resolve("deploy").resolve(kar.getFileName()));
    await().atMost(PATIENCE).until(() -> karaf.run("feature:list -i").contains("payer-exchange"));
  }

  private void configure(int opsPort) throws IOException {
    String origin = sandbox.origin().toString();
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("p2p.ops.port", Integer.toString(opsPort));
    keys.put("p2p.jms.url", broker.url());
    keys.put("p2p.poll.min-delay", "200ms");
    keys.put("p2p.inbox.quiet-time", "200ms");
    keys.put("p2p.shutdown.timeout", "2s");
    keys.put("p2p.payers.bison.base-url", origin + "/v1/bison");
    keys.put(
        "p2p.payers.bison.token-url",
        origin + "/auth/realms/dev-portal/protocol/openid-connect/token");
    keys.put("p2p.payers.bison.client-id", SandboxOptions.DEFAULT_CLIENT_ID);
    keys.put("p2p.payers.bison.client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET);
    keys.put("p2p.payers.bison.scope", "'member-match|read'");
    List<String> commands = new ArrayList<>();
    commands.add("config:edit org.payerexchange");
    keys.forEach((key, value) -> commands.add("config:property-set " + key + " " + value));
    commands.add("config:update");
    karaf.run(commands.toArray(String[]::new));
  }

  private static String ops(int port, String path) throws IOException, InterruptedException {
    return get(port, "/observe/" + path);
  }

  private static String get(int port, String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(port, path));
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
        .body();
  }

  private static String record(int member) {
    return Pipeline.record("karaf-" + member, Members.load("bison", member));
  }

  private void printLog(ExtensionContext test) throws IOException {
    if (test.getExecutionException().isPresent()) {
      System.out.println(karaf.log());
    }
  }

  private long starts() throws IOException {
    return karaf.log().lines().filter(KarafIT::isStart).count();
  }

  private static boolean isStart(String line) {
    return line.contains("Payer Exchange started within");
  }

  private void send(String record) {
    try (ActiveMQConnectionFactory connections = broker.connectionFactory();
        JMSContext session = connections.createContext()) {
      session.createProducer().send(session.createQueue("p2p.intake"), record);
    }
  }

  private static void awaitManifests(Path outbox, int count) {
    await().atMost(PATIENCE).until(() -> manifests(outbox) == count);
  }

  private static long manifests(Path outbox) throws IOException {
    if (!Files.exists(outbox)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(outbox)) {
      return files.filter(file -> file.endsWith("manifest.json")).count();
    }
  }

  private void assertNothingIsLeft(int opsPort) throws Exception {
    String threads = karaf.threads();
    assertThat(threads).contains("Karaf");
    for (String ours : OUR_THREADS) {
      assertThat(threads).doesNotContainPattern("(?m)^\"[^\"]*" + ours);
    }
    assertThat(karaf.openFiles()).noneMatch(file -> file.startsWith(own.toString()));
    assertThatIOException()
        .isThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), opsPort).close());
  }
}
