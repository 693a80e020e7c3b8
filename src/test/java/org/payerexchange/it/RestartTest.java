package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.HeldRoutes;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** A process that ends at any stage and starts again: every transfer ends as it would have. */
class RestartTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int MEMBERS = 3;
  private static final int FILES = 4;

  @TempDir static Path folder;
  private static Sandbox sandbox;
  private static TestBundle bundle;
  private static Pipeline pipeline;
  private static int member;

  @BeforeAll
  static void start() throws Exception {
    sandbox = Sandbox.start(SandboxOptions.builder().load(new LoadShape(FILES, 20_000)).build());
    bundle =
        Pipeline.payer(TestBundle.in(folder), "bison", sandbox)
            .set("p2p.shutdown.timeout", "1s")
            .set("p2p.deliver.file-uris.1", "file:" + folder.resolve("copies"))
            .start();
    pipeline = new Pipeline(bundle);
  }

  @AfterAll
  static void stop() {
    bundle.close();
    sandbox.close();
  }

  @ParameterizedTest
  @CsvSource({
    "TOKEN, HANG",
    "MATCH, HANG",
    "KICK_OFF, HANG",
    "STATUS, HANG",
    "FILE, HANG",
    "FILE, SLOW",
    "RELEASE, HANG"
  })
  void aStopWhileThePayerIsAskedChangesNothing(RequestKind where, Fault fault) throws Exception {
    sandbox.requests().clear();
    sandbox.faults().next(where, fault, Integer.MAX_VALUE);
    sandbox.expireTokens();
    List<String> requests = takeIn();
    await().atMost(PATIENCE).until(() -> sandbox.requests().received(where) > 0);

    restart();

    assertAllEndAsTheyWouldHave(requests);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "match-member",
        "kick-off-export",
        "poll-export",
        "download-file",
        "deliver-to-sink",
        "send-outcome",
        "release-job"
      })
  void aStopBeforeAStageChangesNothing(String stage) throws Exception {
    sandbox.requests().clear();
    bundle.context().getRouteController().stopRoute(stage);
    List<String> requests = takeIn();
    awaitRowsFor(stage);

    restart();

    assertAllEndAsTheyWouldHave(requests);
  }

  @Test
  void aProcessThatIsHaltedInTheMiddleOfDownloadsLosesAndRepeatsNothing(@TempDir Path own)
      throws Exception {
    try (Sandbox throttled =
        Sandbox.start(
            SandboxOptions.builder()
                .load(new LoadShape(40, 300_000))
                .bytesPerSecond(4_000_000)
                .build())) {
      try (JavaProcess child = BundleProcess.start(own, throttled, "-Xmx256m")) {
        Pipeline.drop(
            own.resolve("inbox"), List.of(Pipeline.record("halted", Members.load("bison", 1))));
        await().atMost(PATIENCE).until(() -> throttled.requests().filesServed().size() >= 3);
        child.kill();
      }
      assertThat(throttled.requests().filesServed()).hasSizeLessThan(40);

      try (TestBundle again = Pipeline.payer(TestBundle.in(own), "bison", throttled).start()) {
        Pipeline after = new Pipeline(again);
        String id = after.awaitEnd("halted", "COMPLETE");

        assertThat(after.delivered("bison", id)).hasSize(41).contains("manifest.json");
        assertHashes(after, "bison", id);
        assertThat(after.leftOf(id)).isEmpty();
        assertThat(throttled.requests().kickOffs()).containsOnly(Map.entry("bison/load-1", 1));
        assertThat(after.events(id)).doesNotContain("KICKOFF_REPEATED");
      }
    }
  }

  @Test
  void aProcessThatIsKilledBetweenRenameAndCommitHasItsFilesFetchedAgain(@TempDir Path own)
      throws Exception {
    try (Sandbox served =
        Sandbox.start(SandboxOptions.builder().load(new LoadShape(2, 20_000)).build())) {
      Path outbox = own.resolve("outbox").resolve("bison");
      try (JavaProcess child =
          BundleProcess.start(
              own,
              served,
              "-Xmx256m",
              "routes=" + HeldRoutes.before("download", "commit-stored", own.resolve("routes")))) {
        Pipeline.drop(
            own.resolve("inbox"), List.of(Pipeline.record("killed", Members.load("bison", 1))));
        await().atMost(PATIENCE).until(() -> files(outbox).size() == 2);
        child.kill();
      }
      for (Path file : files(outbox)) {
        Files.writeString(file, "not what the payer sent");
      }

      try (TestBundle again = Pipeline.payer(TestBundle.in(own), "bison", served).start()) {
        Pipeline after = new Pipeline(again);
        String id = after.awaitEnd("killed", "COMPLETE");

        assertThat(after.delivered("bison", id)).hasSize(3).contains("manifest.json");
        assertHashes(after, "bison", id);
        assertThat(after.leftOf(id)).isEmpty();
        assertThat(after.fileStates(id)).containsExactly("STORED", "STORED");
        assertThat(after.events(id)).as("none was stored before").doesNotContain("FILE_STORED");
        assertThat(served.requests().received(RequestKind.FILE)).isEqualTo(4);
      }
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static List<String> takeIn() throws IOException {
    List<String> requests = new ArrayList<>();
    List<String> records = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      String request = "request-" + ++member;
      requests.add(request);
      records.add(Pipeline.record(request, Members.load("bison", member)));
    }
    pipeline.take(records);
    requests.forEach(pipeline::id);
    return requests;
  }

  private static void restart() throws Exception {
    bundle.stop();
    sandbox.faults().clear();
    bundle.start();
  }

  private static String waiting(String kind) {
    return "SELECT COUNT(*) FROM step WHERE kind = '%s'".formatted(kind);
  }

  private static void awaitRowsFor(String stage) {
    String waiting =
        switch (stage) {
          case "match-member" -> waiting("MEMBER_MATCH");
          case "kick-off-export" -> waiting("EXPORT_KICKOFF");
          case "poll-export" -> waiting("EXPORT_POLL");
          case "download-file" -> waiting("DOWNLOAD").replace("(*)", "(*) / " + FILES);
          case "deliver-to-sink" -> waiting("DELIVER") + " AND due_at IS NOT NULL";
          case "send-outcome" -> waiting("OUTCOME");
          default -> waiting("RELEASE");
        };
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(pipeline.column(waiting)).containsExactly(String.valueOf(MEMBERS)));
  }

  private static void assertAllEndAsTheyWouldHave(List<String> requests) throws IOException {
    Set<String> transfers = new HashSet<>();
    for (String request : requests) {
      String id = pipeline.awaitEnd(request, "COMPLETE");
      transfers.add(id);
      assertThat(pipeline.delivered("bison", id)).hasSize(FILES + 1).contains("manifest.json");
      assertHashes(pipeline, "bison", id);
      assertThat(folder.resolve("copies").resolve(id).toFile().list()).hasSize(FILES);
      assertThat(pipeline.leftOf(id)).isEmpty();
      assertThat(pipeline.events(id))
          .containsOnlyOnce("MATCHED", "EXPORT_RUNNING", "EXPORT_READY", "COMPLETE")
          .doesNotContain("FAILED", "EXPORT_RESTARTED", "MANIFEST_NEEDED");
    }
    assertThat(transfers).hasSize(MEMBERS);
    assertThat(sandbox.requests().kickOffs().values()).hasSize(MEMBERS).containsOnly(1);
  }

  /** What lies in the outbox is what the ledger says, and nothing else. */
  private static void assertHashes(Pipeline ended, String payer, String id) throws IOException {
    for (var file : ended.files(id)) {
      String name = "%s-%s.ndjson".formatted(file.get("resource_type"), file.get("number"));
      Path delivered = ended.outbox(payer, id).resolve(name);
      assertThat(Files.size(delivered)).isEqualTo(file.get("bytes"));
      assertThat(delivered).hasDigest("SHA-256", file.get("sha256").toString());
    }
  }
}
