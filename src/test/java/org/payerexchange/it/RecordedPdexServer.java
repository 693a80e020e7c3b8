package org.payerexchange.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * HL7's reference server for PDex, as it was recorded ({@code cases/pdex/reference-server.json}).
 * Its answers are as they were, but for these: hosts; {@code Retry-After}, which was two minutes;
 * who is in a Group, because the server repeats members as they were sent, and those of the
 * recording had one identifier. The first of a request is matched, the second not, the third's
 * consent is constrained. A token, a Coverage and the first status of an export were not recorded.
 */
final class RecordedPdexServer implements AutoCloseable {
  /** What was not recorded: the file of Coverages. */
  static final String COVERAGE =
      "{\"resourceType\":\"Coverage\",\"id\":\"cov-a\",\"status\":\"active\","
          + "\"beneficiary\":{\"reference\":\"Patient/member-a\"}}";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BASE = "https://payer.example/fhir";
  private static final String MATCH_JOB = "/fhir/$bulk-member-match-poll-status";
  private static final String EXPORT_JOB = "/fhir/$davinci-export-poll-status";
  private static final Set<String> PARTS =
      Set.of("MemberPatient", "CoverageToMatch", "CoverageToLink", "Consent");

  private final Map<String, JsonNode> recorded = new HashMap<>();
  private final Map<String, String> files = new HashMap<>();
  private final Set<String> polled = ConcurrentHashMap.newKeySet();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private volatile String refused = "nobody";
  private volatile Asked asked;

  /** The last request that was taken, and whether it asked for the answer of 2.2. */
  private record Asked(JsonNode request, boolean isNew) {}

