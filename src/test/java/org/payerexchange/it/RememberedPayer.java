package org.payerexchange.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A payer and a sink that keep nothing: what a job or a file is stands in its URL. So a payer that
 * is started years later knows the jobs that were begun at this one. What a member's request comes
 * to is set by the member's name.
 */
final class RememberedPayer implements AutoCloseable {
  /** What goes wrong for a member, until it is taken away again. */
  enum Trouble {
    MATCH_UNAVAILABLE,
    MATCH_REFUSED,
    MATCH_HANGS,
    NO_MATCH,
    JOB_RUNS,
    JOB_FAILS,
    SECOND_FILE_UNAVAILABLE,
    SINK_UNAVAILABLE
  }

  private static final Pattern MEMBER = Pattern.compile("\"up-([a-z]+)\"");
  private static final Pattern KICK_OFF = Pattern.compile(".*/Group/g-([a-z]+)/\\$export");
  private static final Pattern JOB = Pattern.compile("(.*/\\$export/)job/j-([a-z]+)");
  private static final Pattern FILE = Pattern.compile(".*/\\$export/file/j-([a-z]+)-([12])");
  private static final Pattern RESOURCE = Pattern.compile("\"id\" ?: ?\"([^\"]+)\"");

  private static final Pattern REQUEST = Pattern.compile("([A-Z]+) ([a-z]+)(?:[ -]([12]))?(?: |$)");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  RememberedPayer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  /** The record of a member of that name, whose request id is the same. */
  static String record(String payer, String name) {
    return Pipeline.record(
        "REQ-" + name,
        payer,
        "up-" + name,
        "Imagined",
        "Member-" + name,
        "1980-01-02",
        "C-" + name);
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void trouble(String name, Trouble trouble) {
    troubles.put(name, trouble);
  }

  /**
   * What was asked of it and given to it, in order: {@code MATCH name}, {@code KICKOFF name query},
   * {@code STATUS name}, {@code FILE name number}, {@code RELEASE name}, {@code SINK name-number}.
   */
  List<String> requests() {
    return List.copyOf(requests);
  }

  /**
   * The same for each member, sorted, without queries: {@code FILE 1}, {@code MATCH}. What the sink
   * is given of other payers is left out.
   */
  Map<String, List<String>> done() {
    Map<String, List<String>> done = new TreeMap<>();
    for (String request : requests) {
      Matcher words = REQUEST.matcher(request);
      if (words.lookingAt() && (words.group(3) != null || !words.group(1).equals("SINK"))) {
        done.computeIfAbsent(words.group(2), name -> new ArrayList<>())
            .add(words.group(3) == null ? words.group(1) : words.group(1) + " " + words.group(3));
      }
    }
    done.values().forEach(each -> each.sort(null));
    return done;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String path = exchange.getRequestURI().getPath();
      if (path.endsWith("/token")) {
        send(
            exchange,
            200,
            "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":3600}");
      } else if (path.endsWith("/$member-match")) {
        match(exchange, found(MEMBER, body));
      } else if (path.equals("/sink")) {
        sink(exchange, found(RESOURCE, body));
      } else {
        export(exchange, path);
      }
    }
  }

  private void match(HttpExchange exchange, Matcher member) throws IOException {
    String name = member.group(1);
    requests.add("MATCH " + name);
    if (is(name, Trouble.MATCH_HANGS)) {
      awaitEnd();
    } else if (is(name, Trouble.MATCH_UNAVAILABLE)) {
      send(exchange, 503, "{}");
    } else if (is(name, Trouble.MATCH_REFUSED)) {
      send(exchange, 403, "{}");
    } else if (is(name, Trouble.NO_MATCH)) {
      send(
          exchange,
          422,
          "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"not-found\"}]}");
    } else {
      send(exchange, 200, "{\"resourceType\":\"Parameters\",\"groupId\":\"g-%s\"}".formatted(name));
    }
  }

  private void export(HttpExchange exchange, String path) throws IOException {
    Matcher kickOff = KICK_OFF.matcher(path);
    Matcher job = JOB.matcher(path);
    Matcher file = FILE.matcher(path);
    if (kickOff.matches()) {
      String query = exchange.getRequestURI().getQuery();
      requests.add("KICKOFF %s %s".formatted(kickOff.group(1), query));
      exchange
          .getResponseHeaders()
          .add(
              "Content-Location",
              url() + path.replaceFirst("/Group/.*", "/\\$export/job/j-") + kickOff.group(1));
      send(exchange, 202, "{}");
    } else if (job.matches() && exchange.getRequestMethod().equals("DELETE")) {
      requests.add("RELEASE " + job.group(2));
      send(exchange, 202, "{}");
    } else if (job.matches()) {
      status(exchange, url() + job.group(1) + "file/j-" + job.group(2) + "-", job.group(2));
    } else if (file.matches()) {
      file(exchange, file.group(1), file.group(2));
    } else {
      requests.add("UNEXPECTED " + path);
      send(exchange, 500, "{}");
    }
  }

  private void status(HttpExchange exchange, String files, String name) throws IOException {
    requests.add("STATUS " + name);
    if (is(name, Trouble.JOB_RUNS)) {
      send(exchange, 202, "{\"status\":\"Running\"}");
    } else if (is(name, Trouble.JOB_FAILS)) {
      send(exchange, 200, "{\"status\":\"Failed\"}");
    } else {
      send(
          exchange,
          200,
          """
          {"status":"Successful","transactionTime":"2026-11-01T00:00:00.000Z","requiresAccessToken":true,"error":[],
          "output":[{"type":"Patient","url":"%s1"},{"type":"Observation","url":"%s2"}]}"""
              .formatted(files, files));
    }
  }

  private void file(HttpExchange exchange, String name, String number) throws IOException {
    requests.add("FILE %s %s".formatted(name, number));
    if (number.equals("2") && is(name, Trouble.SECOND_FILE_UNAVAILABLE)) {
      send(exchange, 503, "{}");
    } else {
      send(
          exchange,
          200,
          "{\"resourceType\":\"%s\",\"id\":\"%s-%s\"}\n"
              .formatted(number.equals("1") ? "Patient" : "Observation", name, number));
    }
  }

  private void sink(HttpExchange exchange, Matcher resource) throws IOException {
    if (is(resource.group(1).replaceFirst("-[12]$", ""), Trouble.SINK_UNAVAILABLE)) {
      // a 503 would hold the sink for all
      send(exchange, 500, "");
    } else {
      requests.add("SINK " + resource.group(1));
      send(exchange, 200, "");
    }
  }

  private boolean is(String name, Trouble trouble) {
    return troubles.get(name) == trouble;
  }

  private void awaitEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Matcher found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new UncheckedIOException(new IOException("a body without " + pattern));
    }
    return matcher;
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange
        .getResponseHeaders()
        .add(
            "Content-Type",
            exchange.getRequestURI().getPath().contains("/file/")
                ? "application/fhir+ndjson"
                : "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
