package org.payerexchange.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.payerexchange.boot.OpsKeys;
import org.payerexchange.boot.OwnCertificate;
import org.payerexchange.boot.Setup;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.store.OperatorAction;
import org.payerexchange.ops.Operations;
import org.payerexchange.ops.Reporting;

/** Asks the running process that has the ledger open, through its ops API. */
public final class OpsDesk implements Desk {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PATIENCE_WITH_MANY = Duration.ofHours(1);

  private final HttpClient client;
  private final URI api;
  private final Optional<String> apiKey;

  private OpsDesk(URI api, Optional<SSLContext> tls, Optional<String> apiKey) {
    HttpClient.Builder http = HttpClient.newBuilder().connectTimeout(PATIENCE);
    tls.ifPresent(http::sslContext);
    this.client = http.build();
    this.api = api;
    this.apiKey = apiKey;
  }

  public static Desk open(Setup setup) {
    return setup.read(
        settings -> {
          if (settings.text("p2p.ops.port").isEmpty()) {
            throw new IllegalStateException(
                "the ledger is open in another process, which has no ops API: p2p.ops.port is empty");
          }
          String host = settings.text("p2p.ops.host");
          String name = host.contains(":") ? "[" + host + "]" : host;
          Optional<SSLContext> tls = OwnCertificate.context(settings);
          return new OpsDesk(
              URI.create(
                  "%s://%s:%s/api"
                      .formatted(
                          tls.isPresent() ? "https" : "http", name, settings.text("p2p.ops.port"))),
              tls,
              OpsKeys.ofCaller(settings));
        });
  }

  @Override
  public JsonNode list(Map<String, String> filters) throws Exception {
    return send("GET", "/transfers", filters);
  }

  @Override
  public JsonNode show(String id) throws Exception {
    return send("GET", "/transfers/" + encoded(id), Map.of());
  }

  @Override
  public JsonNode part(String id, String part, int page) throws Exception {
    return send(
        "GET", "/transfers/" + encoded(id) + "/" + part, Map.of("page", String.valueOf(page)));
  }

  @Override
  public int act(OperatorAction action, String id) throws Exception {
    return send("POST", "/transfers/%s/%s".formatted(encoded(id), action.word()), Map.of())
        .path("transfers")
        .asInt();
  }

  @Override
  public JsonNode act(JsonNode body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(api + "/actions"))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(JsonLimits.mapper().writeValueAsBytes(body)))
            .timeout(PATIENCE_WITH_MANY));
  }

  @Override
  public InputStream report(Map<String, String> asked) throws Exception {
    Map<String, String> parameters = new TreeMap<>(asked);
    String accept = parameters.remove(Reporting.ACCEPT);
    HttpResponse<InputStream> answer =
        answer(
            HttpRequest.newBuilder(URI.create(api + "/report" + query(parameters)))
                .header(Reporting.ACCEPT, accept)
                .timeout(PATIENCE),
            HttpResponse.BodyHandlers.ofInputStream());
    if (answer.statusCode() != 200) {
      try (InputStream body = answer.body()) {
        throw refused(answer.statusCode(), read(body.readAllBytes(), answer.statusCode()));
      }
    }
    return answer.body();
  }

  @Override
  public JsonNode recurring(Map<String, String> filters) throws Exception {
    return send("GET", "/recurrences", filters);
  }

  @Override
  public JsonNode stopRecurring(String id) throws Exception {
    return send("POST", "/recurrences/" + encoded(id) + "/stop", Map.of());
  }

  @Override
  public JsonNode changeRecurring(String id, Map<String, String> change) throws Exception {
    return send("POST", "/recurrences/" + encoded(id) + "/change", change);
  }

  @Override
  public JsonNode forget(Map<String, String> request) throws Exception {
    return send("POST", "/forget", request);
  }

  @Override
  public boolean keepsOthersOut() {
    return false;
  }

  @Override
  public void close() {
    // the JDK's client holds nothing that has to be closed
  }

  private JsonNode send(String method, String path, Map<String, String> parameters)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(api + path + query(parameters)))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(PATIENCE));
  }

  private static String query(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + encoded(entry.getValue()))
        .collect(Collectors.joining("&", parameters.isEmpty() ? "" : "?", ""));
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = answer(request, HttpResponse.BodyHandlers.ofByteArray());
    JsonNode body = read(answer.body(), answer.statusCode());
    if (answer.statusCode() != 200) {
      throw refused(answer.statusCode(), body);
    }
    return body;
  }

  private <T> HttpResponse<T> answer(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body)
      throws IOException, InterruptedException {
    request.header(Operations.ACTOR, Desk.actor());
    apiKey.ifPresent(key -> request.header("Authorization", "Bearer " + key));
    try {
      return client.send(request.build(), body);
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw new IOException(
          "the ledger is open in another process, and no ops API answers at " + api);
    }
  }

  private static IOException refused(int status, JsonNode body) {
    return new IOException(body.path("error").asText("the ops API answered " + status));
  }

  private JsonNode read(byte[] body, int status) throws IOException {
    try {
      return JsonLimits.mapper().readTree(body);
    } catch (JsonProcessingException e) {
      throw new IOException("what answers at %s is no ops API: %d".formatted(api, status));
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }
}
