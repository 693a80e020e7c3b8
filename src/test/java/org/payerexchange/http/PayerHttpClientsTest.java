package org.payerexchange.http;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.core5.concurrent.Cancellable;
import org.junit.jupiter.api.Test;
import org.payerexchange.trace.Tracing;

class PayerHttpClientsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** As on a machine that stood still, whose calls are all too late once it goes on. */
  @Test
  void aCallThatIsTooLateBeforeItIsConnectedIsOneWithoutAnAnswer() throws Exception {
    HttpGet call =
        new HttpGet("http://localhost:9/") {
          @Override
          public void setDependency(Cancellable dependency) {
            super.setDependency(dependency);
            if (dependency instanceof ExecRuntime) {
              cancel();
            }
          }
        };
    try (PayerHttpClients clients =
        new PayerHttpClients(
            Map.of(), LONG, LONG, LONG, 1, new SimpleMeterRegistry(), Tracing.off().tracer())) {
      assertThatExceptionOfType(InterruptedIOException.class)
          .isThrownBy(() -> clients.execute(call, answer -> answer.getCode()));
    }
  }
}
