package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.TestBundle;

/** What each key allows, and that the audit trail names it. */
class OpsKeysTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path folder;

  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .ops()
            .set("p2p.ops.api-key", "key of all")
            .set("p2p.ops.keys.night.role", "reader")
            .set("p2p.ops.keys.night.key", "key of the night")
            .set("p2p.ops.keys.front-desk.role", "operator")
            .set("p2p.ops.keys.front-desk.key", "key of the desk")
            .set("p2p.ops.keys.feed.role", "intake")
            .set("p2p.ops.keys.feed.key", "key of the feed")
            .start();
    // nothing becomes of a transfer while it is looked at
    send("key of all", "POST", "/api/actions", pause("bison"));
  }

  @AfterAll
  static void stop() {
    bundle.close();
  }

  @Test
  void aReaderOnlyAsksAndIntakeOnlyHandsInAtEachAddress() throws Exception {
    Set<String> paths = FrontDoorTest.pathsOf(bundle);
    assertThat(paths).contains("/api/actions", "/observe/metrics").hasSizeGreaterThan(9);
    for (String path : paths) {
      for (String method : FrontDoorTest.METHODS) {
        boolean asks = method.equals("GET") || method.equals("HEAD");
        boolean handsIn =
            method.equals("POST") && Set.of("/api/transfers", "/api/withdrawals").contains(path);

        assertThat(isForbidden("key of the night", method, path))
            .as("%s %s by a reader", method, path)
            .isEqualTo(!asks);
        assertThat(isForbidden("key of the feed", method, path))
            .as("%s %s by intake", method, path)
            .isEqualTo(!handsIn);
      }
    }
  }

  private static boolean isForbidden(String key, String method, String path) throws Exception {
    try (RawClient client = new RawClient(bundle.opsUrl().getPort())) {
      return client
              .send(
                  "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
                      .formatted(method, path, key))
              .status()
          == 403;
    }
  }

  @Test
  void whoMayNotIsToldWhichKeyItIsAndNotItsSecret() throws Exception {
    HttpResponse<String> refused = send("key of the night", "POST", "/api/actions", pause("bison"));

    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.headers().allValues("P2P-Role")).containsExactly("reader");
    assertThat(send("key of all", "GET", "/api/payers", "").headers().allValues("P2P-Role"))
        .containsExactly("operator");
    assertThat(refused.body())
        .isEqualTo("{\"error\":\"the key night has the role reader, which does not allow this\"}");
  }

  @Test
  void aReaderSeesNoMembersDataHoweverItAsks() throws Exception {
    String id = handIn("key of all", "R-1");

    assertThat(get("key of the night", id, "").statusCode()).isEqualTo(200);
    for (String query : Set.of("?include=request", "?INCLUDE=request", "?%69nclude=request")) {
      assertThat(get("key of the night", id, query).statusCode()).as(query).isEqualTo(403);
    }
    HttpResponse<String> byHeader =
        CLIENT.send(
            request("key of the night", "/api/transfers/" + id)
                .header("include", "request")
                .build(),
            BodyHandlers.ofString());
    assertThat(byHeader.statusCode()).isEqualTo(403);
    assertThat(get("key of the desk", id, "?include=request").body()).contains("Testperson");
  }

  @Test
  void theAuditTrailNamesTheKeyAndBehindItWhomItsHolderActsFor() throws Exception {
    String id = handIn("key of the feed", "R-2");
    cancelAs("key of the desk", id, "P2P-Actor", "ann");
    assertThat(trail(id)).contains("CANCELLED by front-desk/ann");
    assertThat(show(id).path("source").asText()).isEqualTo("http:feed");

    String second = handIn("key of the desk", "R-3");
    cancelAs("key of the desk", second, "P2P-Key", "night");
    assertThat(trail(second)).contains("CANCELLED by front-desk");

    String third = handIn("key of all", "R-4");
    cancelAs("key of all", third, "P2P-Key", "night");
    assertThat(trail(third)).as("nobody says another's name").contains("CANCELLED by ops");
    assertThat(show(third).path("source").asText()).isEqualTo("http");
  }

  @Test
  void nobodySaysAnothersNameInAQueryAFormOrABentPath() throws Exception {
    for (String key : Set.of("key of all", "key of the desk")) {
      String id = handIn(key, "N-" + key);
      for (String end :
          Set.of("cancel?P2P-Key=night", "cancel/?P2P-Key=night", "%63ancel?P2P-Key=night")) {
        HttpResponse<String> refused = send(key, "POST", "/api/transfers/" + id + "/" + end, "");
        assertThat(refused.statusCode()).as(key + " " + end).isIn(400, 404);
      }
      HttpResponse<String> form =
          CLIENT.send(
              request(key, "/api/transfers/" + id + "/cancel")
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(BodyPublishers.ofString("P2P-Key=night"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(form.statusCode()).as(key).isEqualTo(415);
      assertThat(trail(id)).as(key).doesNotContain("CANCELLED");
      for (String path : Set.of("/api/transfers/?P2P-Key=night", "/api/%74ransfers")) {
        assertThat(send(key, "POST", path, "{}").body()).as(key + path).doesNotContain("accepted");
      }
    }
  }

  private static void cancelAs(String key, String id, String header, String value)
      throws Exception {
    HttpResponse<String> answer =
        CLIENT.send(
            request(key, "/api/transfers/" + id + "/cancel")
                .header(header, value)
                .POST(BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static String handIn(String key, String requestId) throws Exception {
    HttpResponse<String> answer =
        send(
            key,
            "POST",
            "/api/transfers",
            """
            {"payer":"bison","requestId":"%s","memberId":"M-1","given":"Alma","family":"Testperson",
             "birthDate":"1980-02-29","gender":"female","coverageId":"COV-1","consentId":"CON-1",
             "consentPolicy":"regular","consentStart":"2026-01-01","consentEnd":"2099-12-31"}
            """
                .formatted(requestId));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return new ObjectMapper().readTree(answer.body()).at("/accepted/0/id").asText();
  }

  private static String trail(String id) throws Exception {
    StringBuilder trail = new StringBuilder();
    for (JsonNode event : show(id).path("events")) {
      trail
          .append(event.path("what").asText())
          .append(" by ")
          .append(event.path("actor").asText())
          .append('\n');
    }
    return trail.toString();
  }

  private static JsonNode show(String id) throws Exception {
    return new ObjectMapper().readTree(get("key of the night", id, "").body());
  }

  private static String pause(String payer) {
    return "{\"action\": \"pause\", \"filter\": {\"payer\": \"%s\"}}".formatted(payer);
  }

  private static HttpResponse<String> get(String key, String id, String query) throws Exception {
    return send(key, "GET", "/api/transfers/" + id + query, "");
  }

  private static HttpResponse<String> send(String key, String method, String path, String body)
      throws Exception {
    return CLIENT.send(
        request(key, path)
            .header("Content-Type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String key, String path) {
    return HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
        .header("Authorization", "Bearer " + key);
  }
}
