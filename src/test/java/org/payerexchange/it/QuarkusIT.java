package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.docker.CamelKPod;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.DemoParts;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.FreePort;

/** The routes and the bundle's jar on Camel Quarkus, as Camel K runs them; by make quarkus. */
class QuarkusIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int FILES = 4;
  private static final String KEY = "key-on-quarkus";

  @TempDir Path folder;

  @Test
  void aMemberFromAFileAndOneFromTheBrokerReachTheOutbox() throws Exception {
    try (Sandbox sandbox =
            Sandbox.start(SandboxOptions.builder().load(new LoadShape(FILES, 20_000)).build());
        EmbeddedBroker broker = EmbeddedBroker.start()) {
      CamelKPod pod = CamelKPod.layOut(folder, settings(broker), Operator.payer("bison", sandbox));
      int port = FreePort.find();
      Path log = folder.resolve("log");
      Process process = pod.start(port, log);
      try {
        await()
            .atMost(PATIENCE)
            .ignoreExceptionsInstanceOf(IOException.class)
            .untilAsserted(() -> assertThat(get(port, "/q/health/ready")).isEqualTo(200));
        for (String path : List.of("/q/health/started", "/q/health/live")) {
          assertThat(get(port, path)).as(path).isEqualTo(200);
        }
        assertThat(call(port, "/q/health/ready", "").body()).isEqualTo("{\"status\":\"UP\"}");
        assertThat(call(port, "/q/health/ready", KEY).body()).contains("checks");
        for (String path : List.of("/api/transfers", "/api/transfers/x", "/q/health", "/nothing")) {
          assertThat(get(port, path)).as(path).isEqualTo(401);
        }
        assertThat(get(port, "/api/transfers?Authorization=Bearer%20" + KEY)).isEqualTo(401);
        assertThat(call(port, "/api/transfers", KEY).statusCode()).isEqualTo(200);
        assertHalfABodyIsRefused(port);
        Path inbox = pod.state().resolve("inbox");
        Pipeline.drop(inbox, List.of("{\"family\": \"Wrongfield\"\n"));
        Pipeline.drop(inbox, List.of(Pipeline.record("quarkus-1", Members.load("bison", 1))));
        Operator.send(broker, List.of(Pipeline.record("quarkus-2", Members.load("bison", 2))));

        Path outbox = pod.state().resolve("outbox/bison");
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(Operator.files(outbox))
                        .hasSize(2 * (FILES + 1))
                        .contains("manifest.json"));
        assertThat(sandbox.requests().kickOffs().values()).hasSize(2).containsOnly(1);
        await().atMost(PATIENCE).until(() -> !Operator.files(inbox.resolve(".rejected")).isEmpty());
        assertThat(Files.readString(log))
            .doesNotContain("Wrongfield", Members.load("bison", 1).family())
            .doesNotContain(Members.load("bison", 2).family())
            .doesNotContain(sandbox.options().clientSecret());
      } catch (Throwable failure) {
        failure.addSuppressed(new IllegalStateException(Files.readString(log)));
        throw failure;
      } finally {
        process.destroy();
        process.waitFor();
      }
    }
  }

  @Test
  void neitherTheDemoNorItsBrokerIsInTheApplication() throws IOException {
    assertThat(DemoParts.in(CamelKPod.application())).isEmpty();
  }

  private String settings(EmbeddedBroker broker) {
    return """
        p2p.database.url=jdbc:h2:file:%s
        p2p.jms.url=%s
        p2p.ops.api-key=%s
        p2p.inbox.quiet-time=200ms
        p2p.poll.min-delay=200ms
        """
        .formatted(folder.resolve("ledger"), broker.url(), KEY);
  }

  /** By its head, though the rest never comes. */
  private static void assertHalfABodyIsRefused(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      String head = "POST /api/transfers HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n{";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes("HTTP/1.1 401".length());
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 401");
    }
  }

  private static int get(int port, String path) throws IOException, InterruptedException {
    return call(port, path, "").statusCode();
  }

  private static HttpResponse<String> call(int port, String path, String key)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }
}
