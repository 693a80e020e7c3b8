package org.payerexchange.cli;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.Browser;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TcpProxy;
import org.payerexchange.support.TestAuthority;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestCertificate;

/**
 * The table of troubles of docs/operations.md, each made for real: what readiness, the metrics, the
 * API, {@code status}, and, where a Chromium is installed, the page say of it.
 */
class TroubleTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String SINK = "file-uri-1";

  @TempDir static Path folder;

  private static Gateway busy;
  private static Gateway refusing;
  private static Sandbox sandbox;
  private static EmbeddedBroker broker;
  private static TestBundle bundle;
  private static Optional<Browser> browser = Optional.empty();

  /** One node with a payer or a sink for each trouble, and a transfer that meets it. */
  @BeforeAll
  static void start() throws Exception {
    busy = gateway();
    busy.stub(
        post(urlPathMatching(".*/token"))
            .willReturn(okJson("{\"access_token\":\"t\",\"expires_in\":300}")));
    busy.stub(
        post(urlPathMatching(".*member-match"))
            .willReturn(aResponse().withStatus(429).withHeader("Retry-After", "3600")));
    refusing = gateway();
    refusing.stub(
        post(urlPathMatching(".*/token"))
            .willReturn(
                aResponse()
                    .withStatus(401)
                    .withHeader("Content-Type", "application/json")
                    .withBody("{\"error\":\"invalid_client\"}")));
    if (Browser.installed().isPresent() && Browser.driver().isPresent()) {
      browser = Optional.of(Browser.start(folder.resolve("profile")));
    } else {
      System.err.println("TroubleTest does not look at the page: there is no chromium");
    }
    sandbox = Sandbox.start(SandboxOptions.defaults());
    broker = EmbeddedBroker.start();
    TestCertificate nearItsEnd =
        TestAuthority.make(folder.resolve("authority")).sign("own", "https://we.example", 10);
    bundle =
        TestBundle.in(folder)
            .payer("bison", sandbox.origin().toString())
            .set("p2p.payers.bison.client-id", SandboxOptions.DEFAULT_CLIENT_ID)
            .set("p2p.payers.bison.client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET)
            .payer("down", "http://127.0.0.1:1")
            .payer("busy", busy.url())
            .payer("refusing", refusing.url())
            .set("p2p.payers.down.key-store", nearItsEnd.keyStore().toString())
            .set("p2p.payers.down.key-store-password", TestCertificate.PASSWORD)
            .set("p2p.payers.down.token-url", "http://127.0.0.1:1/token")
            .set("p2p.deliver.file-uris.1", "http://127.0.0.1:1/files")
            .set("p2p.inbox.notice-after", "300ms")
            .jms(broker)
            .ops()
            .start();
    Files.createSymbolicLink(
        bundle.inbox().resolve("linked.json"), Files.createFile(folder.resolve("elsewhere.json")));
    for (String payer : List.of("down", "busy", "refusing")) {
      take(payer, new Member(payer, "M-1", "Alma", "Testperson", "1980-02-29", "C-1"));
    }
    take(
        "sink",
        new Member("bison", "BSN-M-1001", "Adelheid", "Quuxington", "1961-03-14", "BSN-C-1001"));
  }

  private static void take(String requestId, Member member) throws Exception {
    Files.writeString(
        bundle.inbox().resolve(requestId + ".json"),
        """
        {"payer": "%s", "requestId": "%s", "memberId": "%s", "given": "%s", "family": "%s",
         "birthDate": "%s", "coverageId": "%s", "consentId": "consent-1", "consentPolicy": "regular",
         "consentStart": "2020-01-01", "consentEnd": "2099-12-31"}
        """
            .formatted(
                member.payer,
                requestId,
                member.memberId,
                member.given,
                member.family,
                member.birthDate,
                member.coverageId));
  }

  private static Gateway gateway() {
    Gateway gateway = new Gateway();
    gateway.start();
    return gateway;
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser.isPresent()) {
      browser.get().close();
    }
    bundle.close();
    broker.close();
    sandbox.close();
    busy.stop();
    refusing.stop();
  }

  @Test
  void aPayerThatIsDown() {
    awaitToldThat(
        () -> {
          assertThat(waitsFor("down")).contains("PAYER_UNAVAILABLE");
          assertThat(part("payers")).contains("down");
          assertThat(metrics())
              .containsPattern(
                  "p2p_node_payer_request_duration_seconds_count\\{payer=\"down\",request=\"token\",status=\"none\"} [1-9]");
          assertThat(status("--payer", "down")).contains("PAYER_UNAVAILABLE");
        });
    pageShows(bundle, "#/transfers?payer=down", "PAYER_UNAVAILABLE");
  }

  @Test
  void aPayerThatAsksForAPause() {
    awaitToldThat(
        () -> {
          assertThat(held("payers", "busy").path("reason").asText()).isEqualTo("PAYER_BUSY");
          assertThat(held("payers", "busy").path("until").asText()).isNotEmpty();
          assertThat(part("payers")).contains("busy");
          assertThat(metrics())
              .contains("p2p_held_seconds{kind=\"payer\",name=\"busy\",reason=\"PAYER_BUSY\"}");
          assertThat(status("--payer", "busy")).contains("payer busy is held since", "PAYER_BUSY");
        });
    pageShows(bundle, "#/", "busy", "PAYER_BUSY");
  }

  @Test
  void aTokenThatIsRefused() {
    awaitToldThat(
        () -> {
          assertThat(held("payers", "refusing").path("detail").asText()).contains("invalid_client");
          assertThat(part("payers")).contains("refusing", "invalid_client");
          assertThat(metrics())
              .containsPattern(
                  "p2p_node_token_refusals_total\\{kind=\"payer\",name=\"refusing\",reason=\"TOKEN_REFUSED\"} [1-9]");
          assertThat(status("--payer", "refusing"))
              .contains("payer refusing is held since", "invalid_client");
        });
    pageShows(bundle, "#/", "refusing", "TOKEN_REFUSED");
  }

  @Test
  void aSinkThatIsDown() {
    awaitToldThat(
        () -> {
          assertThat(waitsFor("sink")).contains("SINK_UNAVAILABLE");
          assertThat(peer("sinks", SINK).at("/work/failing").asInt()).isPositive();
          assertThat(metrics()).contains("p2p_failing_deliveries{sink=\"" + SINK + "\"} 1.0");
          assertThat(status("--sink", SINK)).contains("SINK_UNAVAILABLE");
        });
    pageShows(bundle, "#/", SINK, "1 failing since", "SINK_UNAVAILABLE");
  }

  @Test
  void aSinkThatIsMisspelt(@TempDir Path own) throws Exception {
    TestBundle misspelt = TestBundle.in(own).set("p2p.deliver.file-uris.1", "fiel:out");
    assertThatThrownBy(misspelt::start).hasMessageContaining("p2p.deliver.file-uris.1");

    StringWriter checked = new StringWriter();
    Path config = Files.createDirectories(own.resolve("config"));
    Files.writeString(
        config.resolve("application.properties"),
        """
        p2p.database.url=jdbc:h2:mem:misspelt
        p2p.inbox.directory=%1$s/inbox
        p2p.work.directory=%1$s/work
        p2p.outbox.directory=%1$s/outbox
        p2p.deliver.file-uris.1=fiel:out
        """
            .formatted(own));
    assertThat(run(checked, checked, "check", "--offline", "--config", config.toString()))
        .isEqualTo(1);
    assertThat(checked.toString()).contains("p2p.deliver.file-uris.1", "fiel");
  }

  @Test
  void aBrokerThatIsAway() throws Exception {
    broker.close();
    try {
      awaitToldThat(
          () -> {
            assertThat(part("broker")).contains("away");
            assertThat(bundle.get("/observe/health/ready")).contains("\"UP\"");
            assertThat(status("--payer", "down")).contains("PAYER_UNAVAILABLE");
          });
      pageShows(bundle, "#/readiness", "This node is UP", "broker", "away");
    } finally {
      broker = EmbeddedBroker.start(broker.port());
    }
    awaitToldThat(() -> assertThat(part("broker")).contains("reachable"));
  }

  @Test
  void aFileThatStaysInTheInbox() {
    awaitToldThat(() -> assertThat(part("inbox")).contains("linked.json is a link"));
    pageShows(bundle, "#/readiness", "linked.json is a link");
  }

  @Test
  void aCertificateNearItsEnd() {
    awaitToldThat(
        () -> {
          assertThat(part("certificates")).contains("p2p.payers.down.key-store");
          assertThat(metrics()).containsPattern("p2p_certificate_left_seconds\\{.*down.*} ");
        });
    pageShows(bundle, "#/readiness", "p2p.payers.down.key-store");
  }

  /** On a ledger that another node has, with folders that are not the shared ones. */
  @Test
  void aDiskThatIsShortFoldersThatAreNotSharedAndADatabaseThatGoesAway(@TempDir Path own)
      throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl(own);
    int port = URI.create(url.substring("jdbc:".length())).getPort();
    try (TcpProxy database = new TcpProxy(port);
        TestBundle first = node(own.resolve("first"), url)) {
      first.start();
      await()
          .atMost(PATIENCE)
          .until(() -> Files.exists(first.outbox().resolve(".payer-exchange-ledger")));
      // a record of no payer is in the ledger as rejected, and so in its figures
      assertThat(soon(first, "/api/transfers", "{\"payer\": \"nobody\"}").statusCode())
          .isEqualTo(400);
      first.stop();
      try (TestBundle second =
          node(own.resolve("second"), url.replace(":" + port, ":" + database.port()))
              .set("p2p.disk.reserve", "1000TB")) {
        second.start();
        awaitToldThat(
            () -> {
              assertThat(part(second, "disk")).contains("DOWN", "p2p.disk.reserve");
              assertThat(part(second, "folders")).contains("DOWN", "p2p.outbox.directory");
              assertThat(second.get("/observe/metrics")).contains("p2p_node_disk_free_bytes{");
            });
        pageShows(
            second, "#/readiness", "This node is DOWN", "p2p.disk.reserve", "p2p.outbox.directory");

        assertThat(second.get("/observe/metrics"))
            .contains("p2p_node_ledger_up 1.0", "p2p_transfers{");
        database.cut();
        awaitToldThat(
            () -> {
              assertThat(soon(second, "/observe/health/ready").body())
                  .contains("the database does not answer");
              assertThat(part(second, "database")).contains("DOWN", "does not answer");
              assertThat(part(second, "payers")).contains("not known");
            });
        awaitToldThat(() -> aScrapeHasTheNodesFiguresAndNotTheLedgers(second));
        awaitToldThat(() -> theApiSaysThatTheLedgerIsAway(second));
        pageShows(second, "#/readiness", "the database does not answer");
        pageShows(second, "#/", "the ledger does not answer");
        StringWriter says = new StringWriter();
        assertThat(
                status(
                    own.resolve("config"),
                    "p2p.database.url=%s\np2p.database.user=postgres\np2p.ops.port=\n"
                        .formatted(url.replace(":" + port, ":" + database.port())),
                    new StringWriter(),
                    says))
            .as(says.toString())
            .isEqualTo(1);
        assertThat(says.toString()).contains("p2p.database.url");
        database.mend();
        awaitToldThat(() -> assertThat(part(second, "database")).contains("UP"));
        awaitToldThat(
            () -> {
              assertThat(second.get("/observe/metrics"))
                  .contains("p2p_node_ledger_up 1.0", "p2p_transfers{");
              assertThat(soon(second, "/api/transfers").statusCode()).isEqualTo(200);
            });
      }
    }
  }

  private static void aScrapeHasTheNodesFiguresAndNotTheLedgers(TestBundle node) throws Exception {
    HttpResponse<String> scrape = soon(node, "/observe/metrics");

    assertThat(scrape.statusCode()).isEqualTo(200);
    assertThat(scrape.body())
        .contains("p2p_node_ledger_up 0.0", "p2p_node_disk_free_bytes{", "jvm_memory_used_bytes{")
        .doesNotContain("p2p_transfers{");
  }

  private static void theApiSaysThatTheLedgerIsAway(TestBundle node) throws Exception {
    for (String path :
        List.of("/api/transfers", "/api/overview", "/api/payers", "/api/transfers/some-id")) {
      HttpResponse<String> refused = soon(node, path);
      assertThat(refused.statusCode()).as(path).isEqualTo(503);
      assertThat(refused.body()).contains("the ledger does not answer: see readiness");
    }
    HttpResponse<String> undone =
        soon(node, "/api/actions", "{\"action\": \"now\", \"all\": true}");
    assertThat(undone.statusCode()).isEqualTo(503);
    assertThat(undone.body()).contains("the ledger does not answer", "nothing was done");
    assertThat(soon(node, "/api/openapi.json").statusCode()).isEqualTo(200);
    assertThat(soon(node, "/").statusCode()).isEqualTo(200);
  }

  private static HttpResponse<String> soon(TestBundle node, String path) throws Exception {
    return soon(HttpRequest.newBuilder(node.opsUrl().resolve(path)));
  }

  private static HttpResponse<String> soon(TestBundle node, String path, String body)
      throws Exception {
    return soon(
        HttpRequest.newBuilder(node.opsUrl().resolve(path))
            .POST(BodyPublishers.ofString(body))
            .header("Content-Type", "application/json"));
  }

  /** The answer, which does not take as long as a wait for a connection to the ledger. */
  private static HttpResponse<String> soon(HttpRequest.Builder request) throws Exception {
    try {
      return HttpClient.newHttpClient()
          .send(request.timeout(Duration.ofSeconds(8)).build(), BodyHandlers.ofString());
    } catch (HttpTimeoutException late) {
      // until it is known to be away, requests may wait for it
      throw new AssertionError(late);
    }
  }

  private static TestBundle node(Path own, String url) {
    return TestBundle.in(own)
        .set("p2p.database.url", url)
        .set("p2p.database.user", "postgres")
        .ops();
  }

  /** Where a browser is installed. */
  private static void pageShows(TestBundle of, String place, String... words) {
    browser.ifPresent(
        page -> {
          page.open("about:blank");
          page.open(of.opsUrl() + "/" + place);
          awaitToldThat(() -> assertThat(page.text("body")).contains(words));
        });
  }

  private static void awaitToldThat(ThrowingRunnable told) {
    await().atMost(PATIENCE).untilAsserted(told);
  }

  /** What a part of readiness says. */
  private static String part(String name) throws Exception {
    return part(bundle, name);
  }

  private static String part(TestBundle of, String name) throws Exception {
    JsonNode ready = new ObjectMapper().readTree(readiness(of));
    return ready.findParents("name").stream()
        .filter(check -> check.path("name").asText().equals(name))
        .findFirst()
        .orElseThrow()
        .toString();
  }

  private static JsonNode held(String kind, String name) throws Exception {
    return peer(kind, name).at("/held/0");
  }

  private static JsonNode peer(String kind, String name) throws Exception {
    for (JsonNode peer : json("/api/" + kind).path(kind)) {
      if (peer.path("id").asText(peer.path("name").asText()).equals(name)) {
        return peer;
      }
    }
    throw new AssertionError("no " + name);
  }

  /** What a transfer waits for, as the page's list shows it. */
  private static String waitsFor(String requestId) throws Exception {
    return json("/api/transfers?requestId=" + requestId).at("/transfers/0/waitsFor").toString();
  }

  private static JsonNode json(String path) throws Exception {
    return new ObjectMapper().readTree(bundle.get(path));
  }

  private static String metrics() throws Exception {
    return bundle.get("/observe/metrics");
  }

  private static String status(String... filters) throws Exception {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        status(
            folder.resolve("config"),
            "p2p.database.url=jdbc:h2:file:%s\np2p.ops.port=\n"
                .formatted(folder.resolve("data/ledger")),
            out,
            err,
            filters);
    assertThat(code).as(err.toString()).isZero();
    return out.toString();
  }

  /** Its exit code. */
  private static int status(
      Path config, String settings, StringWriter out, StringWriter err, String... filters)
      throws Exception {
    Files.createDirectories(config);
    Files.writeString(config.resolve("application.properties"), settings);
    List<String> arguments = new ArrayList<>(List.of("status", "--config", config.toString()));
    arguments.addAll(List.of(filters));
    return run(out, err, arguments.toArray(String[]::new));
  }

  private static int run(StringWriter out, StringWriter err, String... arguments) {
    return Launcher.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  /** Whatever its status is. */
  private static String readiness(TestBundle of) throws Exception {
    URI ready = of.opsUrl().resolve("/observe/health/ready");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString())
        .body();
  }

  private record Member(
      String payer,
      String memberId,
      String given,
      String family,
      String birthDate,
      String coverageId) {}
}
