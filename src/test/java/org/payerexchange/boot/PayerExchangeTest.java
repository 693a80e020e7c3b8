package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.delivery.fhir.FhirServer;
import org.payerexchange.http.TlsStores;
import org.payerexchange.payer.Payers;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;

class PayerExchangeTest {
  @TempDir Path folder;

  @Test
  void operatorsFilesOverrideTheDefaultsAndOverridesWinOverFiles() throws Exception {
    Path config = Files.createDirectory(folder.resolve("config"));
    Files.writeString(
        config.resolve("application.properties"),
        """
        p2p.poll.min-delay=7s
        p2p.poll.max-delay=70s
        p2p.shutdown.timeout=2500ms
        p2p.payers.bison.scope=of the first file
        p2p.payers.bison.client-secret=sécret ☃
        """);
    Files.writeString(
        config.resolve("payers.properties"), "p2p.payers.bison.scope=of the second file\n");
    Map<String, String> overrides =
        Map.of(
            "p2p.poll.max-delay", "71s",
            "p2p.ops.port", "",
            "p2p.payers.bison.base-url", "http://127.0.0.1:1/v1/bison",
            "p2p.payers.bison.token-url", "http://127.0.0.1:1/token",
            "p2p.payers.bison.client-id", "id",
            "p2p.database.url", "jdbc:h2:mem:layers;MODE=PostgreSQL;DB_CLOSE_DELAY=-1",
            "p2p.inbox.directory", folder.resolve("inbox").toString(),
            "p2p.work.directory", folder.resolve("work").toString(),
            "p2p.outbox.directory", folder.resolve("outbox").toString());

    try (PayerExchange bundle =
        PayerExchange.start(
            new Setup(Optional.of(config), Optional.empty(), List.of("*"), overrides))) {
      assertThat(setting(bundle.context(), "p2p.tick")).isEqualTo("1s");
      assertThat(setting(bundle.context(), "p2p.poll.min-delay")).isEqualTo("7s");
      assertThat(setting(bundle.context(), "p2p.poll.max-delay")).isEqualTo("71s");
      assertThat(setting(bundle.context(), "p2p.payers.bison.scope"))
          .isEqualTo("of the second file");
      assertThat(setting(bundle.context(), "p2p.payers.bison.client-secret")).isEqualTo("sécret ☃");
      assertThat(bundle.context().getShutdownStrategy().getTimeout()).isEqualTo(3);
      assertThat(bundle.context().isStreamCaching()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"4711", "true", "null", "a\"b", "a\", \"b", "a, 'b'", "a${b}c"})
  void aTextReachesItsBeanAsItIsWritten(String text) throws Exception {
    try (TestBundle bundle = TestBundle.in(folder)) {
      for (String key : List.of("bearer-token", "client-id", "client-secret", "scope")) {
        bundle.set("p2p.deliver.fhir." + key, text);
      }
      bundle
          .ops()
          .set("p2p.ops.api-key", text)
          .set("p2p.deliver.fhir.base-url", "http://127.0.0.1:1/fhir")
          .set("p2p.deliver.fhir.token-url", "http://127.0.0.1:1/token")
          .set("p2p.deliver.fhir.trust-store-password", text)
          .start();

      HttpRequest request =
          HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
              .header("Authorization", "Bearer " + text)
              .build();
      assertThat(
              HttpClient.newHttpClient()
                  .send(request, HttpResponse.BodyHandlers.discarding())
                  .statusCode())
          .isEqualTo(200);
      FhirServer server = bundle.bean("fhirServer", FhirServer.class);
      assertThat(server.bearer()).isEqualTo(text);
      assertThat(server.credentials().orElseThrow())
          .extracting(
              TokenClient::clientId,
              client -> client.credentials().secret().value(),
              TokenClient::scope)
          .containsOnly(text);
      assertThat(bundle.bean("fhirServerTls", TlsStores.class).trustStorePassword())
          .isEqualTo(text);
    }
  }

  @Test
  void aPayerWhoseIdIsANumberMayBeTheDefault() throws Exception {
    try (TestBundle bundle =
        TestBundle.in(folder)
            .payer("4711", "http://127.0.0.1:1")
            .set("p2p.default-payer", "4711")) {
      assertThatCode(bundle::start).doesNotThrowAnyException();
    }
  }

  @Test
  void theBeansAreMadeOnceAndNoThreadOfTheirsOutlivesThem() throws Exception {
    Set<Thread> before = lockKeepers();
    Set<Thread> own = new HashSet<>();

    try (TestBundle bundle = TestBundle.in(folder).start()) {
      own.addAll(lockKeepers());
      own.removeAll(before);
      assertThat(own).hasSize(1);
    }
    await().untilAsserted(() -> assertThat(lockKeepers()).doesNotContainAnyElementsOf(own));
  }

  private static Set<Thread> lockKeepers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().endsWith("InboxLocks"))
        .collect(Collectors.toSet());
  }

  @Test
  void routesOfAFolderReplaceThoseOfTheClassPath() throws Exception {
    Path routes = Files.createDirectories(folder.resolve("routes/sandbox"));
    Files.writeString(routes.resolve("never.camel.yaml"), route("never"));
    Files.writeString(routes.resolveSibling("own.camel.yaml"), route("own"));

    try (TestBundle bundle = TestBundle.in(folder).routes(routes.getParent()).start()) {
      assertThat(routeIds(bundle)).containsExactly("own");
    }
  }

  @Test
  void anEmptyRoutesFolderLeavesTheRoutesOfTheClassPath() throws Exception {
    Path routes = Files.createDirectories(folder.resolve("routes"));

    try (TestBundle bundle = TestBundle.in(folder).routes(routes).start()) {
      assertThat(bundle.context().getRegistry().lookupByName("clock")).isNotNull();
      assertThat(routeIds(bundle)).noneMatch(id -> id.contains("sandbox"));
    }
  }

  @Test
  void theBundleStartsAgainOnTheSameFoldersAndLeavesNoThread() throws Exception {
    Gateway gateway = new Gateway();
    gateway.start();
    try (EmbeddedBroker broker = EmbeddedBroker.start();
        TestBundle bundle = TestBundle.in(folder).payer("bison", gateway.url()).jms(broker).ops()) {
      Set<String> before = ownThreads();
      bundle.start();
      assertThat(bundle.bean("payers", Payers.class).get("bison").baseUrl())
          .hasToString(gateway.url() + "/v1/bison");
      bundle.stop();
      bundle.start();
      bundle.stop();
      await().untilAsserted(() -> assertThat(ownThreads()).isSubsetOf(before));
    } finally {
      gateway.stop();
    }
  }

  @Test
  void aPortThatIsTakenIsToldAndNothingStarts() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        TestBundle bundle = TestBundle.in(folder)) {
      Set<String> before = ownThreads();
      bundle.set("p2p.ops.port", Integer.toString(taken.getLocalPort()));

      Throwable failure = catchThrowable(bundle::start);

      assertThat(Failures.inOneLine(failure))
          .isEqualTo(
              "p2p.ops.host, p2p.ops.port: Address already in use (127.0.0.1:%d)"
                  .formatted(taken.getLocalPort()));
      await().untilAsserted(() -> assertThat(ownThreads()).isSubsetOf(before));
    }
  }

  private static Set<String> routeIds(TestBundle bundle) {
    return bundle.context().getRoutes().stream().map(r -> r.getId()).collect(Collectors.toSet());
  }

  private static String setting(CamelContext context, String key) {
    return context.resolvePropertyPlaceholders("{{" + key + "}}");
  }

  private static String route(String id) {
    return """
        - route:
            id: %s
            from:
              uri: direct:%s
              steps:
                - stop: {}
        """
        .formatted(id, id);
  }

  /** Names of running threads without those of the test's own broker, gateway and waiting. */
  private static Set<String> ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> !name.matches("qtp.*|.*activemq-.*localhost.*|awaitility.*"))
        .collect(Collectors.toSet());
  }
}