  RecordedPdexServer() throws IOException {
    try (InputStream in =
        RecordedPdexServer.class.getResourceAsStream("/cases/pdex/reference-server.json")) {
      for (JsonNode exchange : JSON.readTree(in).path("exchanges")) {
        recorded.put(exchange.path("name").asText(), exchange.path("response"));
      }
    }
    for (JsonNode file : recorded.get("128").path("body").path("output")) {
      String path = file.path("url").asText().substring(BASE.length());
      files.put(path, exported(file.path("type").asText()));
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  String origin() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Has each request refused, as one without a Consent was, that holds this text. */
  void refuse(String text) {
    refused = text;
  }

  /** What was asked, but for tokens: the method and the last of the path. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  /** A line of the export. */
  String exported(String type) {
    return switch (type) {
      case "Condition" -> recorded.get("129").path("body").toString();
      case "ExplanationOfBenefit" -> recorded.get("134").path("body").toString();
      case "Patient" -> recorded.get("102").path("body").toString();
      case "Coverage" -> COVERAGE;
      default -> throw new IllegalArgumentException(type);
    };
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    try (exchange) {
      if (path.equals("/token")) {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        send(
            exchange, 200, "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":300}");
        return;
      }
      requests.add(exchange.getRequestMethod() + path.substring(path.lastIndexOf('/')));
      switch (exchange.getRequestMethod()) {
        case "POST" -> post(exchange, path, body);
        case "DELETE" -> send(exchange, recorded.get(path.equals(MATCH_JOB) ? "123" : "125"));
        default -> get(exchange, path);
      }
    }
  }

  private void post(HttpExchange exchange, String path, String body) throws IOException {
    if (!"respond-async".equals(exchange.getRequestHeaders().getFirst("Prefer"))) {
      send(exchange, recorded.get("41"));
    } else if (path.equals("/fhir/Group/$bulk-member-match")) {
      boolean isNew = "2.2".equals(exchange.getRequestHeaders().getFirst("X-PDex-Spec-Version"));
      JsonNode request = JSON.readTree(body);
      if (isWhole(request) && !body.contains(refused)) {
        asked = new Asked(request, isNew);
        polled.clear();
        send(exchange, recorded.get(isNew ? "45" : "44"));
      } else {
        send(exchange, recorded.get("42"));
      }
    } else if (path.equals("/fhir/Group/%s/$davinci-data-export".formatted(matched()))
        && body.contains("payertopayer")
        && body.contains("\"_type\"")) {
      ObjectNode answer = recorded.get("49").deepCopy();
      answer.set("headers", recorded.get("120").path("headers"));
      send(exchange, answer);
    } else {
      send(exchange, 500, "");
    }
  }

  /** The Group of the members that matched. */
  private String matched() {
    return asked.isNew()
        ? "8f549522-52fb-47c8-b333-2c20f34f308c"
        : recorded.get("73").at("/body/parameter/0/resource/id").asText();
  }

  private static boolean isWhole(JsonNode request) {
    for (JsonNode bundle : request.path("parameter")) {
      if (!Set.copyOf(bundle.path("part").findValuesAsText("name")).containsAll(PARTS)) {
        return false;
      }
    }
    return true;
  }

  private void get(HttpExchange exchange, String path) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    boolean isNew = asked.isNew();
    if (path.equals(MATCH_JOB) || path.equals(EXPORT_JOB)) {
      boolean runs = polled.add(query);
      String done = path.equals(EXPORT_JOB) ? "128" : isNew ? "75" : "71";
      send(exchange, recorded.get(runs ? isNew ? "54" : "53" : done));
    } else if (files.containsKey(path.substring("/fhir".length()))) {
      exchange.getResponseHeaders().set("Content-Type", "application/fhir+ndjson");
      send(exchange, 200, files.get(path.substring("/fhir".length())));
    } else if (!"*/*".equals(exchange.getRequestHeaders().getFirst("Accept"))) {
      send(exchange, recorded.get("72"));
    } else if (isNew) {
      List<String> lines = new ArrayList<>();
      for (String line : recorded.get("76").path("body").asText().lines().toList()) {
        ObjectNode group = (ObjectNode) JSON.readTree(line);
        if (repeat(group, asked.request())) {
          lines.add(group.toString());
        }
      }
      send(exchange, 200, String.join("\n", lines) + "\n");
    } else {
      ObjectNode parameters = recorded.get("73").path("body").deepCopy();
      parameters
          .withArrayProperty("parameter")
          .elements()
          .forEachRemaining(
              parameter -> repeat((ObjectNode) parameter.path("resource"), asked.request()));
      send(exchange, 200, parameters.toString());
    }
  }

  /**
   * Puts the members of a request in the place of those of the recording; false if none is left.
   */
  private static boolean repeat(ObjectNode group, JsonNode request) {
    ArrayNode contained = group.withArrayProperty("contained");
    for (int i = 0; i < contained.size(); i++) {
      String id = contained.path(i).path("id").asText();
      JsonNode parts =
          request
              .path("parameter")
              .path(Integer.parseInt(id.replaceAll("\\D", "")) - 1)
              .path("part");
      if (parts.isMissingNode()) {
        group.remove("member");
        return false;
      }
      for (JsonNode part : parts) {
        if (part.path("name")
            .asText()
            .equals(id.startsWith("member") ? "MemberPatient" : "CoverageToMatch")) {
          contained.set(i, ((ObjectNode) part.path("resource").deepCopy()).put("id", id));
        }
      }
    }
    return true;
  }

  private void send(HttpExchange exchange, JsonNode answer) throws IOException {
    answer
        .path("headers")
        .properties()
        .forEach(
            header -> {
              if (!header.getKey().equals("Content-Length")) {
                exchange
                    .getResponseHeaders()
                    .set(
                        header.getKey(),
                        header.getKey().equals("Retry-After")
                            ? "1"
                            : own(header.getValue().asText()));
              }
            });
    JsonNode body = answer.path("body");
    send(
        exchange,
        answer.path("status").asInt(),
        body.isTextual() ? body.asText() : body.toString());
  }

  private void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = own(body).getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private String own(String text) {
    return text.replace(BASE, origin() + "/fhir");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
