package org.payerexchange.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.TestBundle;

class OpsIntakeTest {
  @TempDir static Path folder;

  private static final int MAX_BODY = 200_000;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .set("p2p.ops.max-body-bytes", String.valueOf(MAX_BODY))
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
    JsonNode taken = json(answer);
    assertThat(taken.path("rejected")).isEmpty();
    assertThat(taken.path("accepted")).hasSize(1);
    JsonNode record = taken.path("accepted").path(0);
    assertThat(record.path("record").asInt()).isOne();
    assertThat(record.path("requestId").asText()).isEqualTo("R-1");
    assertThat(payerOf(record.path("id").asText())).isEqualTo("bison");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void aRequestThatIsTakenInPartSaysOfEachRecordWhatBecameOfIt() throws Exception {
    String wrong = flatRecord("R-3").replace("1980-02-29", "1981-02-29");
    String known = flatRecord("R-2");

    HttpResponse<String> answer =
        send("[%s,%s,%s,%s]".formatted(known, wrong, flatRecord("R-4"), known), "application/json");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(207);
    JsonNode body = json(answer);
    assertThat(body.path("accepted").findValuesAsText("record")).containsExactly("1", "3", "4");
    assertThat(body.path("accepted").findValuesAsText("requestId"))
        .containsExactly("R-2", "R-4", "R-2");
    List<String> ids = body.path("accepted").findValuesAsText("id");
    assertThat(ids.get(2)).isEqualTo(ids.get(0)).isNotEqualTo(ids.get(1));
    assertThat(body.path("rejected").findValuesAsText("record")).containsExactly("2");
    assertThat(body.path("rejected").path(0).path("issue").toString())
        .contains("birthDate", "error")
        .doesNotContain("Testperson", "COV-1", "1981");
  }

