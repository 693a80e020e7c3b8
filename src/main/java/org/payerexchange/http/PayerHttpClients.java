package org.payerexchange.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.payerexchange.auth.TokenClient;

/**
 * The HTTP client of all payer calls: one pool of connections for all payers, and one for each that
 * is reached in a way of its own, so that no payer gets a connection that was made with another's
 * certificates, nor with those that were there before. Who is called for what stands in headers
 * that go no further.
 */
public final class PayerHttpClients extends CloseableHttpClient {
  private static final String PEER = "Payer-Exchange-Peer";
  private static final String PAYER = "Payer-Exchange-Payer";
  private static final String KIND = "Payer-Exchange-Request";
  private static final String FIRST = "Payer-Exchange-First";

  /** Fixed, so that there are no more series than payers, kinds and classes of status make. */
  private static final Duration[] TIMES =
      Stream.of(50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final Duration headTimeout;
  private final ScheduledThreadPoolExecutor timer = timer();
  private final CloseableHttpClient ordinary;
  private final Map<String, CloseableHttpClient> own = new HashMap<>();
  private final Map<String, PeerConnection> connections;
  private final MeterRegistry meters;
  private final Tracer tracer;

  /**
   * Builds them.
   *
   * @param connections the peers that are reached in a way of their own, by what their keys begin
   *     with
   * @param connectTimeout how long a connection may take, and how long to wait for a free one
   * @param responseTimeout the longest silence while an answer is waited for or read
   * @param headTimeout how long it may take in all until the head of an answer is there
   * @param maxConnections how many connections a pool may have, in all and to one host
   * @param meters where payers' answers are counted, with how long their heads took
   * @param tracer makes a span of each request that belongs to one; its URL, which may name a
   *     member, is not told
   */
  public PayerHttpClients(
      Map<String, PeerConnection> connections,
      Duration connectTimeout,
      Duration responseTimeout,
      Duration headTimeout,
      int maxConnections,
      MeterRegistry meters,
      Tracer tracer) {
    this.meters = meters;
    this.tracer = tracer;
    this.headTimeout = headTimeout;
    this.connections = Map.copyOf(connections);
    ordinary =
        PayerHttpClient.create(
            PeerConnection.ORDINARY,
            connectTimeout,
            responseTimeout,
            maxConnections,
            "all",
            meters);
    connections.forEach(
        (keys, connection) ->
            own.put(
                keys,
                PayerHttpClient.create(
                    connection, connectTimeout, responseTimeout, maxConnections, keys, meters)));
  }

  @Override
  protected CloseableHttpResponse doExecute(
      HttpHost target, ClassicHttpRequest request, HttpContext context) throws IOException {
    String payer = take(PAYER, request);
    String kind = take(KIND, request);
    String keys = take(PEER, request);
    boolean first = Boolean.parseBoolean(take(FIRST, request));
    Timer.Sample time = Timer.start(meters);
    Span span = span(payer, kind, target, request);
    String status = "none";
    HttpClientContext ours = HttpClientContext.castOrCreate(context);
    try {
      CloseableHttpResponse answer = send(keys, target, request, ours);
      status = answer.getCode() / 100 + "xx";
      span.setAttribute("http.response.status_code", (long) answer.getCode());
      return answer;
    } catch (IOException noAnswer) {
      span.setStatus(StatusCode.ERROR).setAttribute("error.type", noAnswer.getClass().getName());
      throw first && !SentMark.isSet(ours) ? new NothingSent(noAnswer) : noAnswer;
    } finally {
      span.end();
      if (!payer.isEmpty()) {
        time.stop(
            Timer.builder("p2p.node.payer.request.duration")
                .description("Time until the head of a payer's answer is there")
                .tags("payer", payer, "request", kind, "status", status)
                .serviceLevelObjectives(TIMES)
                .register(meters));
      }
    }
  }

  /** Of a request that no step makes, nothing is told. */
  private Span span(String payer, String kind, HttpHost target, ClassicHttpRequest request) {
    if (payer.isEmpty() || !Span.current().getSpanContext().isValid()) {
      return Span.getInvalid();
    }
    Header id = request.getFirstHeader(PayerCalls.REQUEST_ID);
    return tracer
        .spanBuilder(kind)
        .setSpanKind(SpanKind.CLIENT)
        .setAttribute("payer_exchange.payer", payer)
        .setAttribute("payer_exchange.request", id == null ? "" : id.getValue())
        .setAttribute("http.request.method", request.getMethod())
        .setAttribute("server.address", target.getHostName())
        .startSpan();
  }

  /**
   * Tells whose connections a request takes, and as what it is counted.
   *
   * @param first whether its step has had no answer to a request before it
   */
  static void tell(PayerRequest request, boolean first, BiConsumer<String, Object> headers) {
    headers.accept(FIRST, first);
    TokenClient client = request.peer().client();
    headers.accept(PEER, client.keys());
    if (client.kind() == TokenClient.Kind.PAYER) {
      headers.accept(PAYER, client.name());
      headers.accept(KIND, request.kind().word());
    }
  }

  private static String take(String name, ClassicHttpRequest request) {
    Header header = request.getFirstHeader(name);
    request.removeHeaders(name);
    return header == null ? "" : header.getValue();
  }

  private CloseableHttpResponse send(
      String keys, HttpHost target, ClassicHttpRequest request, HttpClientContext context)
      throws IOException {
    CloseableHttpClient client = own.getOrDefault(keys, ordinary);
    connections
        .getOrDefault(keys, PeerConnection.ORDINARY)
        .tls()
        .ifPresent(tls -> context.setUserToken(tls.now()));
    Future<?> tooLate = cancelLater(request);
    try {
      return CloseableHttpResponse.adapt(client.executeOpen(target, request, context));
    } catch (IllegalStateException between) {
      // the client expects no end between two of its own steps
      if (((CancellableDependency) request).isCancelled()) {
        throw new InterruptedIOException("no answer in time");
      }
      throw between;
    } finally {
      tooLate.cancel(false);
    }
  }

  private Future<?> cancelLater(ClassicHttpRequest request) {
    return timer.schedule(
        ((Cancellable) request)::cancel, headTimeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static ScheduledThreadPoolExecutor timer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "answer-timeout");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  @Override
  public void close() throws IOException {
    timer.shutdownNow();
    ordinary.close();
    for (CloseableHttpClient each : own.values()) {
      each.close();
    }
  }

  @Override
  public void close(CloseMode mode) {
    timer.shutdownNow();
    ordinary.close(mode);
    own.values().forEach(each -> each.close(mode));
  }
}
