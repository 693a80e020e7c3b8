package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.cli.Desk;
import org.payerexchange.cli.HealthProbe;
import org.payerexchange.cli.OpsDesk;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestCertificate;

/** The ops ports with a certificate, and how the launcher's commands and the image's probe ask. */
class OpsTlsTest {
  private static final String KEY = "key-over-tls";

  @TempDir static Path folder;

  private static TestCertificate own;
  private static TestCertificate other;
  private static int port;
  private static int observePort;
  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    own = TestCertificate.make(folder, "own");
    other = TestCertificate.make(folder, "other");
    port = FreePort.find();
    observePort = FreePort.find();
    bundle =
        TestBundle.in(folder)
            .set("p2p.ops.port", Integer.toString(port))
            .set("p2p.ops.observe-port", Integer.toString(observePort))
            .set("p2p.ops.api-key", KEY)
            .set("p2p.ops.key-store", own.keyStore().toString())
            .set("p2p.ops.key-store-password", TestCertificate.PASSWORD)
            .start();
  }

  @AfterAll
  static void stop() {
    bundle.close();
  }

  @Test
  void commandsOfTheSameConfigurationSpeakTlsAndTrustThatCertificateAlone() throws Exception {
    try (Desk desk = OpsDesk.open(setup(own))) {
      assertThat(desk.list(Map.of()).path("total").asInt()).isZero();
    }
    try (Desk desk = OpsDesk.open(setup(other))) {
      assertThatIOException()
          .isThrownBy(() -> desk.list(Map.of()))
          .withStackTraceContaining("not the certificate of p2p.ops.key-store");
    }
  }

  @Test
  void aStoreThatCannotBeOpenedIsNamedByItsKey() {
    Setup wrong = setup(own).with("p2p.ops.key-store-password", "wrong");

    assertThatThrownBy(() -> OpsDesk.open(wrong)).hasMessageContaining("p2p.ops.key-store: ");
    assertThatThrownBy(
            () ->
                TestBundle.in(folder.resolve("broken"))
                    .ops()
                    .set("p2p.ops.key-store", own.keyStore().toString())
                    .set("p2p.ops.key-store-password", "wrong")
                    .start())
        .hasStackTraceContaining("p2p.ops.key-store: ");
  }

  @Test
  void nothingIsAnsweredInClearText() {
    for (int each : List.of(port, observePort)) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + each + "/observe/health/live"))
              .build();
      assertThatIOException()
          .isThrownBy(() -> HttpClient.newHttpClient().send(request, BodyHandlers.discarding()));
    }
  }

  @Test
  void theProbeOfTheImageAsksInEitherWay() throws Exception {
    assertThat(probe(port)).isZero();
    assertThat(probe(FreePort.find())).isEqualTo(1);
  }

  private static int probe(int at) throws Exception {
    ProcessBuilder probe =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx16m",
            "-XX:+UseSerialGC",
            "-cp",
            Path.of(HealthProbe.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString(),
            HealthProbe.class.getName());
    probe.environment().put("P2P_OPS_PORT", Integer.toString(at));
    return probe.start().waitFor();
  }

  private static Setup setup(TestCertificate certificate) {
    return new Setup(Optional.empty(), Optional.empty())
        .with("p2p.ops.host", "127.0.0.1")
        .with("p2p.ops.port", Integer.toString(port))
        .with("p2p.ops.api-key", KEY)
        .with("p2p.ops.key-store", certificate.keyStore().toString())
        .with("p2p.ops.key-store-password", TestCertificate.PASSWORD);
  }
}
