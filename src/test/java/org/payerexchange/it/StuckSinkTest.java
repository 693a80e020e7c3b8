package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.TestBundle;

/** A transfer whose sink does not answer. */
class StuckSinkTest {
  private static final String KEY = "p2p.deliver.file-uris.1";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  void aTransferThatWaitsForASinkSaysForWhichSinceWhenWhyAndUntilWhen() throws Exception {
    try (Sandbox bison = Sandbox.start(SandboxOptions.defaults());
        TestBundle bundle = Pipeline.payer(TestBundle.in(folder).ops(), "bison", bison)) {
      bundle.set(KEY, "http://127.0.0.1:%d/files".formatted(FreePort.find())).start();
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(List.of(Pipeline.record("request", Members.load("bison", 1))));
      String id = pipeline.id("request");

      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () -> {
                JsonNode wait = listed(bundle).path("waitsFor");
                assertThat(wait.path("name").asText()).isEqualTo("file-uri-1");
                assertThat(wait.path("attempts").asInt()).isGreaterThan(1);
              });
      for (JsonNode transfer : List.of(listed(bundle), shown(bundle, id))) {
        JsonNode wait = transfer.path("waitsFor");
        assertThat(transfer.path("status").asText()).isEqualTo("MATCHED");
        assertThat(wait.path("step").asText()).isEqualTo("DELIVER");
        assertThat(wait.path("kind").asText()).isEqualTo("sink");
        assertThat(wait.path("reason").asText()).isEqualTo("SINK_UNAVAILABLE");
        assertThat(wait.path("detail").asText()).isNotEmpty();
        assertThat(Instant.parse(wait.path("since").asText()))
            .isBefore(Instant.parse(wait.path("nextTry").asText()));
      }

      bundle.stop();
      bundle.set(KEY, "file:" + folder.resolve("sink")).start();
      pipeline.awaitEnd("request", "COMPLETE");
      assertThat(listed(bundle).has("waitsFor")).isFalse();
      assertThat(shown(bundle, id).has("waitsFor")).isFalse();
    }
  }

  private static JsonNode listed(TestBundle bundle) throws Exception {
    return JSON.readTree(bundle.get("/api/transfers")).path("transfers").path(0);
  }

  private static JsonNode shown(TestBundle bundle, String id) throws Exception {
    return JSON.readTree(bundle.get("/api/transfers/" + id));
  }
}
