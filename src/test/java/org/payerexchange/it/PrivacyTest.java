package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import jakarta.jms.JMSContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestAuthority;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestCertificate;
import org.payerexchange.support.TestKeys;
import org.slf4j.LoggerFactory;

/** What the logs and the ledger's own words say of a member: nothing, whatever the log level. */
class PrivacyTest {
  private static final List<String> DROPPED =
      List.of("01-reference-page.json", "02-members.ndjson", "03-members.csv", "04-members.json");
  private static final List<String> SENT =
      List.of("06-broken-downloads.json", "07-job-fails.json", "08-links-expire.json");
  private static final String POSTED = "10-partial.json";
  private static final String NO_RECORD = "{\"family\": \"Wrongfield\"";
  private static final String OPS_KEY = "ops-key-5b1e";

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;

  private final LoggerContext logging = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

  /** The server that the data goes to runs in this JVM; what it logs is not the bundle's. */
  private final Logger fhirServer = logging.getLogger("org.eclipse.jetty");

  private final FileAppender<ILoggingEvent> log = new FileAppender<>();
  private Level usual;

  @BeforeEach
  void logEverythingAtDebug() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(logging);
    encoder.setPattern("%level %logger %thread %mdc %msg%n%ex{full}");
    encoder.start();
    log.setContext(logging);
    log.setFile(folder.resolve("debug.log").toString());
    log.setEncoder(encoder);
    log.start();
    usual = root.getLevel();
    root.detachAppender("console");
    root.addAppender(log);
    root.setLevel(Level.DEBUG);
    fhirServer.setLevel(Level.INFO);
  }

  @AfterEach
  void logAsUsual() {
    root.setLevel(usual);
    fhirServer.setLevel(null);
    root.detachAppender(log);
    log.stop();
  }

  @Test
  void noNameNoIdAndNoSecretReachesALogAtDebugOrTheLedgersWords() throws Exception {
    Set<String> secrets = new TreeSet<>();
    Set<String> transfers;
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        EmbeddedBroker broker = EmbeddedBroker.start();
        FhirTestServer fhir = FhirTestServer.start();
        TestBundle bundle = bundle(sandbox, broker, fhir).start()) {
      for (Member member : sandbox.sampleMembers()) {
        secrets.add(member.family());
        secrets.add(member.given());
        secrets.add(member.memberId());
        secrets.add(member.coverageId());
        secrets.add(member.birthDate().toString());
      }
      secrets.addAll(List.of(SandboxOptions.DEFAULT_CLIENT_SECRET, OPS_KEY, "Wrongfield"));
      for (String name : DROPPED) {
        drop(name, bundle.inbox());
      }
      send(broker);
      assertThat(call(bundle, "POST", "/api/transfers", sample(POSTED))).isEqualTo(202);
      assertThat(call(bundle, "POST", "/api/transfers", NO_RECORD)).isEqualTo(400);
      await().atMost(PATIENCE).untilAsserted(() -> assertEnded(bundle, broker));
      transfers = readAllByOps(bundle);
      assertThat(ledgerWords(bundle)).doesNotContain(secrets.toArray(String[]::new));
    }
    log.stop();
    String logged = Files.readString(folder.resolve("debug.log"));
    assertThat(found(logged, transfers)).as("what the log may say").isNotEmpty();
    assertThat(logged).contains("DEBUG");
    assertThat(found(logged, secrets)).isEmpty();
    assertThat(logged).doesNotContain("\"resourceType\"").doesNotContainPattern("Bearer [\\w]");
  }

  @Test
  void noKeySecretAssertionOrTokenReachesALogAtDebugTheLedgerOrAnOpsAnswer() throws Exception {
    Gateway gateway = new Gateway();
    gateway.start();
    Set<String> secrets = new TreeSet<>(List.of("secret-in-a-file-9e31", "token-4c07", OPS_KEY));
    secrets.addAll(List.of("X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3", "83i-7IvMGXoMXCskv73TKr8637Fi"));
    secrets.addAll(List.of(TestCertificate.PASSWORD, "audience-5d20", "api-key-77ab"));
    StringBuilder told = new StringBuilder();
    try (TestBundle bundle = withKeys(gateway).start()) {
      gateway.stub(
          get(urlEqualTo("/v1/bison/.well-known/smart-configuration"))
              .willReturn(okJson("{\"token_endpoint\":\"/token\"}")));
      gateway.stub(
          post(urlEqualTo("/token"))
              .willReturn(
                  status(400)
                      .withBody(
                          "{\"error\":\"invalid_client\",\"error_description\":\"secret-in-a-file-9e31\"}")));
      for (String payer : List.of("bison", "heron")) {
        Files.writeString(
            bundle.inbox().resolve(payer + ".json"),
            Pipeline.record(payer, payer, "m-1", "Given", "Family", "1980-04-05", "cov-1"));
      }
      bundle.awaitHeldForTokens(2);
      told.append(answersOfOps(bundle));
      gateway.stub(
          post(urlEqualTo("/token")).willReturn(okJson("{\"access_token\":\"token-4c07\"}")));
      gateway.stub(
          post(urlPathMatching("/v1/[a-z]+/member-match/.*"))
              .willReturn(status(422).withBody("token-4c07")));
      await().atMost(PATIENCE).until(() -> count(bundle, "state = 'NO_MATCH'") == 2);
      told.append(answersOfOps(bundle)).append(ledgerWords(bundle));
      told.append(
          bundle.column("SELECT refused_why FROM payer_gate WHERE refused_why IS NOT NULL"));
      for (var request : gateway.server().findAll(postRequestedFor(urlEqualTo("/token")))) {
        if (request.containsHeader("Authorization")) {
          secrets.add(request.getHeader("Authorization").replace("Basic ", ""));
        }
        Matcher assertion =
            Pattern.compile("client_assertion=([^&]+)").matcher(request.getBodyAsString());
        if (assertion.find()) {
          secrets.add(assertion.group(1).substring(assertion.group(1).lastIndexOf('.') + 1));
        }
      }
    } finally {
      gateway.stop();
    }
    log.stop();
    String basic = TestBundle.CLIENT_ID + ":secret-in-a-file-9e31";
    assertThat(secrets)
        .contains(Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8)))
        .hasSizeGreaterThan(11);
    String logged = Files.readString(folder.resolve("debug.log"));
    assertThat(logged).contains("DEBUG");
    assertThat(told.toString()).contains("400 invalid_client", "NO_MATCH", TestKeys.RSA_THUMBPRINT);
    assertThat(found(logged + told, secrets)).isEmpty();
  }

  /**
   * One payer that is shown a key by discovery, and a former one out of a locked store; one that is
   * shown a secret out of a file, and would be shown a certificate.
   */
  private TestBundle withKeys(Gateway gateway) throws Exception {
    String store =
        TestAuthority.make(folder.resolve("authority"))
            .sign("former", "https://we.example", 90)
            .keyStore()
            .toString();
    return TestBundle.in(folder)
        .payer("bison", gateway.url())
        .set("p2p.payers.bison.token-url", "")
        .set("p2p.payers.bison.client-secret", "")
        .set("p2p.payers.bison.token-auth", "private_key_jwt")
        .set(
            "p2p.payers.bison.private-key-file",
            Files.writeString(folder.resolve("key.jwk"), TestKeys.RSA).toString())
        .set("p2p.payers.bison.previous-private-key-file", store)
        .set("p2p.payers.bison.previous-private-key-password", TestCertificate.PASSWORD)
        .payer("heron", gateway.url())
        .set("p2p.payers.heron.token-url", gateway.url() + "/token")
        .set("p2p.payers.heron.client-secret", "")
        .set("p2p.payers.heron.token-auth", "client_secret_basic")
        .set(
            "p2p.payers.heron.client-secret-file",
            Files.writeString(folder.resolve("secret"), "secret-in-a-file-9e31\n").toString())
        .set("p2p.payers.heron.token-parameters", "audience: audience-5d20")
        .set("p2p.payers.heron.token-headers", "X-Api-Key: api-key-77ab")
        .set("p2p.payers.heron.key-store", store)
        .set("p2p.payers.heron.key-store-password", TestCertificate.PASSWORD)
        .set("p2p.token.refusal-memory", "300ms")
        .ops()
        .set("p2p.ops.api-key", OPS_KEY)
        .set("p2p.ops.publish-keys", "true");
  }

  private static String answersOfOps(TestBundle bundle) throws Exception {
    StringBuilder answers = new StringBuilder();
    for (String path :
        List.of(
            "/api/transfers",
            "/observe/health/ready",
            "/observe/metrics",
            "/.well-known/jwks.json")) {
      HttpRequest request =
          HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
              .header("Authorization", "Bearer " + OPS_KEY)
              .build();
      answers.append(CLIENT.send(request, BodyHandlers.ofString()).body());
    }
    return answers.toString();
  }

  private TestBundle bundle(Sandbox sandbox, EmbeddedBroker broker, FhirTestServer fhir) {
    TestBundle bundle = TestBundle.in(folder);
    Pipeline.payer(bundle, "bison", sandbox);
    Pipeline.payer(bundle, "heron", sandbox);
    return bundle
        .jms(broker)
        .ops()
        .set("p2p.ops.api-key", OPS_KEY)
        .set("p2p.default-payer", "bison")
        .set("p2p.deliver.file-uris.1", "jms:queue:p2p.files?artemisStreamingEnabled=true")
        .set("p2p.deliver.resource-uris.1", "jms:queue:p2p.resources")
        .set("p2p.deliver.fhir.base-url", fhir.url())
        .set("p2p.deliver.bundle-uris.1", "jms:queue:p2p.bundles");
  }

  private static void send(EmbeddedBroker broker) throws Exception {
    try (ActiveMQConnectionFactory connections = broker.connectionFactory();
        JMSContext session = connections.createContext()) {
      for (String name : SENT) {
        session.createProducer().send(session.createQueue("p2p.intake"), sample(name));
      }
      session.createProducer().send(session.createQueue("p2p.intake"), NO_RECORD);
    }
  }

  /** Asks for every transfer and retries what failed, as an operator would; returns the ids. */
  private static Set<String> readAllByOps(TestBundle bundle) throws Exception {
    Set<String> ids =
        new TreeSet<>(
            bundle
                .jdbc()
                .sql("SELECT id FROM transfer WHERE state <> 'REJECTED'")
                .query(String.class)
                .list());
    for (String id : ids) {
      assertThat(call(bundle, "GET", "/api/transfers/" + id, "")).isEqualTo(200);
      call(bundle, "POST", "/api/transfers/" + id + "/retry", "");
    }
    assertThat(call(bundle, "GET", "/api/transfers?source=members.csv", "")).isEqualTo(200);
    return ids;
  }

  private static int call(TestBundle bundle, String method, String path, String body)
      throws Exception {
    return CLIENT
        .send(
            HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
                .method(method, BodyPublishers.ofString(body))
                .header("Authorization", "Bearer " + OPS_KEY)
                .header("Content-Type", "application/json")
                .build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  private static void drop(String name, Path inbox) throws IOException {
    Path part = inbox.resolve(name + ".part");
    Files.writeString(part, sample(name));
    Files.move(part, inbox.resolve(name));
  }

  private static String sample(String name) throws IOException {
    try (InputStream in = PrivacyTest.class.getResourceAsStream("/samples/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Everything was taken in, and every transfer's outcome is told. */
  private static void assertEnded(TestBundle bundle, EmbeddedBroker broker) {
    assertThat(bundle.inbox()).isDirectoryNotContaining("glob:**.{json,ndjson,csv}");
    assertThat(broker.depth("p2p.intake")).isZero();
    assertThat(broker.depth("p2p.rejected")).isOne();
    assertThat(bundle.number("SELECT COUNT(*) FROM step WHERE kind <> 'RELEASE'")).isZero();
    assertThat(broker.depth("p2p.outcome")).isEqualTo(count(bundle, "state <> 'REJECTED'"));
    for (String state : List.of("COMPLETE", "FAILED", "NO_MATCH", "REJECTED")) {
      assertThat(count(bundle, "state = '" + state + "'")).as(state).isPositive();
    }
  }

  private static long count(TestBundle bundle, String condition) {
    return bundle
        .jdbc()
        .sql("SELECT COUNT(*) FROM transfer WHERE " + condition)
        .query(Long.class)
        .single();
  }

  private static String ledgerWords(TestBundle bundle) {
    return Stream.of(
            "SELECT detail FROM transfer WHERE detail IS NOT NULL",
            "SELECT detail FROM transfer_event WHERE detail IS NOT NULL",
            "SELECT warnings FROM export_job WHERE warnings IS NOT NULL",
            "SELECT detail FROM output_file WHERE detail IS NOT NULL",
            "SELECT detail FROM delivery WHERE detail IS NOT NULL")
        .flatMap(sql -> bundle.jdbc().sql(sql).query(String.class).list().stream())
        .reduce("", String::concat);
  }

  private static Set<String> found(String text, Set<String> words) {
    return words.stream().filter(text::contains).collect(Collectors.toCollection(TreeSet::new));
  }
}
