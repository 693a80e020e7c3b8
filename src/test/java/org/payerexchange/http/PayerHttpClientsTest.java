package org.payerexchange.http;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

  @Test
  void onlyAStepsFirstRequestSaysThatNothingWasSent() throws Exception {
    try (PayerHttpClients clients =
        new PayerHttpClients(
            Map.of(), LONG, LONG, LONG, 1, new SimpleMeterRegistry(), Tracing.off().tracer())) {
      HttpGet first = new HttpGet("http://localhost:1/");
      first.setHeader("Payer-Exchange-First", true);
      assertThatExceptionOfType(NothingSent.class)
          .isThrownBy(() -> clients.execute(first, answer -> answer.getCode()))
          .withCauseInstanceOf(ConnectException.class);
      assertThatExceptionOfType(ConnectException.class)
          .as("behind a redirect, or once the match was answered")
          .isThrownBy(
              () ->
                  clients.execute(new HttpGet("http://localhost:1/"), answer -> answer.getCode()));
    }
  }

  @Test
  void aConnectionThatBreaksOffBehindTheRequestHasSentIt() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        PayerHttpClients clients =
            new PayerHttpClients(
                Map.of(), LONG, LONG, LONG, 1, new SimpleMeterRegistry(), Tracing.off().tracer())) {
      CompletableFuture<Void> hangsUp =
          CompletableFuture.runAsync(
              () -> {
                try (Socket socket = server.accept()) {
                  socket.getInputStream().read();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      HttpGet first = new HttpGet("http://127.0.0.1:" + server.getLocalPort() + "/");
      first.setHeader("Payer-Exchange-First", true);

      assertThatThrownBy(() -> clients.execute(first, answer -> answer.getCode()))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(NothingSent.class);
      hangsUp.get(30, TimeUnit.SECONDS);
    }
  }
}
