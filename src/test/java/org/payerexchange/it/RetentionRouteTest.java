package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

class RetentionRouteTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;

  @Test
  void whatNobodyNeedsAnyMoreIsRemovedWithoutAnyonesDoing() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        TestBundle bundle =
            Pipeline.payer(TestBundle.in(folder), "bison", sandbox)
                .set("p2p.retention.interval", "200ms")
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      for (Path each : List.of(bundle.work(), bundle.outbox())) {
        await().atMost(PATIENCE).until(() -> Files.exists(each.resolve(SharedFolders.MARK)));
      }
      Path strange = Files.createDirectories(bundle.work().resolve("lost+found"));
      Path gone = Files.createDirectories(bundle.work().resolve(UUID.randomUUID().toString()));
      Files.writeString(gone.resolve(".Patient-1.ndjson.left"), "{}");
      Path half = Files.createDirectories(bundle.incoming(UUID.randomUUID().toString()));
      Files.writeString(half.resolve(".Patient-1.ndjson.1.part"), "{}");
      Path split = Files.createDirectories(half.resolve("split-1-2").resolve("0"));
      Files.writeString(split.resolve("Patient.ndjson"), "{}");
      Path shared = shared(bundle, UUID.randomUUID().toString());
      Path read = bundle.inbox().resolve(".done/members-20200101T000000000.csv");
      Files.writeString(read, "requestId\n");
      pipeline.take(
          List.of(
              Pipeline.record("request-good", Members.load("bison", 1)),
              Pipeline.record(
                  "request-unknown", "bison", "M-9", "No", "Body", "1980-01-01", "NOBODY")));
      String good = pipeline.awaitEnd("request-good", "COMPLETE");
      String unknown = pipeline.awaitEnd("request-unknown", "NO_MATCH");
      Path needed = shared(bundle, unknown);
      Path needless = shared(bundle, good);

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(pipeline.column("SELECT transfer_id FROM transfer_request"))
                    .containsExactly(unknown);
                assertThat(pipeline.events(good)).contains("REQUEST_REMOVED");
                assertThat(gone).doesNotExist();
                assertThat(half).doesNotExist();
                assertThat(shared).doesNotExist();
                assertThat(needless).doesNotExist();
                assertThat(read).doesNotExist();
              });
      assertThat(strange).exists();
      assertThat(needed.resolve("Patient-1.ndjson")).exists();
      assertThat(pipeline.delivered("bison", good)).contains("manifest.json");
    }
  }

  private static Path shared(TestBundle bundle, String batchId) throws IOException {
    Path shared = Files.createDirectories(bundle.outbox().resolve(".shared").resolve(batchId));
    Files.writeString(shared.resolve("Patient-1.ndjson"), "{}");
    return shared;
  }

  @Test
  void dataLeavesTheOutboxSomeTimeBehindItsManifestWhichStays() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        TestBundle bundle =
            Pipeline.payer(TestBundle.in(folder), "bison", sandbox)
                .set("p2p.retention.interval", "200ms")
                .set("p2p.outbox.keep", "10d")
                .set("p2p.deliver.file-uris.1", "http://127.0.0.1:1/nobody")
                .set("p2p.retry.deadline", "1s")
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(List.of(Pipeline.record("request-failed", Members.load("bison", 1))));
      String failed = pipeline.awaitEnd("request-failed", "FAILED");
      bundle.stop();
      bundle.set("p2p.deliver.file-uris.1", "").start();
      pipeline.take(
          List.of(
              Pipeline.record("request-old", Members.load("bison", 2)),
              Pipeline.record("request-young", Members.load("bison", 3))));
      String old = pipeline.awaitEnd("request-old", "COMPLETE");
      String young = pipeline.awaitEnd("request-young", "COMPLETE");
      List<String> all = pipeline.delivered("bison", young);
      Path archive = Files.createDirectories(bundle.outbox().resolve("archive").resolve(old));
      Files.copy(
          pipeline.outbox("bison", old).resolve("manifest.json"), archive.resolve("manifest.json"));
      Files.setLastModifiedTime(archive.resolve("manifest.json"), FileTime.from(Instant.EPOCH));
      Files.writeString(bundle.outbox().resolve("bison").resolve(UUID.randomUUID() + ""), "a file");
      Path note = Files.writeString(pipeline.outbox("bison", old).resolve("note.txt"), "theirs");
      FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofDays(11)));
      for (String id : List.of(old, failed)) {
        Files.setLastModifiedTime(pipeline.outbox("bison", id).resolve("manifest.json"), longAgo);
      }

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(pipeline.delivered("bison", old))
                      .containsExactly("manifest.json", "note.txt"));
      assertThat(note).hasContent("theirs");
      assertThat(pipeline.delivered("bison", young)).isEqualTo(all).hasSizeGreaterThan(1);
      assertThat(pipeline.delivered("bison", failed)).as("a retry needs it").hasSizeGreaterThan(1);
    }
  }
}
