package org.payerexchange.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Takes spans by OTLP over HTTP, as a collector does, and keeps them. */
public final class TraceCollector implements AutoCloseable {
  private final HttpServer server;
  private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();

  private volatile boolean isAway;

  private TraceCollector(HttpServer server) {
    this.server = server;
  }

  /** One that answers on a free port of this machine. */
  public static TraceCollector start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    TraceCollector collector = new TraceCollector(server);
    server.createContext("/v1/traces", collector::take);
    server.start();
    return collector;
  }

  private void take(HttpExchange exchange) throws IOException {
    if (isAway) {
      exchange.sendResponseHeaders(400, -1);
      exchange.close();
      return;
    }
    bodies.add(exchange.getRequestBody().readAllBytes());
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  /** Where it takes spans. */
  public String url() {
    return "http://127.0.0.1:%d/v1/traces".formatted(server.getAddress().getPort());
  }

  /** Has it refuse all spans, or take them. */
  public void setAway(boolean away) {
    isAway = away;
  }

  /** The header of each request. */
  public List<String> authorizations() {
    return authorizations;
  }

  /** All that has come, as text in which any other can be looked for. */
  public String raw() {
    return bodies.stream().map(body -> new String(body, ISO_8859_1)).collect(Collectors.joining());
  }

  /** All spans that have come. */
  public List<Span> spans() {
    return bodies.stream()
        .map(TraceCollector::parsed)
        .flatMap(request -> request.getResourceSpansList().stream())
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  /** An id as it is written. */
  public static String hex(com.google.protobuf.ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  /** A span's attributes as text. */
  public static Map<String, String> attributes(Span span) {
    return span.getAttributesList().stream()
        .collect(
            Collectors.toMap(
                each -> each.getKey(),
                each ->
                    each.getValue().hasIntValue()
                        ? String.valueOf(each.getValue().getIntValue())
                        : each.getValue().getStringValue()));
  }

  private static ExportTraceServiceRequest parsed(byte[] body) {
    try {
      return ExportTraceServiceRequest.parseFrom(body);
    } catch (IOException e) {
      throw new IllegalStateException("no spans", e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
