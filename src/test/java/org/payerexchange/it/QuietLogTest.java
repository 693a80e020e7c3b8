package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.LogLines;
import org.payerexchange.support.TestBundle;

/** What is away is told once by whoever is tried, and not again by each route on the way. */
class QuietLogTest {
  @TempDir Path folder;

  @Test
  void aSinkAndABrokerThatAreAwayDoNotFloodTheLog() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        LogLines log = LogLines.from(Level.INFO);
        TestBundle bundle =
            Pipeline.payer(TestBundle.in(folder), "bison", sandbox)
                .set(
                    "p2p.deliver.bundle-uris.1", "http://127.0.0.1:%d/b".formatted(FreePort.find()))
                .set("p2p.jms.url", "tcp://127.0.0.1:%d".formatted(FreePort.find()))
                .set("p2p.retry.min-delay", "100ms")
                .set("p2p.retry.max-delay", "200ms")
                .start()) {
      new Pipeline(bundle).take(List.of(Pipeline.record("REQ-1", Members.load("bison", 1))));

      await()
          .atMost(Duration.ofMinutes(3))
          .until(
              () ->
                  bundle.number("SELECT COUNT(*) FROM step WHERE kind = 'DELIVER' AND attempts > 3")
                      > 0);

      assertThat(log.beginning("WARN route")).isEmpty();
      assertThat(log.beginning("WARN the broker of p2p.jms.url cannot be used")).hasSize(1);
    }
  }
}
