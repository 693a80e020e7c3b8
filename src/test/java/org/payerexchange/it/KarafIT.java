package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import jakarta.jms.JMSContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.auth.NewKey;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.AuthMethod;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.DemoParts;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.TestCertificate;
import org.payerexchange.support.TlsFront;

/** The KAR on a real Karaf, from its installation to its removal; run by the profile karaf. */
class KarafIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int FILES = 4;
  private static final long MOST_BYTES = 80_000_000;

  /** What the bundle's libraries would tell of members and secrets at this level. */
  private static final List<String> LOGGED_AT_DEBUG =
      List.of(
          "org.payerexchange",
          "org.apache.camel",
          "org.apache.hc",
          "org.apache.http",
          "org.apache.activemq",
          "org.springframework",
          "io.netty",
          "io.vertx",
          "ca.uhn.fhir");

  private static final List<String> SECRETS =
      List.of("Loadina", "Testcase", "Wrongfield", "load-member-", "LOAD-", "resourceType");

  /**
   * Karaf's own, which come and go with deployments and sessions, and pgjdbc's Cleaner, which ends
   * when the collector finds its classes unused.
   */
  private static final Pattern OTHERS_THREADS =
      Pattern.compile(
          "(activator|features|sshd|ssh|pipe|Karaf|fileinstall|FelixDispatch|CM|Attach|Cleaner-).*");

  @TempDir Path folder;

  @RegisterExtension final AfterTestExecutionCallback afterAFailure = this::printLog;

  private Path home;
  private Path own;
  private Path key;
  private Sandbox sandbox;
  private EmbeddedBroker broker;
  private KarafServer karaf;

  @BeforeEach
  void start() throws Exception {
    key = Files.write(folder.resolve("key.jwk"), NewKey.ES384.make());
    JWKSet known = new JWKSet(JWK.parse(Files.readString(key)).toPublicJWK());
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .load(new LoadShape(FILES, 20_000))
                .client(
                    client ->
                        client
                            .by(AuthMethod.CLIENT_SECRET_POST, AuthMethod.PRIVATE_KEY_JWT)
                            .withKeys(known))
                .build());
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
    assertThat(DemoParts.in(Path.of(System.getProperty("karaf.bundle")))).isEmpty();
    assertThat(Path.of(System.getProperty("karaf.bundle")).toFile().length())
        .isLessThan(MOST_BYTES);
    karaf.run(LOGGED_AT_DEBUG.stream().map("log:set DEBUG "::concat).toArray(String[]::new));
    Set<String> threads = karaf.threads();
    Set<String> temporaryFiles = karaf.temporaryFiles();

    Path kar = Path.of(System.getProperty("karaf.kar"));
    Path deployed = Files.copy(kar, home.resolve("deploy").resolve(kar.getFileName()));
    await().atMost(PATIENCE).until(() -> karaf.run("feature:list -i").contains("payer-exchange"));
    assertThat(karaf.takes("payer-exchange:check")).as("there is no payer yet").isFalse();
    int opsPort = FreePort.find();
    try (ServerSocket taken = new ServerSocket(opsPort, 0, InetAddress.getLoopbackAddress())) {
      configure(opsPort);
      await().atMost(PATIENCE).until(() -> karaf.log().contains("does not start: p2p.ops.host"));
    }
    awaitReady(opsPort);
    assertThat(karaf.run("payer-exchange:status")).contains("no transfers yet");

    Pipeline.drop(own.resolve("inbox"), List.of(record(1), "{\"family\": \"Wrongfield\"\n"));
    awaitManifests(own.resolve("outbox"), 1);

    Path elsewhere = own.resolve("elsewhere");
    long starts = starts();
    sendAndHang(2);
    karaf.run("config:property-set -p org.payerexchange p2p.outbox.directory " + elsewhere);
    awaitStarts(starts + 1);
    sandbox.faults().clear();
    awaitManifests(elsewhere, 1);
    awaitStatus("COMPLETE 2");
    assertThat(ops(opsPort, "metrics")).contains("COMPLETE");
    assertThat(karaf.run("payer-exchange:check")).contains("payer bison").doesNotContain("FAILED");

    sandbox.faults().rates(Map.of(Fault.JOB_FAILED, 1.0));
    send("p2p.intake", record(3));
    awaitStatus("FAILED 1");
    sandbox.faults().clear();
    assertThat(karaf.run("payer-exchange:retry --payer bison --reason JOB_FAILED"))
        .contains("retried 1");
    awaitManifests(elsewhere, 2);
    awaitStatus("COMPLETE 3");

    assertThat(karaf.run("payer-exchange:pause --payer bison")).contains("paused payer bison");
    assertThat(karaf.run("payer-exchange:status")).contains("paused by");
    assertThat(karaf.run("payer-exchange:resume --payer bison")).contains("resumed payer bison");
    assertThat(karaf.run("payer-exchange:report --from 2026-01-01 --to 2100-01-01"))
        .contains("bison: 3 COMPLETE");

    sendAndHang(4);
    assertThat(karaf.run("payer-exchange:now --all")).contains("tried");
    karaf.run("payer-exchange:cancel " + idOfThe("MATCHED"));
    assertThat(karaf.run("payer-exchange:status")).contains("CANCELLED 1");
    sandbox.faults().clear();

    overrideAndAddRoutes();
    karaf.run("bundle:stop org.payerexchange");
    await().atMost(PATIENCE).untilAsserted(() -> assertNothingIsLeft(opsPort, threads));
    karaf.run(
        "config:property-set -p org.payerexchange p2p.deliver.file-uris.1 direct:keep-copy",
        "bundle:start org.payerexchange");
    awaitReady(opsPort);
    send("operators.intake", record(5));
    awaitManifests(elsewhere, 3);
    await().atMost(PATIENCE).until(() -> files(elsewhere.resolve("copies")).size() == FILES);

    sendAndHang(6, "operators.intake");
    karaf.run("bundle:update org.payerexchange file:" + newer("99.0.0"));
    assertThat(karaf.run("bundle:list")).contains("99.0.0");
    sandbox.faults().clear();
    awaitManifests(elsewhere, 4);
    awaitStatus("COMPLETE 5");
    assertThat(sandbox.requests().kickOffs().values())
        .as("once each, and again for the job that failed")
        .containsExactlyInAnyOrder(1, 1, 2, 1, 1, 1);

    Files.delete(deployed);
    await().atMost(PATIENCE).untilAsserted(() -> assertNothingIsLeft(opsPort, threads));
    await().atMost(PATIENCE).until(() -> karaf.temporaryFiles().equals(temporaryFiles));
    assertThat(karaf.run("bundle:list")).doesNotContain("Payer Exchange");
    assertThat(home.resolve("etc/org.payerexchange.cfg")).exists();
    assertThat(karaf.log())
        .containsPattern("DEBUG .*org.payerexchange - ")
        .doesNotContain(SECRETS)
        .doesNotContainPattern("Bearer \\w");
  }

  @Test
  void aGatewayOverTlsAPostgresqlLedgerAndAFhirServerServeItWithSecretsFromElsewhere()
      throws Exception {
    try (TlsFront front = TlsFront.before(sandbox.origin().toString(), folder);
        FhirTestServer fhir = FhirTestServer.start()) {
      Path etc = home.resolve("etc");
      Path configuration = etc.resolve("org.payerexchange.cfg");
      Files.writeString(etc.resolve("gateway-secret"), SandboxOptions.DEFAULT_CLIENT_SECRET);
      Files.writeString(etc.resolve("store-secret"), TestCertificate.PASSWORD);
      int opsPort = FreePort.find();
      Files.writeString(configuration, file(front, fhir, opsPort));
      Set<String> threads = karaf.threads();
      Set<String> temporaryFiles = karaf.temporaryFiles();
      unpackKarIntoSystem();
      karaf.run(
          "feature:repo-add mvn:org.payerexchange/payer-exchange/%s/xml/features"
              .formatted(System.getProperty("karaf.version")),
          "feature:install payer-exchange");
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> get(opsPort, "/").contains("<title>Payer Exchange</title>"));

      Pipeline.drop(own.resolve("inbox"), List.of(record(1)));
      awaitManifests(own.resolve("outbox"), 1);

      await().atMost(PATIENCE).until(() -> get(opsPort, "/api/transfers").contains("\"COMPLETE\""));
      assertThat(sandbox.requests().granted()).containsOnlyKeys(AuthMethod.PRIVATE_KEY_JWT);
      assertThat(karaf.run("payer-exchange:keys show")).contains("ES384").doesNotContain("\"d\"");
      Path made = own.resolve("made.jwk");
      assertThat(karaf.run("payer-exchange:keys new " + made))
          .contains("RS384")
          .doesNotContain("\"d\"");
      assertThat(Files.getPosixFilePermissions(made))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThat(front.requests()).isPositive();
      assertThat(fhir.resources()).isNotEmpty();
      assertThat(fhir.dangling()).isEmpty();

      long starts = starts();
      karaf.run("config:property-set -p org.payerexchange p2p.lease 4m");
      awaitStarts(starts + 1);
      await()
          .untilAsserted(
              () ->
                  assertThat(configuration)
                      .content()
                      .contains("4m", "$[secret:gateway-secret]", "$[env:GATEWAY_CLIENT_ID]")
                      .contains("${env:GATEWAY_SCOPE}", "${karaf.base}")
                      .doesNotContain(
                          SandboxOptions.DEFAULT_CLIENT_SECRET, TestCertificate.PASSWORD));

      karaf.run("feature:uninstall payer-exchange");
      await().atMost(PATIENCE).untilAsserted(() -> assertNothingIsLeft(opsPort, threads));
      await().atMost(PATIENCE).until(() -> karaf.temporaryFiles().equals(temporaryFiles));
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
        p2p.payers.bison.token-auth = private_key_jwt
        p2p.payers.bison.private-key-file = %s
        p2p.payers.bison.assertion-audience = %s
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
            key,
            sandbox.tokenUrl(),
            front.settings().get("trust-store"),
            front.settings().get("key-store"));
  }

  /** As an operator would, for Karaf to find the feature and the bundle by their Maven names. */
  private void unpackKarIntoSystem() throws IOException {
    try (FileSystem kar =
        FileSystems.newFileSystem(Path.of(System.getProperty("karaf.kar")), Map.of())) {
      Path repository = kar.getPath("/repository");
      for (Path file : files(repository)) {
        Path copy = home.resolve("system").resolve(repository.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  /** The bundle as its next version would be. */
  private Path newer(String version) throws IOException {
    Path bundle = Path.of(System.getProperty("karaf.bundle"));
    Path newer = Files.copy(bundle, folder.resolve("newer.jar"));
    try (FileSystem jar = FileSystems.newFileSystem(newer, Map.of())) {
      Path manifest = jar.getPath("/META-INF/MANIFEST.MF");
      String old = Files.readString(manifest);
      Files.writeString(
          manifest, old.replaceAll("(?m)^Bundle-Version: .*$", "Bundle-Version: " + version));
    }
    return newer;
  }

  /** One of the bundle's routes with another queue, and one beside them. */
  private void overrideAndAddRoutes() throws IOException {
    Path routes = Files.createDirectories(home.resolve("etc/payer-exchange/routes"));
    String given = Files.readString(Path.of("routes/intake-jms.camel.yaml"));
    Files.writeString(
        routes.resolve("intake-jms.camel.yaml"),
        given.replace("{{p2p.jms.intake-queue}}", "operators.intake"));
    Files.writeString(
        routes.resolve("keep-copy.camel.yaml"),
        """
        - route:
            id: keep-copy
            from:
              uri: direct:keep-copy
              steps:
                - to:
                    uri: file
                    parameters:
                      directoryName: "{{p2p.outbox.directory}}/copies"
        """);
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
    karaf
        .log()
        .lines()
        .filter(line -> isStart(line) || test.getExecutionException().isPresent())
        .forEach(System.out::println);
  }

  private long starts() throws IOException {
    return karaf.log().lines().filter(KarafIT::isStart).count();
  }

  private void awaitStarts(long count) {
    await().atMost(PATIENCE).until(() -> starts() >= count);
  }

  private static void awaitReady(int opsPort) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertThat(ops(opsPort, "health/ready")).contains("\"UP\""));
  }

  private void awaitStatus(String counts) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(karaf.run("payer-exchange:status")).contains(counts));
  }

  private String idOfThe(String status) throws IOException {
    return karaf
        .run("payer-exchange:status")
        .lines()
        .filter(line -> line.contains(status + " ") && !line.startsWith(status))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .findFirst()
        .orElseThrow();
  }

  private static boolean isStart(String line) {
    return line.contains("Payer Exchange started within");
  }

  /** Sends a record, and returns once all its files are waited for in vain. */
  private void sendAndHang(int member) {
    sendAndHang(member, "p2p.intake");
  }

  private void sendAndHang(int member, String queue) {
    sandbox.faults().next(RequestKind.FILE, Fault.HANG, Integer.MAX_VALUE);
    long before = sandbox.requests().received(RequestKind.FILE);
    send(queue, record(member));
    await()
        .atMost(PATIENCE)
        .until(() -> sandbox.requests().received(RequestKind.FILE) >= before + FILES);
  }

  private void send(String queue, String record) {
    try (ActiveMQConnectionFactory connections = broker.connectionFactory();
        JMSContext session = connections.createContext()) {
      session.createProducer().send(session.createQueue(queue), record);
    }
  }

  private static void awaitManifests(Path outbox, int count) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                files(outbox).stream().filter(file -> file.endsWith("manifest.json")).count()
                    == count);
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private void assertNothingIsLeft(int opsPort, Set<String> threads) throws Exception {
    assertThat(karaf.threads())
        .filteredOn(name -> !OTHERS_THREADS.matcher(name).matches())
        .isSubsetOf(threads);
    assertThat(karaf.openFiles()).noneMatch(file -> file.startsWith(own.toString()));
    assertThatIOException()
        .isThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), opsPort).close());
  }
}