  @Test
  void aRequestOfWhichNothingIsTakenSaysWhyInTheSameForm() throws Exception {
    String wrong = flatRecord("R-9").replace("1980-02-29", "1981-02-29");

    HttpResponse<String> answer = send(wrong, "application/json");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).path("accepted").isArray()).isTrue();
    assertThat(json(answer).path("accepted")).isEmpty();
    assertThat(json(answer).path("rejected").path(0).path("record").asInt()).isOne();
    assertThat(answer.body())
        .contains("birthDate")
        .doesNotContain("Testperson")
        .doesNotContain("COV-1");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no json",
        "[",
        "{}",
        "[]",
        "null",
        "\"text\"",
        "17",
        "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[]}"
      })
  void aRequestWithoutARecordIs400AndSaysWhy(String body) throws Exception {
    HttpResponse<String> answer = send(body, "application/json");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).path("accepted")).isEmpty();
    assertThat(
            json(answer)
                .path("rejected")
                .path(0)
                .path("issue")
                .path(0)
                .at("/details/text")
                .asText())
        .isNotEmpty();
  }

  @Test
  void afterAThousandRejectedRecordsTheRestIsOne() throws Exception {
    HttpResponse<String> answer =
        send(flatRecord("R-12").replace("\n", "") + "\n{}".repeat(1500), "application/x-ndjson");

    assertThat(answer.statusCode()).isEqualTo(207);
    JsonNode rejected = json(answer).path("rejected");
    assertThat(rejected).hasSize(1001);
    assertThat(rejected.path(1000).toString()).contains("and 499 more behind it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/octet-stream"
      })
  void aBodyOfAnotherKindIsRefusedInWords(String contentType) throws Exception {
    assertRefused(send(flatRecord("R-10"), contentType), 415, "application/fhir+json");
  }

  @Test
  void aBodyThatIsTooLongIsRefusedInWords() throws Exception {
    assertRefused(send("x".repeat(MAX_BODY + 1), "application/json"), 413, "max-body-bytes");
  }

  @Test
  void aBodyWithoutATypeIsTakenByItsContent() throws Exception {
    HttpRequest untyped = request().POST(BodyPublishers.ofString(flatRecord("R-11"))).build();
    assertThat(CLIENT.send(untyped, BodyHandlers.ofString()).statusCode()).isEqualTo(202);
  }

  @Test
  void anotherMethodOrAddressIsRefusedInWords() throws Exception {
    HttpRequest put = request().PUT(BodyPublishers.ofString("{}")).build();
    HttpResponse<String> refused = CLIENT.send(put, BodyHandlers.ofString());
    assertRefused(refused, 405, "method");
    assertThat(refused.headers().firstValue("Allow").orElse("").split(", "))
        .contains("GET", "POST")
        .doesNotContain("PUT");
    HttpRequest elsewhere = HttpRequest.newBuilder(bundle.opsUrl().resolve("/nowhere")).build();
    assertRefused(CLIENT.send(elsewhere, BodyHandlers.ofString()), 404, "nothing");
  }

  @Test
  void aPackedBodyIsUnpackedMemberByMember() throws Exception {
    byte[] first = flatRecord("R-20").getBytes(UTF_8);
    byte[] second = flatRecord("R-21").getBytes(UTF_8);

    HttpResponse<String> answer =
        send(
            joined(gzip(first), gzip(new byte[0]), gzip(second)),
            "application/x-ndjson",
            "Content-Encoding",
            "gzip");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    assertThat(json(answer).path("accepted").findValuesAsText("requestId"))
        .containsExactly("R-20", "R-21");
  }

  @Test
  void aPackedBodyThatIsNotWholeIsRefusedInWords() throws Exception {
    byte[] packed = gzip(flatRecord("R-22").getBytes(UTF_8));
    for (byte[] broken :
        List.of(
            Arrays.copyOf(packed, packed.length - 9),
            joined(packed, "and more".getBytes(UTF_8)),
            flatRecord("R-22").getBytes(UTF_8),
            new byte[0])) {
      assertRefused(
          send(broken, "application/json", "Content-Encoding", "gzip"), 400, "not whole gzip");
    }
    assertThat(transfers("R-22")).isZero();
  }

  @Test
  void aPackedBodyIsBoundedInBytesAndInRatio() throws Exception {
    byte[] bomb = gzip(("{\"a\":\"" + "x".repeat(50 << 20)).getBytes(UTF_8));
    assertThat(bomb).hasSizeLessThan(MAX_BODY);
    assertRefused(send(bomb, "application/json", "Content-Encoding", "gzip"), 413, "once unpacked");
  }

  @ParameterizedTest
  @ValueSource(strings = {"deflate", "br", "zstd", "gzip, gzip", "nonsense"})
  void aBodyPackedOtherwiseIsRefusedInWords(String encoding) throws Exception {
    assertRefused(
        send(flatRecord("R-23").getBytes(UTF_8), "application/json", "Content-Encoding", encoding),
        415,
        "gzip");
  }

  @ParameterizedTest
  @CsvSource({
    "R-30, application/json; charset=iso-8859-1, iso-8859-1",
    "R-31, application/json; charset=\"Windows-1252\", windows-1252",
    "R-32, application/json;charset=utf-16, utf-16",
    "R-33, application/json; charset=UTF-16LE, utf-16le",
    "R-34, application/json; charset=utf-8, utf-8",
    "R-35, application/fhir+json; fhirVersion=4.0, utf-8",
    "R-36, text/csv; charset=windows-1252; header=present, windows-1252"
  })
  void aDeclaredCharsetIsHeeded(String requestId, String contentType, String charset)
      throws Exception {
    String record =
        contentType.startsWith("text/csv") ? csvRecord(requestId) : flatRecord(requestId);
    HttpResponse<String> answer =
        send(record.replace("Alma", "Ren\u00e9").getBytes(Charset.forName(charset)), contentType);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    assertThat(
            bundle
                .jdbc()
                .sql(
                    """
                    SELECT request_json FROM transfer_request JOIN transfer ON transfer_id = id
                    WHERE request_id = ?""")
                .param(requestId)
                .query(String.class)
                .single())
        .contains("Ren\u00e9");
  }

  @Test
  void aCharsetThatIsUnknownOrNotTheBodysIsNamed() throws Exception {
    assertRefused(
        send(flatRecord("R-40").getBytes(UTF_8), "application/json; charset=klingon"),
        415,
        "charset");
    assertRefused(
        send(
            flatRecord("R-41").replace("Alma", "Ren\u00e9").getBytes(UTF_8),
            "application/json; charset=us-ascii"),
        400,
        "US-ASCII");
  }

  @Test
  void headersSteerNothingButPayerAndRequestId() throws Exception {
    String record = flatRecord("").replace("\"requestId\":\"\",", "");
    HttpResponse<String> answer =
        send(
            record.getBytes(UTF_8),
            "application/json",
            "requestId",
            "R-50",
            "CamelHttpResponseCode",
            "500",
            "CAMELHTTPRESPONSECODE",
            "500",
            "camelBeanMethodName",
            "toString",
            "CamelFileName",
            "../../x",
            "rejectionRoute",
            "direct:show-page",
            "CamelHttpUri",
            "http://127.0.0.1:1",
            "Long-Running-Action",
            "http://127.0.0.1:1",
            "org.apache.camel.x",
            "y");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    assertThat(json(answer).path("accepted").findValuesAsText("requestId")).containsExactly("R-50");
    assertThat(answer.headers().map().keySet())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).contains("camel"));
  }

  @Test
  void aRequestThatNamesTwoPayersOrAnIllegalRequestIdIsRefusedInWords() throws Exception {
    byte[] record = flatRecord("").replace("\"requestId\":\"\",", "").getBytes(UTF_8);
    assertRefused(
        send(record, "application/json", "payer", "bison", "payer", "heron"), 400, "payer");
    HttpRequest injected =
        HttpRequest.newBuilder(
                bundle.opsUrl().resolve("/api/transfers?requestId=R%0d%0aX-Injected:%201"))
            .POST(BodyPublishers.ofByteArray(record))
            .header("Content-Type", "application/json")
            .build();
    HttpResponse<String> answer = CLIENT.send(injected, BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("requestId holds a control character");
    assertThat(answer.headers().firstValue("X-Injected")).isEmpty();
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
    return send(body.getBytes(UTF_8), contentType);
  }

  private static HttpResponse<String> send(byte[] body, String contentType, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        request().POST(BodyPublishers.ofByteArray(body)).header("Content-Type", contentType);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request() {
    return HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
        .timeout(Duration.ofSeconds(60));
  }

  private static void assertRefused(HttpResponse<String> answer, int status, String words)
      throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(json(answer).path("error").asText()).contains(words).doesNotContain("Testperson");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    return new ObjectMapper().readTree(answer.body());
  }

  private static int transfers(String requestId) {
    return bundle
        .jdbc()
        .sql("SELECT COUNT(*) FROM transfer WHERE request_id = ?")
        .param(requestId)
        .query(Integer.class)
        .single();
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(plain);
    }
    return packed.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static String csvRecord(String requestId) {
    return """
        payer,requestId,memberId,given,family,birthDate,gender,coverageId,consentId,consentPolicy,\
        consentStart,consentEnd
        bison,%s,M-1,Alma,Testperson,1980-02-29,female,COV-1,CON-1,regular,2026-01-01,2099-12-31
        """
        .formatted(requestId);
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
