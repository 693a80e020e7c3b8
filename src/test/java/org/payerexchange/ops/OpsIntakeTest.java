package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.TestBundle;

class OpsIntakeTest {
  @TempDir static Path folder;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .set("p2p.ops.max-body-bytes", "1000")
            .ops()
            .start();
  }

  @AfterAll
  static void stop() {
    bundle.close();
  }

  @Test
  void aRequestIsTakenInWhole() throws Exception {
    HttpResponse<String> answer = send(flatRecord("R-1"), "application/json");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    JsonNode taken = new ObjectMapper().readTree(answer.body());
    assertThat(taken.path("accepted").asInt()).isOne();
    String id = taken.path("transfers").path(0).path("id").asText();
    assertThat(payerOf(id)).isEqualTo("bison");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void aRequestThatCannotBeTakenIsAnsweredWithAnOperationOutcome() throws Exception {
    String wrong = flatRecord("R-9").replace("1980-02-29", "1981-02-29");

    HttpResponse<String> answer = send(wrong, "application/json");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("OperationOutcome").contains("birthDate");
    assertThat(answer.body()).doesNotContain("Testperson").doesNotContain("COV-1");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/fhir+json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no json", "[", "{}", "[]", "null", "\"text\"", "17"})
  void aRequestWithoutARecordIs400(String body) throws Exception {
    assertThat(send(body, "application/json").statusCode()).isEqualTo(400);
  }

  @Test
  void aBodyOfAnotherKindOrSizeIsNotRead() throws Exception {
    assertThat(send("a=b", "application/x-www-form-urlencoded").statusCode()).isEqualTo(415);
    assertThat(send("x".repeat(1001), "application/json").statusCode()).isEqualTo(413);
  }

  @Test
  void theProcessIsReadyOnceAllRoutesRunAndTheDatabaseAnswers() {
    await().untilAsserted(() -> assertThat(statusOf("/observe/health/ready")).isEqualTo("UP"));
    await().untilAsserted(() -> assertThat(statusOf("/observe/health")).isEqualTo("UP"));
    await().untilAsserted(() -> assertThat(statusOf("/observe/health/live")).isEqualTo("UP"));
  }

  private static String statusOf(String path) throws Exception {
    return get(path).path("status").asText();
  }

  private static String payerOf(String id) throws Exception {
    return get("/api/transfers/" + id).path("payer").asText();
  }

  private static JsonNode get(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(bundle.opsUrl().resolve(path)).build();
    return new ObjectMapper().readTree(CLIENT.send(request, BodyHandlers.ofString()).body());
  }

  private static HttpResponse<String> send(String body, String contentType) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
            .POST(BodyPublishers.ofString(body))
            .header("Content-Type", contentType)
            .timeout(Duration.ofSeconds(30))
            .build(),
        BodyHandlers.ofString());
  }

  private static String flatRecord(String requestId) {
    return """
        {"payer":"bison","requestId":"%s","memberId":"M-1","given":"Alma","family":"Testperson",
         "birthDate":"1980-02-29","gender":"female","coverageId":"COV-1","consentId":"CON-1",
         "consentPolicy":"regular","consentStart":"2026-01-01","consentEnd":"2099-12-31"}
        """
        .formatted(requestId);
  }
}
