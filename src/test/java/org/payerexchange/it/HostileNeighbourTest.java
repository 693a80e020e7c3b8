package org.payerexchange.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.payerexchange.it.HostilePayer.endless;
import static org.payerexchange.it.HostilePayer.packed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.payerexchange.bench.BenchedBundle;
import org.payerexchange.it.HostilePayer.Body;
import org.payerexchange.it.HostilePayer.Where;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.JavaProcess;
import org.springframework.jms.core.JmsTemplate;

/**
 * One node with the memory of its manifest, and neighbours who send it what would end it, one after
 * the other. It lives through all of them, answers operators meanwhile, and carries another payer's
 * member to the end.
 *
 * <p>A new hostile input is one line of {@link #attacks()}.
 */
class HostileNeighbourTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration ANSWER = Duration.ofSeconds(15);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Thirty megabytes of small objects, in thirty kilobytes. */
  private static final Body OBJECTS = packed("{\"x\":[", "{},", 10_000_000, "{}]}");

  private static final String LINE = "{\"resourceType\":\"Patient\",\"id\":\"1\"}\n";

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path folder;
  private static JavaProcess node;
  private static HostilePayer bison;
  private static Sandbox heron;
  private static EmbeddedBroker broker;
  private static URI ops;
  private static int attack;

  @BeforeAll
  static void start() throws Exception {
    bison = HostilePayer.start();
    heron = Sandbox.start(SandboxOptions.builder().load(new LoadShape(2, 5_000)).build());
    broker = EmbeddedBroker.start();
    int port = FreePort.find();
    ops = URI.create("http://127.0.0.1:" + port);
    Files.createDirectories(inbox());
    node =
        JavaProcess.start(
            folder,
            List.of(
                "-Xmx700m",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djdk.serialFilter=!*",
                "-Dp2p.log.target=System.err"),
            BenchedBundle.class,
            Stream.concat(
                    Stream.of(
                        "p2p.inbox.directory=" + inbox(),
                        "p2p.work.directory=" + folder.resolve("work"),
                        "p2p.outbox.directory=" + folder.resolve("outbox"),
                        "p2p.database.url=jdbc:h2:file:" + folder.resolve("data/ledger"),
                        "p2p.jms.url=" + broker.url(),
                        "p2p.ops.port=" + port,
                        "p2p.tick=100ms",
                        "p2p.inbox.quiet-time=200ms",
                        "p2p.poll.min-delay=50ms",
                        "p2p.http.answer-timeout=" + ANSWER.toSeconds() + "s",
                        "p2p.download.max-file-bytes=100MB",
                        "p2p.payers.bison.trusted-hosts=" + bison.otherHost()),
                    Stream.concat(
                        payer("bison", bison.url()), payer("heron", heron.origin().toString())))
                .toList());
    while (!node.line().equals("ready")) {}
  }

  private static Stream<String> payer(String id, String url) {
    return Stream.of(
            "base-url=" + url + "/v1/" + id,
            "token-url=" + url + "/auth/realms/dev-portal/protocol/openid-connect/token",
            "client-id=" + SandboxOptions.DEFAULT_CLIENT_ID,
            "client-secret=" + SandboxOptions.DEFAULT_CLIENT_SECRET,
            "scope=member-match|read")
        .map(setting -> "p2p.payers." + id + "." + setting);
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    bison.close();
    heron.close();
    broker.close();
  }

  /** What a neighbour does; it returns once the node has dealt with it. */
  interface Attack {
    void run(String name) throws Exception;
  }

  static List<Named<Attack>> attacks() {
    return List.of(
        answer("a token of many objects", Where.TOKEN, OBJECTS),
        answer("a match of many objects", Where.MATCH, OBJECTS),
        answer("a kick-off of many objects", Where.KICK_OFF, OBJECTS),
        answer("a status of many objects", Where.STATUS, OBJECTS),
        answer("a match of zeros", Where.MATCH, packed("", "\0", 500_000_000, "")),
        answer("a deep match", Where.MATCH, packed("", "{\"x\":[", 1_000_000, "")),
        answer("a long number", Where.MATCH, packed("{\"x\":", "9", 20_000_000, "}")),
        answer("a long name", Where.STATUS, packed("{\"", "x", 20_000_000, "\":1}")),
        answer("a long string", Where.STATUS, packed("{\"status\":\"", "x", 30_000_000, "\"}")),
        answer("many groups", Where.MATCH, packed("{\"groupId\":[", "\"g\",", 6_000_000, "1]}")),
        answer(
            "half a million files",
            Where.STATUS,
            packed(
                "{\"status\":\"Successful\",\"output\":[",
                "{\"type\":\"Patient\",\"url\":\"/v1/bison/f\"},",
                500_000,
                "{}]}")),
        answer("a match without end", Where.MATCH, endless("{\"x\":\"", "x")),
        answer("a status without end", Where.STATUS, endless("{\"x\":[", "1,")),
        answer("a line without end", Where.FILE, endless("{\"resourceType\":\"Patient\",", "x")),
        answer(
            "a packed line without end",
            Where.FILE,
            packed("{\"resourceType\":\"Patient\",\"x\":\"", "x", 200_000_000, "")),
        answer("a packed file of many lines", Where.FILE, packed("", LINE, 15_000_000, "")),
        answer("a file without end", Where.FILE, endless("", LINE)),
        Named.of("a head without end", HostileNeighbourTest::headWithoutEnd),
        Named.of("many at once", HostileNeighbourTest::manyAtOnce),
        file("a file of objects", "{\"x\":[" + "{},".repeat(9_000_000) + "{}]}"),
        file("a deep file", "[".repeat(20_000_000)),
        file("a file of one long word", "x".repeat(30_000_000)),
        message("a message of objects", "{\"x\":[" + "{},".repeat(2_500_000) + "{}]}"),
        message("a deep message", "[".repeat(8_000_000)),
        Named.of("a packed request", HostileNeighbourTest::packedRequest));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void theNodeLivesAnswersAndCarriesAnotherPayersMember(Attack hostile) throws Exception {
    String name = "attack-" + ++attack;
    try (Answers answers = new Answers()) {
      hostile.run(name);
      bison.behave();
      drop("heron", "beside-" + name, attack);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(state("beside-" + name)).isEqualTo("COMPLETE"));
      assertThat(node.isAlive()).isTrue();
      assertThat(answers.slowest()).isLessThan(ANSWER);
    }
  }

  private static Named<Attack> answer(String what, Where where, Body body) {
    return Named.of(
        what,
        name -> {
          bison.spoil(where, body);
          drop("bison", name, attack);
          awaitDealtWith(name);
        });
  }

  private static void headWithoutEnd(String name) throws IOException {
    bison.spoilHead();
    drop("bison", name, attack);
    awaitDealtWith(name);
  }

  private static void manyAtOnce(String name) throws IOException {
    bison.spoil(Where.MATCH, packed("{\"x\":[", "{\"a\":1},", 250_000, "{}]}"));
    for (int member = 0; member < 20; member++) {
      drop("bison", name + "-" + member, attack * 100 + member);
    }
    for (int member = 0; member < 20; member++) {
      awaitDealtWith(name + "-" + member);
    }
  }

  private static Named<Attack> file(String what, String content) {
    return Named.of(
        what,
        name -> {
          Path part = Files.writeString(folder.resolve("part"), content);
          Path file = Files.move(part, inbox().resolve(name + ".json"));
          await().atMost(PATIENCE).until(() -> !Files.exists(file));
        });
  }

  private static Named<Attack> message(String what, String content) {
    return Named.of(
        what,
        name -> {
          long rejected = broker.depth("p2p.rejected");
          try (var connections = broker.connectionFactory()) {
            new JmsTemplate(connections)
                .send("p2p.intake", session -> bytes(session, content.getBytes(UTF_8)));
          }
          await().atMost(PATIENCE).until(() -> broker.depth("p2p.rejected") > rejected);
          await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
        });
  }

  private static jakarta.jms.Message bytes(jakarta.jms.Session session, byte[] content)
      throws jakarta.jms.JMSException {
    jakarta.jms.BytesMessage message = session.createBytesMessage();
    message.writeBytes(content);
    return message;
  }

  private static void packedRequest(String name) throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    OBJECTS.to(body);
    HttpRequest request =
        HttpRequest.newBuilder(ops.resolve("/api/transfers"))
            .header("Content-Type", "application/json")
            .header("Content-Encoding", "gzip")
            .POST(BodyPublishers.ofByteArray(body.toByteArray()))
            .timeout(PATIENCE)
            .build();

    assertThat(CLIENT.send(request, BodyHandlers.ofString()).statusCode())
        .as(name)
        .isBetween(400, 499);
  }

  /** A step that a payer's answer spoilt has failed, or waits to be tried again. */
  private static void awaitDealtWith(String request) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              JsonNode transfer = transfer(request);
              List<String> events = transfer.path("events").findValuesAsText("what");
              assertThat(events.contains("RETRY_LATER") || events.contains("FAILED"))
                  .as(transfer.toString())
                  .isTrue();
            });
    assertThat(bison.asked()).as(request).isPositive();
    String id = transfer(request).path("id").asText();
    send(
        HttpRequest.newBuilder(ops.resolve("/api/transfers/" + id + "/cancel"))
            .POST(BodyPublishers.noBody()));
  }

  private static String state(String request) {
    return transfer(request).path("status").asText();
  }

  private static JsonNode transfer(String request) {
    String file = request + ".ndjson";
    JsonNode found = get("/api/transfers?source=" + file).path("transfers").path(0);
    return found.isMissingNode() ? found : get("/api/transfers/" + found.path("id").asText());
  }

  private static void drop(String payer, String request, int member) throws IOException {
    Path part =
        Files.writeString(
            folder.resolve("part"), Pipeline.record(request, Members.load(payer, member)));
    Files.move(part, inbox().resolve(request + ".ndjson"));
  }

  private static Path inbox() {
    return folder.resolve("inbox");
  }

  private static JsonNode get(String path) {
    try {
      return JSON.readTree(send(HttpRequest.newBuilder(ops.resolve(path))).body());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return CLIENT.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("the ops API does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Asks the node for its transfers again and again, as long as it is open. */
  private static final class Answers implements AutoCloseable {
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final Future<?> asking;
    private volatile Duration slowest = Duration.ZERO;
    private volatile AssertionError failure;

    Answers() {
      asking = thread.scheduleWithFixedDelay(this::ask, 0, 100, TimeUnit.MILLISECONDS);
    }

    Duration slowest() {
      if (failure != null) {
        throw failure;
      }
      return slowest;
    }

    private void ask() {
      long begun = System.nanoTime();
      try {
        get("/api/transfers?size=1");
      } catch (AssertionError none) {
        failure = none;
      }
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      slowest = took.compareTo(slowest) > 0 ? took : slowest;
    }

    @Override
    public void close() {
      asking.cancel(true);
      thread.shutdownNow();
    }
  }
}
