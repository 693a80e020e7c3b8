package org.payerexchange.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.TestBundle;

/** {@code send}, with the samples of the distribution and the sandbox that they are for. */
class SendTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Path SAMPLES = Path.of("src/main/dist/samples");
  private static final String KEY = "key-of-send";

  @TempDir static Path folder;

  private static Sandbox sandbox;
  private static EmbeddedBroker broker;
  private static TestBundle bundle;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void start() throws Exception {
    sandbox = Sandbox.start(SandboxOptions.defaults());
    broker = EmbeddedBroker.start();
    bundle = TestBundle.in(folder).jms(broker).ops().set("p2p.ops.api-key", KEY);
    bundle.set("p2p.ops.keys.feed.role", "intake").set("p2p.ops.keys.feed.key", "key-of-the-feed");
    for (String payer : List.of("bison", "heron")) {
      bundle
          .payer(payer, sandbox.origin().toString())
          .set("p2p.payers." + payer + ".client-id", SandboxOptions.DEFAULT_CLIENT_ID)
          .set("p2p.payers." + payer + ".client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET);
    }
    bundle.set("p2p.ops.max-body-bytes", "1000000").start();
  }

  @AfterAll
  static void stop() throws Exception {
    bundle.close();
    broker.close();
    sandbox.close();
  }

  @Test
  void aRecordOverHttpIsATransferThatEnds() throws Exception {
    assertThat(send("member.json", "--http", bundle.opsUrl().toString())).as(err()).isZero();

    assertThat(out.toString()).containsPattern("record 1: transfer \\S{36}").contains("1 taken");
    awaitState("first-try-1", "COMPLETE");
  }

  @Test
  void whatIsRejectedIsToldWithItsReasonAndWithoutItsValueAndTheRestGoesOn() throws Exception {
    assertThat(send("members.csv", "--http", bundle.opsUrl() + "/")).isEqualTo(1);

    assertThat(out.toString())
        .contains("record 4: rejected: ", "birthDate", "3 taken, 1 rejected")
        .doesNotContain("1975", "Fictitious");
    awaitState("first-try-2", "COMPLETE");
    awaitState("first-try-3", "COMPLETE");
    awaitState("first-try-4", "NO_MATCH");
  }

  @Test
  void aFileGoesToTheQueueAsOneMessageThatStatusFinds() throws Exception {
    assertThat(send("parameters.ndjson", "--jms", broker.url())).as(err()).isZero();

    awaitState("first-try-6", "COMPLETE");
    String source = out.toString().strip().replaceFirst(".*--source ", "");
    assertThat(bundle.column("SELECT source FROM transfer WHERE request_id = 'first-try-6'"))
        .singleElement()
        .asString()
        .endsWith(source);
  }

  @Test
  void aPayerIsNamedForRecordsThatNameNone() throws Exception {
    Path file = folder.resolve("nobody.json");
    Files.writeString(
        file,
        Files.readString(SAMPLES.resolve("member.json"))
            .replace("\"payer\": \"bison\",", "")
            .replace("first-try-1", "named-1"));

    assertThat(run(file.toString(), "--payer", "heron", "--http", bundle.opsUrl().toString()))
        .isZero();
    awaitState("named-1", "NO_MATCH");
    assertThat(bundle.column("SELECT payer FROM transfer WHERE request_id = 'named-1'"))
        .containsExactly("heron");
  }

  @Test
  void whatCannotBeSentIsSaidInOneLine() throws Exception {
    Path large = Files.writeString(folder.resolve("large.csv"), "x".repeat(1_000_001));
    Path huge = folder.resolve("huge.csv");
    try (RandomAccessFile sparse = new RandomAccessFile(huge.toFile(), "rw")) {
      sparse.setLength(5_000_000_000L);
    }
    String here = bundle.opsUrl().toString();

    assertThat(run("none.json", "--http", here)).isEqualTo(1);
    assertThat(send("member.json", "--http", "http://exchange.example.org:8080")).isEqualTo(1);
    assertThat(send("member.json", "--http", "http://127.0.0.1:1")).isEqualTo(1);
    assertThat(run(large.toString(), "--http", here)).isEqualTo(1);
    assertThat(send("member.json", "--jms", "tcp://127.0.0.1:1?password=secret-7b1")).isEqualTo(1);
    assertThat(send("member.json", "--jms", "no url")).isEqualTo(1);
    assertThat(send("member.json", "--http", "localhost:8080")).isEqualTo(1);
    assertThat(send("member.json", "--http", "127.0.0.1:8080")).isEqualTo(1);
    assertThat(send("member.json", "--http", "/api")).isEqualTo(1);
    assertThat(send("member.json", "--http", "ftp://127.0.0.1/")).isEqualTo(1);
    assertThat(run(huge.toString(), "--jms", broker.url())).isEqualTo(1);
    assertThat(send("member.json")).as("neither").isEqualTo(2);

    assertThat(err().lines().limit(11))
        .allMatch(line -> line.startsWith("payer-exchange: "))
        .satisfiesExactly(
            line -> assertThat(line).contains("none.json: there is no such file"),
            line -> assertThat(line).contains("by https alone"),
            line -> assertThat(line).contains("nothing answers at http://127.0.0.1:1"),
            line -> assertThat(line).containsAnyOf("too long", "p2p.ops.max-body-bytes"),
            line -> assertThat(line).contains("the broker of --jms").doesNotContain("secret-7b1"),
            line -> assertThat(line).contains("the broker of --jms"),
            line -> assertThat(line).contains("--http: is no URL such as"),
            line -> assertThat(line).contains("--http: is no URL such as"),
            line -> assertThat(line).contains("--http: is no URL such as"),
            line -> assertThat(line).contains("--http: is no URL such as", "begins with http://"),
            line -> assertThat(line).contains("p2p.jms.max-message-bytes"));
  }

  @Test
  void aWrongKeyIsSaid() throws Exception {
    assertThat(sendWith("wrong", "p2p.ops.api-key=another\n")).isEqualTo(1);
    assertThat(err()).contains("the API key is missing or wrong");
  }

  @Test
  void aMisspeltKeyIsNamedAndNothingIsSent() throws Exception {
    assertThat(sendWith("misspelt", "p2p.ops.api-key=%s\np2p.ops.prot=8080\n".formatted(KEY)))
        .isEqualTo(1);
    assertThat(err()).contains("p2p.ops.prot: there is no such key");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void whoHasOnlyAKeyOfIntakeSendsWithIt() throws Exception {
    assertThat(
            sendWith(
                "feed",
                """
                p2p.ops.keys.night.role=reader
                p2p.ops.keys.night.key=another
                p2p.ops.keys.feed.role=intake
                p2p.ops.keys.feed.key=key-of-the-feed
                """))
        .as(err())
        .isZero();
    assertThat(out.toString()).contains("1 taken");
  }

  private int sendWith(String folderOfConfig, String properties) throws Exception {
    Path config = Files.createDirectories(folder.resolve(folderOfConfig));
    Files.writeString(config.resolve("application.properties"), properties);
    return execute(
        List.of(
            "send",
            SAMPLES.resolve("member.json").toString(),
            "--http",
            bundle.opsUrl().toString(),
            "--config",
            config.toString()));
  }

  private static void awaitState(String requestId, String state) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        bundle.column("SELECT state FROM transfer WHERE request_id = ?", requestId))
                    .containsExactly(state));
  }

  private int send(String sample, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(SAMPLES.resolve(sample).toString()));
    all.addAll(List.of(arguments));
    return run(all.toArray(String[]::new));
  }

  private int run(String... arguments) throws Exception {
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.writeString(config.resolve("application.properties"), "p2p.ops.api-key=" + KEY + "\n");
    List<String> all = new ArrayList<>(List.of("send", "--config", config.toString()));
    all.addAll(List.of(arguments));
    return execute(all);
  }

  private int execute(List<String> arguments) {
    return Launcher.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments.toArray(String[]::new));
  }

  private String err() {
    return err.toString();
  }
}
