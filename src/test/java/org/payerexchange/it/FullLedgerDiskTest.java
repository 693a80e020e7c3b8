package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.cli.Launcher;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.FullDisk;
import org.payerexchange.support.JavaProcess;

/** A node as it is deployed, whose H2 ledger lies on a disk that fills up. */
class FullLedgerDiskTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir Path folder;
  private int port;

  @Test
  void itSaysSoEndsWhenItIsToldAndGoesOnWithoutALossOnceThereIsRoom() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults())) {
      configure(sandbox);
      try (JavaProcess node = start()) {
        awaitHealth("ready", 200);
        drop("before", 1);
        awaitComplete(1);

        tell(node, "full");
        assertThat(post("refused", 2)).as("whoever waits for the ledger").isGreaterThan(499);
        drop("meanwhile", 3);
        awaitHealth("ready", 503);
        awaitHealth("live", 503);
        assertThat(node.isAlive()).isTrue();

        tell(node, "room");
        awaitHealth("live", 200);
        awaitHealth("ready", 200);
        awaitComplete(2);
        assertThat(post("accepted", 4)).isEqualTo(202);
        awaitComplete(3);

        tell(node, "full");
        assertThat(post("refused-again", 5)).isGreaterThan(499);
        assertThat(node.terminate(PATIENCE)).as("ended by SIGTERM").isPresent();
      }
      try (JavaProcess node = start()) {
        awaitHealth("ready", 200);
        awaitComplete(3);
        assertThat(node.terminate(PATIENCE)).hasValue(0);
      }
    }
  }

  private void configure(Sandbox sandbox) throws IOException {
    port = FreePort.find();
    Files.createDirectories(folder.resolve("inbox"));
    Files.write(
        folder.resolve("application.properties"),
        List.of(
            "p2p.inbox.directory=" + folder.resolve("inbox"),
            "p2p.work.directory=" + folder.resolve("work"),
            "p2p.outbox.directory=" + folder.resolve("outbox"),
            "p2p.database.url=" + FullDisk.url(folder),
            "p2p.disk.reserve=50MB",
            "p2p.ops.port=" + port,
            "p2p.tick=200ms",
            "p2p.inbox.quiet-time=200ms",
            "p2p.poll.min-delay=100ms",
            "p2p.poll.max-delay=500ms",
            "p2p.retry.min-delay=100ms",
            "p2p.retry.max-delay=1s",
            "p2p.shutdown.timeout=5s",
            "p2p.lease=30s",
            "p2p.payers.bison.base-url=" + sandbox.origin() + "/v1/bison",
            "p2p.payers.bison.token-url="
                + sandbox.origin()
                + "/auth/realms/dev-portal/protocol/openid-connect/token",
            "p2p.payers.bison.client-id=" + SandboxOptions.DEFAULT_CLIENT_ID,
            "p2p.payers.bison.client-secret=" + SandboxOptions.DEFAULT_CLIENT_SECRET,
            "p2p.payers.bison.scope=member-match|read"));
  }

  private JavaProcess start() throws IOException {
    return JavaProcess.start(
        folder,
        JavaProcess.brief("-Xmx192m", "-Dp2p.log.target=System.err"),
        Node.class,
        List.of(folder.toString()));
  }

  private static void tell(JavaProcess node, String what) throws IOException {
    node.send(what);
    assertThat(node.line()).isEqualTo(what);
  }

  private void drop(String request, int member) throws IOException {
    Pipeline.drop(folder.resolve("inbox"), List.of(record(request, member)));
  }

  private static String record(String request, int member) {
    return Pipeline.record(request, Members.load("bison", member));
  }

  private int post(String request, int member) throws Exception {
    return send(HttpRequest.newBuilder(uri("/api/transfers"))
            .header("Content-Type", "application/json")
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofString(record(request, member))))
        .statusCode();
  }

  private void awaitHealth(String kind, int status) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> send(HttpRequest.newBuilder(uri("/observe/health/" + kind))).statusCode(),
            answered -> answered == status);
  }

  private void awaitComplete(int transfers) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              String page =
                  send(HttpRequest.newBuilder(uri("/api/transfers?status=COMPLETE"))).body();
              JsonNode total = new ObjectMapper().readTree(page).path("total");
              assertThat(total.asInt()).as(page).isEqualTo(transfers);
            });
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:%d%s".formatted(port, path));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  /** The launcher's {@code run}, beside a thread that fills the disk when it is told to. */
  static final class Node {
    private Node() {}

    public static void main(String[] arguments) {
      FullDisk.makeRoom();
      Thread disk = new Thread(Node::listen, "disk");
      disk.setDaemon(true);
      disk.start();
      Launcher.main(new String[] {"run", "--config", arguments[0]});
    }

    private static void listen() {
      try (BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          if (line.equals("full")) {
            FullDisk.leave(0);
          } else {
            FullDisk.makeRoom();
          }
          System.out.println(line);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
