package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.TestBundle;

/** A sink that is taken out of the configuration while transfers wait for it. */
class TakenOutSinkTest {
  private static final String KEY = "p2p.deliver.file-uris.1";

  @TempDir Path folder;

  @Test
  void aSinkThatWasTakenOutIsShownWithWhatWaitsForItUntilItIsPutBack() throws Exception {
    try (Sandbox bison = Sandbox.start(SandboxOptions.defaults());
        TestBundle bundle = Pipeline.payer(TestBundle.in(folder).ops(), "bison", bison)) {
      bundle.set(KEY, "http://127.0.0.1:%d/files".formatted(FreePort.find())).start();
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(List.of(Pipeline.record("request", Members.load("bison", 1))));
      String id = pipeline.id("request");
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> pipeline.events(id).contains("RETRY_LATER"));
      bundle.stop();

      bundle.set(KEY, "").start();

      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () ->
                  assertThat(bundle.get("/observe/health/ready"))
                      .contains("sink file-uri-1 is held since 20")
                      .contains(KEY + " is not configured on this node")
                      .contains("transfers that wait for it: 1; put the key back"));
      assertThat(bundle.get("/observe/metrics"))
          .contains("p2p_held_seconds{kind=\"sink\",name=\"file-uri-1\",reason=\"SINK_REFUSED\"}");
      assertThat(bundle.get("/api/transfers?size=1"))
          .contains("\"held\":[{\"kind\":\"sink\",\"name\":\"file-uri-1\",\"since\":\"20");
      assertThat(bundle.get("/api/transfers/" + id)).contains("\"held\":[{\"kind\":\"sink\"");
      bundle.stop();

      bundle.set(KEY, "file:" + folder.resolve("sink")).start();

      pipeline.awaitEnd("request", "COMPLETE");
      assertThat(bundle.get("/observe/health/ready")).doesNotContain("is held");
    }
  }
}
