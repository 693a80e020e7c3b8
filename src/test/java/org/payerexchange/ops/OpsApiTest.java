package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.IntakeEntry;
import org.payerexchange.ledger.Registration;
import org.payerexchange.ledger.TransferLedger;
import org.payerexchange.support.TestBundle;

class OpsApiTest {
  private static final String PHI = "Testperson-of-the-request";

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private TestBundle bundle;

  @BeforeEach
  void start() throws Exception {
    bundle = TestBundle.in(folder).payer("bison", "http://127.0.0.1:1").ops().start();
  }

  @AfterEach
  void stop() {
    bundle.close();
  }

  @Test
  void transfersAreListedTheLatestFirstInPages() throws Exception {
    String first = register("R-1", "bison");
    String second = register("R-2", "heron");

    JsonNode page = json(get("/api/transfers?size=1"));

    assertThat(page.path("total").asInt()).isEqualTo(2);
    assertThat(page.path("page").asInt()).isZero();
    assertThat(page.path("transfers").findValuesAsText("id")).containsExactly(second);
    assertThat(json(get("/api/transfers?size=1&page=1")).path("transfers").findValuesAsText("id"))
        .containsExactly(first);
    assertThat(json(get("/api/transfers?payer=bison")).path("transfers").findValuesAsText("id"))
        .containsExactly(first);
    assertThat(json(get("/api/transfers?status=FAILED,complete")).path("total").asInt()).isZero();
  }

  @Test
  void oneTransferIsShownWithItsAuditTrailAndWithoutPhi() throws Exception {
    String id = register("R-1", "bison");

    HttpResponse<String> answer = get("/api/transfers/" + id);

    JsonNode transfer = json(answer);
    assertThat(transfer.path("id").asText()).isEqualTo(id);
    assertThat(transfer.path("status").asText()).isEqualTo("RECEIVED");
    assertThat(transfer.path("payer").asText()).isEqualTo("bison");
    assertThat(transfer.path("requestId").asText()).isEqualTo("R-1");
    assertThat(transfer.path("receivedAt").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
    assertThat(transfer.path("events")).isNotEmpty();
    assertThat(transfer.path("jobs").isArray()).isTrue();
    assertThat(transfer.path("files").isArray()).isTrue();
    assertThat(transfer.path("deliveries").isArray()).isTrue();
    assertThat(answer.body()).doesNotContain(PHI);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void aCancelledTransferNamesWhoDidItAndIsRetriedByNobody() throws Exception {
    String id = register("R-1", "bison");

    assertThat(post("/api/transfers/" + id + "/cancel", "ann").statusCode()).isEqualTo(200);

    JsonNode transfer = json(get("/api/transfers/" + id));
    assertThat(transfer.path("status").asText()).isEqualTo("CANCELLED");
    assertThat(transfer.path("events").findValuesAsText("actor")).contains("ann");
    assertThat(post("/api/transfers/" + id + "/cancel", "ann").statusCode()).isEqualTo(409);
    assertThat(post("/api/transfers/" + id + "/retry", "ann").statusCode()).isEqualTo(409);
  }

  @Test
  void whatFailedAtOnePayerForOneReasonIsRetriedAtOnce() throws Exception {
    HttpResponse<String> answer =
        post("/api/transfers/retry?payer=bison&reason=payer_refused", "ann");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(json(answer).path("transfers").asInt()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?page=-1",
        "?page=x",
        "?page=99999999999",
        "?size=0",
        "?size=1001",
        "?status=LOST",
        "?payer=Bison!",
        "?status=",
        "/..%2f..%2fetc",
        "/%00",
        "/a'b",
        "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void whatMakesNoSenseIs400(String path) throws Exception {
    assertThat(get("/api/transfers" + path).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/transfers/no-such-transfer, 404",
    "POST, /api/transfers/no-such-transfer/retry, 404",
    "POST, /api/transfers/no-such-transfer/cancel, 404",
    "POST, /api/transfers/retry, 400",
    "GET, /api/other, 404",
    "DELETE, /api/transfers, 405"
  })
  void whatIsNotThereIsNotThere(String method, String path, int status) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
            .method(method, BodyPublishers.noBody())
            .build();

    assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(status);
  }

  @Test
  void aWebPageGetsNothing() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
            .header("Origin", "https://evil.example")
            .build();

    assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
  }

  @Test
  void noHeaderOfTheRequestComesBack() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
            .header("Authorization", "Bearer something")
            .header("X-Mine", "something")
            .build();

    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());

    assertThat(answer.headers().map()).doesNotContainKeys("authorization", "x-mine");
  }

  @Test
  void withAnApiKeyOnlyItsHoldersGetIn() throws Exception {
    bundle.stop();
    bundle.set("p2p.ops.api-key", "the key, with 'quotes'").start();

    assertThat(get("/api/transfers").statusCode()).isEqualTo(401);
    assertThat(get("/api/transfers", "Bearer the wrong key").statusCode()).isEqualTo(401);
    assertThat(get("/api/transfers", "the key, with 'quotes'").statusCode()).isEqualTo(401);
    assertThat(get("/api/transfers", "bearer the key, with 'quotes'").statusCode()).isEqualTo(200);
    assertThat(get("/observe/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void theProcessIsReadyAndAliveWhileTheDatabaseAnswers() throws Exception {
    assertThat(json(get("/observe/health/ready")).path("status").asText()).isEqualTo("UP");
    assertThat(json(get("/observe/health/live")).path("status").asText()).isEqualTo("UP");
    assertThat(json(get("/observe/health")).path("status").asText()).isEqualTo("UP");
  }

  @Test
  void metricsCountTransfersByPayerAndState() throws Exception {
    register("R-1", "bison");
    register("R-2", "bison");

    assertThat(get("/observe/metrics").body())
        .contains("p2p_transfers{payer=\"bison\",state=\"RECEIVED\"} 2.0")
        .doesNotContain(PHI);
  }

  @Test
  void aRequestIsTakenInWhole() throws Exception {
    HttpResponse<String> answer = send(flatRecord("R-1"), "application/json");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    JsonNode taken = new ObjectMapper().readTree(answer.body());
    assertThat(taken.path("accepted").asInt()).isOne();
    String id = taken.path("transfers").path(0).path("id").asText();
    assertThat(json(get("/api/transfers/" + id)).path("payer").asText()).isEqualTo("bison");
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
    bundle.stop();
    bundle.set("p2p.ops.max-body-bytes", "1000").start();

    assertThat(send("a=b", "application/x-www-form-urlencoded").statusCode()).isEqualTo(415);
    assertThat(send("x".repeat(1001), "application/json").statusCode()).isEqualTo(413);
  }

  private HttpResponse<String> send(String body, String contentType)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
            .POST(BodyPublishers.ofString(body))
            .header("Content-Type", contentType)
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

  private String register(String requestId, String payer) {
    List<Registration> done =
        bundle
            .bean("transferLedger", TransferLedger.class)
            .register(
                List.of(
                    new IntakeEntry.Accepted(
                        "test.json",
                        1,
                        requestId,
                        payer,
                        "0".repeat(64),
                        "{\"family\":\"" + PHI + "\"}",
                        LocalDate.of(2099, 12, 31))));
    return done.get(0).transferId();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path)).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, String authorization)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
            .header("Authorization", authorization)
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String actor)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
            .POST(BodyPublishers.noBody())
            .header(Operations.ACTOR, actor)
            .build(),
        BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }
}
