package org.payerexchange.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.payerexchange.support.LogLines;
import org.payerexchange.support.TraceCollector;

/** What the log says of a collector that is away. */
class TracingTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @Test
  void aCollectorThatTakesNothingIsToldOnceInOneLineAndSoIsItsReturn() throws Exception {
    try (LogLines log = LogLines.from(Level.INFO);
        TraceCollector collector = TraceCollector.start();
        Tracing tracing =
            Tracing.to(URI.create(collector.url()), Map.of(), 1.0, "node", "version")) {
      collector.setAway(true);
      tracing.transfers().received(UUID.randomUUID().toString(), "bison");
      awaitLines(log, "takes no spans");
      tracing.transfers().received(UUID.randomUUID().toString(), "bison");

      collector.setAway(false);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                tracing.transfers().received(UUID.randomUUID().toString(), "bison");
                assertThat(told(log)).anyMatch(line -> line.contains("takes spans again"));
              });
      assertThat(told(log)).hasSize(2).noneMatch(line -> line.contains("\n\tat "));
      assertThat(collector.spans()).isNotEmpty();
    }
  }

  private static void awaitLines(LogLines log, String words) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(told(log)).anyMatch(line -> line.contains(words)));
  }

  private static List<String> told(LogLines log) {
    return log.all().stream().filter(line -> line.contains("tracing: ")).toList();
  }
}
