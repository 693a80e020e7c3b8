package org.payerexchange.delivery.fhir;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.StubMapping;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.LogLines;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestCertificate;
import org.payerexchange.support.TlsFront;

/** How the FHIR server is reached: its TLS, its timeouts, and nowhere else. */
class FhirConnectionTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String FILE = "/v1/bison/file";

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;

  private FhirTestServer server;
  private TestBundle bundle;

  @BeforeEach
  void prepare() throws Exception {
    server = FhirTestServer.start();
    bundle = ReadyExports.bundle(folder, gateway);
    gateway.stub(
        get(urlEqualTo(FILE)).willReturn(ok("{\"resourceType\":\"Observation\",\"id\":\"o1\"}\n")));
  }

  @AfterEach
  void close() throws Exception {
    bundle.close();
    server.close();
  }

  @Test
  void itsTrustAndKeyStoresOpenTheServerThatAsksForACertificate() throws Exception {
    try (TlsFront front = TlsFront.before(origin(), folder)) {
      sendTo(front.url());
      front.settings().forEach((key, value) -> bundle.set("p2p.deliver.fhir." + key, value));
      bundle.start();

      bundle.awaitEnd(transfer(), "COMPLETE");

      assertThat(server.resources()).containsKey("Observation/bison.o1");
      assertThat(front.requests()).isEqualTo(server.headers().size());
    }
  }

  @Test
  void aCertificateIsReplacedWithoutARestartWhileADeliveryWaits() throws Exception {
    try (TlsFront front = TlsFront.before(origin(), folder)) {
      sendTo(front.url());
      front.settings().forEach((key, value) -> bundle.set("p2p.deliver.fhir." + key, value));
      Path store = folder.resolve("renewed.p12");
      Files.copy(TestCertificate.make(folder, "stranger").keyStore(), store);
      bundle.set("p2p.deliver.fhir.key-store", store.toString()).start();
      String id = transfer();
      awaitDelivery(id, "reason = 'SINK_UNAVAILABLE'");

      Files.copy(Path.of(front.settings().get("key-store")), store, REPLACE_EXISTING);

      bundle.awaitEnd(id, "COMPLETE");
      assertThat(server.resources()).containsKey("Observation/bison.o1");
    }
  }

  @Test
  void withoutAStoreAServerOfAPrivateAuthorityIsNotTrusted() throws Exception {
    try (TlsFront front = TlsFront.before(origin(), folder)) {
      sendTo(front.url());
      bundle.start();

      awaitDelivery(transfer(), "reason = 'SINK_UNAVAILABLE'");

      assertThat(front.requests()).isZero();
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsToldOnceByTheStepWithAllThatItIsAbout() throws Exception {
    sendTo("http://127.0.0.1:1/fhir");
    bundle.start();
    try (LogLines log = LogLines.from(Level.INFO)) {
      String id = transfer();
      String step = "transfer " + id + " DELIVER to fhir: SINK_UNAVAILABLE";
      await().atMost(PATIENCE).until(() -> log.beginning("INFO " + step).size() > 1);

      assertThat(log.fields(step))
          .containsOnly(
              Map.entry("transfer", id),
              Map.entry("payer", ReadyExports.PAYER),
              Map.entry("step", "DELIVER"));
      assertThat(log.beginning("WARN")).isEmpty();
    }
  }

  @Test
  void aRedirectTakesNobodysDataElsewhere() throws Exception {
    sendTo(gateway.url());
    gateway.stub(toServer().willReturn(temporaryRedirect(server.url())));
    bundle.start();

    awaitDelivery(transfer(), "reason = 'SINK_REFUSED'");

    assertThat(server.headers()).isEmpty();
  }

  @Test
  void anAnswerThatTakesLongerThanTheResponseTimeoutIsAskedForAgainLater() throws Exception {
    sendTo(gateway.url());
    gateway.stub(toServer().willReturn(okJson("{}").withFixedDelay(5_000)));
    bundle.set("p2p.deliver.fhir.response-timeout", "200ms").start();

    awaitDelivery(transfer(), "reason = 'SINK_UNAVAILABLE'");
  }

  @Test
  void aRefusalCountsByItsStatusHoweverLongItIs() throws Exception {
    sendTo(gateway.url());
    gateway.stub(
        toServer()
            .willReturn(
                okJson(
                        "{\"resourceType\":\"OperationOutcome\",\"text\":\"%s\"}"
                            .formatted("x".repeat(2 << 20)))
                    .withStatus(422)));
    bundle.start();

    bundle.awaitEnd(transfer(), "COMPLETE");

    assertThat(warnings()).isEqualTo(2);
  }

  @Test
  void aBundleWhoseAnswerIsLostGoesOnceMoreAndChangesNothing() throws Exception {
    sendTo(gateway.url());
    gateway.stub(toServer().willReturn(aResponse().proxiedFrom(origin())));
    gateway.once(toServer(), aResponse().proxiedFrom(origin()).withFixedDelay(3_000));
    bundle.set("p2p.deliver.fhir.response-timeout", "1s").start();

    bundle.awaitEnd(transfer(), "COMPLETE");

    assertThat(
            server.received().stream()
                .filter(sent -> sent.getEntryFirstRep().getRequest().getUrl().endsWith(".o1")))
        .hasSizeGreaterThan(1);
    assertThat(server.versions("Observation/bison.o1")).isOne();
    assertThat(warnings()).isZero();
  }

  @Test
  void aServerThatIsAwayForLongGetsAllOfItOnceItIsBack() throws Exception {
    sendTo(gateway.url());
    StubMapping away =
        gateway.stub(toServer().willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
    bundle.start();
    String id = transfer();
    awaitFailures(id, 5);

    gateway.server().removeStub(away);
    gateway.stub(toServer().willReturn(aResponse().proxiedFrom(origin())));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(server.resources()).containsKey("Observation/bison.o1");
    assertThat(warnings()).isZero();
  }

  @Test
  void aServerThatFailsAtEverythingForAWhileGetsAllOfItOnceItIsWell() throws Exception {
    sendTo(gateway.url());
    StubMapping failing = gateway.stub(toServer().willReturn(aResponse().withStatus(500)));
    bundle.start();
    String id = transfer();
    awaitFailures(id, 6);

    gateway.server().removeStub(failing);
    gateway.stub(toServer().willReturn(aResponse().proxiedFrom(origin())));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(server.resources()).containsKey("Observation/bison.o1");
    assertThat(warnings()).isZero();
  }

  @Test
  void anEntryHasAllItsTriesHoweverLongTheServerWasAwayBefore() throws Exception {
    sendTo(gateway.url());
    AtomicInteger failures = new AtomicInteger(4);
    server.answerEntries(
        entry ->
            entry.getRequest().getUrl().endsWith(".o1") && failures.getAndDecrement() > 0
                ? 409
                : 0);
    StubMapping away =
        gateway.stub(toServer().willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
    bundle.set("p2p.deliver.fhir.bundle-type", "batch").start();
    String id = transfer();
    awaitFailures(id, 6);

    gateway.server().removeStub(away);
    gateway.stub(toServer().willReturn(aResponse().proxiedFrom(origin())));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(server.resources()).containsKey("Observation/bison.o1");
    assertThat(warnings()).isZero();
  }

  @Test
  void asManyBundlesAreUnderWayAtOnceAsDeliveriesAreAllowed() throws Exception {
    bundle.set("p2p.deliver.fhir.base-url", server.url());
    bundle.set("p2p.deliver.max-parallel", "3").start();
    CountDownLatch together = new CountDownLatch(3);
    server.beforeEach(
        () -> {
          together.countDown();
          return together.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        });

    List<String> ids = List.of(transfer(), transfer(), transfer());

    await().atMost(PATIENCE).until(() -> together.getCount() == 0);
    ids.forEach(id -> bundle.awaitEnd(id, "COMPLETE"));
  }

  private int warnings() {
    return bundle.jdbc().sql("SELECT warnings FROM transfer").query(Integer.class).single();
  }

  private void sendTo(String url) {
    bundle.set("p2p.deliver.fhir.base-url", url + "/fhir");
  }

  private String origin() {
    return server.url().replace("/fhir", "");
  }

  private static MappingBuilder toServer() {
    return post(urlPathMatching("/fhir/?"));
  }

  private String transfer() {
    return ReadyExports.in(bundle).of(ReadyExports.output("Observation", gateway.url() + FILE));
  }

  private void awaitFailures(String transfer, int times) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bundle.number(
                        "SELECT COUNT(*) FROM step WHERE transfer_id = ? AND kind = 'DELIVER' AND attempts > ?",
                        transfer,
                        times)
                    == 1);
  }

  private void awaitDelivery(String transfer, String condition) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bundle
                        .jdbc()
                        .sql("SELECT COUNT(*) FROM delivery WHERE transfer_id = ? AND " + condition)
                        .param(transfer)
                        .query(Integer.class)
                        .single()
                    == 1);
  }
}
