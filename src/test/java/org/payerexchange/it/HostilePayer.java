package org.payerexchange.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;

/**
 * A payer's gateway that answers well, but for one of its answers, which is whatever a test wants
 * it to be. All of it is made while it is sent.
 */
final class HostilePayer implements AutoCloseable {
  /** Which of its answers a payer may spoil. */
  enum Where {
    TOKEN,
    MATCH,
    KICK_OFF,
    STATUS,
    FILE
  }

  /** Writes the body of an answer. */
  interface Body {
    void to(OutputStream out) throws IOException;
  }

  private static final String FILE = "/v1/bison/bulk-data/r4/$export/file/1.ndjson";

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<Where, Body> spoilt = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final HttpServer server;
  private final ServerSocket heads;
  private volatile boolean headSpoilt;

  private HostilePayer(HttpServer server, ServerSocket heads) {
    this.server = server;
    this.heads = heads;
    threads.execute(this::endlessHeads);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  static HostilePayer start() throws IOException {
    return new HostilePayer(
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0),
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Host and port of its other server, whose heads never end. */
  String otherHost() {
    return "127.0.0.1:" + heads.getLocalPort();
  }

  /** Has one of its answers be this one. */
  void spoil(Where where, Body body) {
    asked.set(0);
    spoilt.put(where, body);
  }

  /** Has the match answered with a head that never ends. */
  void spoilHead() {
    asked.set(0);
    headSpoilt = true;
  }

  /** How often the spoilt answer was asked for. */
  int asked() {
    return asked.get();
  }

  /** Has it answer well again. */
  void behave() {
    spoilt.clear();
    headSpoilt = false;
  }

  /** A text as gzip, again and again. */
  static Body packed(String begin, String again, int times, String end) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(begin.getBytes(UTF_8));
      byte[] piece = again.repeat(1000).getBytes(UTF_8);
      for (int i = 0; i < times / 1000; i++) {
        gzip.write(piece);
      }
      gzip.write(end.getBytes(UTF_8));
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return out -> out.write(bytes.toByteArray());
  }

  /** A text without end. */
  static Body endless(String begin, String again) {
    return out -> {
      out.write(begin.getBytes(UTF_8));
      byte[] piece = again.repeat(1000).getBytes(UTF_8);
      while (true) {
        out.write(piece);
      }
    };
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      Where where = where(exchange.getRequestMethod(), path);
      if (where == Where.MATCH && headSpoilt) {
        asked.incrementAndGet();
        exchange.getResponseHeaders().set("Location", "http://" + otherHost() + "/x");
        exchange.sendResponseHeaders(307, -1);
        return;
      }
      if (where == null) {
        exchange.sendResponseHeaders(202, -1);
        return;
      }
      Body body = spoilt.get(where);
      if (body != null) {
        asked.incrementAndGet();
      }
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(where == Where.KICK_OFF ? 202 : 200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        if (body == null) {
          out.write(usual(where).getBytes(UTF_8));
        } else {
          body.to(out);
        }
      }
    }
  }

  private static Where where(String method, String path) {
    if (path.endsWith("/token")) {
      return Where.TOKEN;
    }
    if (path.endsWith("/$member-match")) {
      return Where.MATCH;
    }
    if (path.endsWith("/$export")) {
      return Where.KICK_OFF;
    }
    if (path.equals(FILE)) {
      return Where.FILE;
    }
    return method.equals("GET") ? Where.STATUS : null;
  }

  /** Tokens are good for one call, so that each call asks for one. */
  private String usual(Where where) {
    return switch (where) {
      case TOKEN -> "{\"access_token\": \"t\", \"expires_in\": 1}";
      case MATCH -> "{\"groupId\": \"g-1\"}";
      case KICK_OFF ->
          "{\"resourceType\": \"OperationOutcome\", \"issue\": [{\"details\": {\"text\": \"see %s/v1/bison/bulk-data/r4/$export/job/1\"}}]}"
              .formatted(url());
      case STATUS ->
          "{\"status\": \"Successful\", \"output\": [{\"type\": \"Patient\", \"url\": \"%s%s\"}]}"
              .formatted(url(), FILE);
      case FILE -> "{\"resourceType\": \"Patient\", \"id\": \"1\"}\n";
    };
  }

  private void endlessHeads() {
    while (!heads.isClosed()) {
      try (Socket client = heads.accept()) {
        OutputStream out = client.getOutputStream();
        out.write("HTTP/1.1 200 OK\r\n".getBytes(UTF_8));
        byte[] piece = "x: y\r\n".repeat(100).getBytes(UTF_8);
        while (true) {
          out.write(piece);
        }
      } catch (IOException over) {
        // the client has had enough
      }
    }
  }

  @Override
  public void close() throws IOException {
    heads.close();
    server.stop(0);
    threads.shutdownNow();
  }
}
