package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
      Path strange = Files.createDirectories(bundle.work().resolve("lost+found"));
      Path gone = Files.createDirectories(bundle.work().resolve(UUID.randomUUID().toString()));
      Files.writeString(gone.resolve(".Patient-1.ndjson.1.part"), "{}");
      pipeline.take(
          List.of(
              Pipeline.record("request-good", Members.load("bison", 1)),
              Pipeline.record(
                  "request-unknown", "bison", "M-9", "No", "Body", "1980-01-01", "NOBODY")));
      String good = pipeline.awaitEnd("request-good", "COMPLETE");
      String unknown = pipeline.awaitEnd("request-unknown", "NO_MATCH");

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(pipeline.column("SELECT transfer_id FROM transfer_request"))
                    .containsExactly(unknown);
                assertThat(pipeline.events(good)).endsWith("REQUEST_REMOVED");
                assertThat(gone).doesNotExist();
              });
      assertThat(strange).exists();
      assertThat(pipeline.delivered("bison", good)).contains("manifest.json");
    }
  }
}
