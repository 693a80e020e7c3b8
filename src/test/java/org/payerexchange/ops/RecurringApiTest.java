package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.TestBundle;

/** Requests that repeat, and members who withdraw, as senders and operators say it over HTTP. */
class RecurringApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path folder;

  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    bundle = TestBundle.in(folder).payer("bison", "http://127.0.0.1:1").ops().start();
    // nothing becomes of a transfer while it is looked at
    post("/api/actions", "{\"action\": \"pause\", \"filter\": {\"payer\": \"bison\"}}");
  }

  @AfterAll
  static void stop() {
    bundle.close();
  }

  @Test
  void aRequestThatRepeatsIsListedChangedAndStopped() throws Exception {
    String id = handIn(record("A-1", "A", ",\"repeatEvery\":\"p90d\""));

    JsonNode recurrence = only("A-1");
    assertThat(recurrence.path("state").asText()).isEqualTo("ACTIVE");
    assertThat(recurrence.path("repeatEvery").asText()).isEqualTo("P90D");
    assertThat(recurrence.path("repeatUntil").asText())
        .as("as long as the consent")
        .isEqualTo("2099-12-31");
    assertThat(recurrence.path("lastTransfer").asText()).isEqualTo(id);
    assertThat(Instant.parse(recurrence.path("nextAt").asText()))
        .isBetween(
            Instant.now().plus(Duration.ofDays(88)), Instant.now().plus(Duration.ofDays(90)));
    assertThat(get("/api/transfers/" + id).path("recurrence")).isEqualTo(recurrence.path("id"));

    String path = "/api/recurrences/" + recurrence.path("id").asText();
    HttpResponse<String> changed = post(path + "/change?every=P30D&until=2030-01-01", "");
    assertThat(JSON.readTree(changed.body()).path("repeatUntil").asText()).isEqualTo("2030-01-01");
    assertThat(post(path + "/change?until=2100-01-01", ""))
        .satisfies(answer -> is(answer, 409, "its consent ends before that day"));
    assertThat(post(path + "/change?every=90", "").statusCode()).isEqualTo(400);
    assertThat(post(path + "/change?until=2030-02-30", "").statusCode()).isEqualTo(400);
    assertThat(post(path + "/change", "").statusCode()).isEqualTo(400);

    assertThat(post(path + "/stop", "").statusCode()).isEqualTo(200);
    assertThat(only("A-1").path("state").asText()).isEqualTo("STOPPED");
    assertThat(only("A-1").path("endedBy").asText()).isEqualTo("ops");
    assertThat(post(path + "/stop", ""))
        .satisfies(answer -> is(answer, 409, "it is not asked again any more"));
    assertThat(post("/api/recurrences/no-such/stop", "").statusCode()).isEqualTo(404);
  }

  @Test
  void whoseSecondTimeWouldBeBehindTheLastDayHasThatInItsTrail() throws Exception {
    LocalDate soon = LocalDate.now(ZoneOffset.UTC).plusDays(60);
    String repeats = ",\"repeatEvery\":\"P90D\",\"repeatUntil\":\"%s\"";
    String id = handIn(record("LATE-1", "LATE", repeats.formatted(soon)));

    assertThat(only("LATE-1").path("state").asText()).isEqualTo("OVER");
    assertThat(get("/api/transfers/" + id).at("/events/0/detail").asText())
        .isEqualTo("is not asked again: the next time would be behind " + soon);
  }

  @Test
  void howOftenIsSaidInCsvAndInParametersAsWell() throws Exception {
    HttpResponse<String> csv =
        send(
            "/api/transfers",
            "text/csv",
            """
            payer,requestId,memberId,given,family,birthDate,coverageId,consentId,consentPolicy,consentStart,consentEnd,repeatEvery,repeatUntil
            bison,B-1,M-B,Bea,Testperson,1980-02-29,C-B,K-B,regular,2026-01-01,2099-12-31,P3M,2028-12-31
            """);
    assertThat(csv.statusCode()).as(csv.body()).isEqualTo(202);
    assertThat(only("B-1").path("repeatEvery").asText()).isEqualTo("P3M");
    assertThat(only("B-1").path("repeatUntil").asText()).isEqualTo("2028-12-31");

    handIn(
        """
        {"resourceType":"Parameters","parameter":[
          {"name":"payer","valueString":"bison"},{"name":"requestId","valueString":"B-2"},
          {"name":"repeatEvery","valueString":"P1Y"},{"name":"repeatUntil","valueDate":"2030-06-30"},
          {"name":"MemberPatient","resource":{"resourceType":"Patient","name":[{"family":"Testperson","given":["Ben"]}],"birthDate":"1981-01-01"}},
          {"name":"CoverageToMatch","resource":{"resourceType":"Coverage","status":"active","identifier":[{"value":"C-B2"}],"beneficiary":{"display":"b"},"payor":[{"display":"p"}]}},
          {"name":"Consent","resource":{"resourceType":"Consent","id":"K-B2","status":"active","policy":[{"uri":"http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#regular"}],
            "provision":{"type":"permit","period":{"start":"2026-01-01","end":"2099-12-31"}}}}]}""");
    assertThat(only("B-2").path("repeatEvery").asText()).isEqualTo("P1Y");
  }

  @Test
  void whatSaysSoInAWayThatCannotBeIsRejected() throws Exception {
    for (String field :
        new String[] {
          "\"repeatEvery\":\"90\"",
          "\"repeatEvery\":\"PT24H\"",
          "\"repeatEvery\":\"P-90D\"",
          "\"repeatEvery\":\"P0D\"",
          "\"repeatEvery\":\"P999999999Y\"",
          "\"repeatEvery\":\"P90D\",\"repeatUntil\":\"2020-01-01\"",
          "\"repeatEvery\":\"P90D\",\"repeatUntil\":\"2027-02-30\"",
          "\"repeatUntil\":\"2027-02-01\"",
          "\"withdraw\":\"maybe\""
        }) {
      HttpResponse<String> answer = post("/api/transfers", record("C-1", "C", "," + field));
      assertThat(answer.statusCode()).as("%s: %s", field, answer.body()).isEqualTo(400);
      assertThat(answer.body()).contains(field.contains("withdraw") ? "withdraw" : "repeat");
    }
  }

  @Test
  void whoWithdrawsIsAskedForOnlyByANewerConsent() throws Exception {
    String id = handIn(record("D-1", "D", ",\"repeatEvery\":\"P90D\""));

    HttpResponse<String> answer =
        post("/api/withdrawals", "{\"payer\": \"bison\", \"memberId\": \"M-D\"}");

    assertThat(answer.body()).isEqualTo("{\"transfers\":1,\"recurrences\":1}");
    assertThat(get("/api/transfers/" + id).path("reason").asText()).isEqualTo("WITHDRAWN");
    assertThat(only("D-1").path("state").asText()).isEqualTo("WITHDRAWN");
    HttpResponse<String> old = post("/api/transfers", record("D-2", "D", ""));
    assertThat(old.statusCode()).isEqualTo(400);
    assertThat(old.body()).contains("it takes a newer consent").doesNotContain("M-D");
    handIn(
        record("D-3", "D", "")
            .replace("\"K-D\"", "\"K-D-NEW\"")
            .replace("2026-01-01", Instant.now().toString().substring(0, 10)));
  }

  @Test
  void aRecordWithdrawsInEachForm() throws Exception {
    handIn(record("E-1", "E", ""));
    assertThat(withdrawn("{\"payer\":\"bison\",\"withdraw\":true,\"requestId\":\"E-1\"}"))
        .isEqualTo(1);
    handIn(record("E-2", "E2", ""));
    HttpResponse<String> csv =
        send("/api/transfers", "text/csv", "payer,withdraw,coverageId\nbison,TRUE,C-E2\n");
    assertThat(csv.body()).contains("\"withdrawn\":{\"recurrences\":0,\"transfers\":1}");
    handIn(record("E-3", "E3", ""));
    HttpResponse<String> consent =
        send(
            "/api/transfers?payer=bison",
            "application/fhir+json",
            "{\"resourceType\":\"Consent\",\"id\":\"K-E3\",\"status\":\"inactive\"}");
    assertThat(consent.body()).contains("\"withdrawn\":{\"recurrences\":0,\"transfers\":1}");
    handIn(record("E-4", "E4", ""));
    consent =
        send(
            "/api/transfers?payer=bison",
            "application/fhir+json",
            "{\"resourceType\":\"Consent\",\"status\":\"rejected\",\"patient\":{\"reference\":\"Patient/M-E4\"}}");
    assertThat(consent.body()).contains("\"withdrawn\":{\"recurrences\":0,\"transfers\":1}");
  }

  @Test
  void theConsentOfARequestWithdrawsItByItselfThoughItRefersToAPatientOfItsOwn() throws Exception {
    ObjectNode request;
    try (InputStream sample = getClass().getResourceAsStream("/samples/06-broken-downloads.json")) {
      request = (ObjectNode) JSON.readTree(sample);
    }
    ObjectNode consent = (ObjectNode) request.at("/parameter/3/resource").deepCopy();
    request
        .withArray("parameter")
        .addObject()
        .put("name", "repeatEvery")
        .put("valueString", "P90D");
    String id = handInTo("bison", request.toString());

    String namesake =
        handIn(
            record("F-1", "F", "")
                .replace("M-F", consent.at("/patient/reference").asText().substring(8)));

    HttpResponse<String> answer =
        send(
            "/api/transfers?payer=bison",
            "application/fhir+json",
            consent.put("status", "inactive").toString());

    assertThat(answer.body()).contains("\"withdrawn\":{\"recurrences\":1,\"transfers\":1}");
    assertThat(get("/api/transfers/" + id).path("reason").asText()).isEqualTo("WITHDRAWN");
    assertThat(get("/api/transfers/" + namesake).path("reason").asText()).isNotEqualTo("WITHDRAWN");
    assertThat(post("/api/transfers?payer=bison", request.put("language", "en").toString()).body())
        .as("another record with the same consent")
        .contains("it takes a newer consent");
  }

  @Test
  void aConsentIdBesideAnotherMembersIdEndsNothingAndSaysSo() throws Exception {
    String id = handIn(record("G-1", "G", ""));
    String typo = "\"payer\":\"bison\",\"memberId\":\"M-Q\",\"consentId\":\"K-G\"}";

    assertThat(post("/api/withdrawals", "{" + typo))
        .satisfies(
            answer ->
                is(answer, 409, "consentId is that of another member than the other ids tell"));
    HttpResponse<String> answer = post("/api/transfers", "{\"withdraw\":true," + typo);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .contains("is that of another member than the other ids tell")
        .doesNotContain("M-Q");
    assertThat(get("/api/transfers/" + id).path("reason").asText()).isNotEqualTo("WITHDRAWN");
  }

  @Test
  void theRequestsOwnRowWithWithdrawLeavesTheFamilyOnItsCoverage() throws Exception {
    String own = record("H-1", "H", ",\"repeatEvery\":\"P90D\"");
    handIn(own);
    String spouse = handIn(record("H-2", "H2", ",\"repeatEvery\":\"P90D\"").replace("C-H2", "C-H"));

    HttpResponse<String> answer =
        post("/api/transfers", own.replace("\"requestId\":\"H-1\"", "\"withdraw\":true"));

    assertThat(answer.body()).contains("\"withdrawn\":{\"recurrences\":1,\"transfers\":1}");
    assertThat(get("/api/transfers/" + spouse).path("reason").asText()).isNotEqualTo("WITHDRAWN");
    handIn(record("H-3", "H2", "").replace("C-H2", "C-H"));
  }

  @Test
  void whoCopiesTheIdOfHRexsExampleWithdrawsNobodyElse() throws Exception {
    handIn(parameters("I-1", "I", "1980-02-29"));
    String stranger = handIn(parameters("I-2", "I2", "1970-01-01"));

    HttpResponse<String> answer =
        post("/api/withdrawals", "{\"payer\":\"bison\",\"requestId\":\"I-1\"}");

    assertThat(answer.body()).contains("\"transfers\":1");
    assertThat(get("/api/transfers/" + stranger).path("reason").asText()).isNotEqualTo("WITHDRAWN");
    handIn(parameters("I-3", "I3", "1960-01-01"));
    assertThat(post("/api/transfers", parameters("I-4", "I", "1980-02-29")).body())
        .contains("it takes a newer consent");
  }

  @Test
  void whatNeitherAsksNorWithdrawsForCertainIsRejected() throws Exception {
    String withdraws =
        parameters("L-1", "L", "1980-02-29")
            .replace(
                "\"parameter\":[", "\"parameter\":[{\"name\":\"withdraw\",\"valueBoolean\":true},");
    HttpResponse<String> answer = post("/api/transfers", withdraws);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("withdraw is not taken in Parameters");

    String two = record("", "L2", "") + "\n" + record("", "L3", "");
    answer = post("/api/transfers?requestId=L-9", two.replace("\"requestId\":\"\",", ""));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("requestId came beside several records");
    assertThat(get("/api/transfers?payer=bison&requestId=L-9").path("total").asInt()).isZero();
  }

  /** As HRex's example has it, whose id many senders copy. */
  private static String parameters(String requestId, String member, String birthDate) {
    return """
        {"resourceType":"Parameters","id":"member-match-in","parameter":[
         {"name":"payer","valueString":"bison"},{"name":"requestId","valueString":"%1$s"},
         {"name":"MemberPatient","resource":{"resourceType":"Patient","birthDate":"%3$s",
          "identifier":[{"value":"M-%2$s"}],"name":[{"family":"%2$s","given":["Alma"]}]}},
         {"name":"CoverageToMatch","resource":{"resourceType":"Coverage","status":"active",
          "identifier":[{"value":"C-%2$s"}],"beneficiary":{"reference":"#p"},"payor":[{"display":"x"}]}},
         {"name":"Consent","resource":{"resourceType":"Consent","status":"active",
          "scope":{"text":"x"},"category":[{"text":"x"}],"policy":[{"uri":"urn:regular"}],
          "provision":{"type":"permit","period":{"start":"2026-01-01","end":"2099-12-31"}}}}]}"""
        .formatted(requestId, member, birthDate);
  }

  @Test
  void aWithdrawalThatNamesNobodyIsRejected() throws Exception {
    assertThat(post("/api/transfers", "{\"payer\":\"bison\",\"withdraw\":true}").statusCode())
        .isEqualTo(400);
    assertThat(
            post("/api/transfers", "{\"payer\":\"bison\",\"withdraw\":true,\"requestId\":\"R-0\"}")
                .body())
        .contains("withdraws nothing that this payer was asked");
    assertThat(
            post(
                    "/api/transfers?payer=bison",
                    "{\"resourceType\":\"Consent\",\"id\":\"K-1\",\"status\":\"active\"}")
                .body())
        .contains("a Consent alone withdraws");
    assertThat(post("/api/withdrawals", "{\"payer\":\"bison\"}").statusCode()).isEqualTo(400);
    assertThat(post("/api/withdrawals", "{\"payer\":\"bisn\",\"memberId\":\"M\"}"))
        .satisfies(answer -> assertThat(answer.body()).contains("is its name right?"));
    assertThat(post("/api/withdrawals", "{\"payer\":\"bison\",\"member\":\"M\"}").statusCode())
        .isEqualTo(400);
    assertThat(
            post("/api/withdrawals", "{\"payer\":\"bison\",\"requestId\":\"none\"}").statusCode())
        .isEqualTo(404);
  }

  private static int withdrawn(String record) throws Exception {
    HttpResponse<String> answer = post("/api/transfers", record);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return JSON.readTree(answer.body()).at("/accepted/0/withdrawn/transfers").asInt();
  }

  private static void is(HttpResponse<String> answer, int status, String error) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).isEqualTo("{\"error\":\"%s\"}".formatted(error));
  }

  private static String record(String requestId, String member, String more) {
    return """
        {"payer":"bison","requestId":"%s","memberId":"M-%2$s","given":"Alma","family":"%2$s-person",
         "birthDate":"1980-02-29","coverageId":"C-%2$s","consentId":"K-%2$s","consentPolicy":"regular",
         "consentStart":"2026-01-01","consentEnd":"2099-12-31"%3$s}"""
        .formatted(requestId, member, more);
  }

  private static String handIn(String record) throws Exception {
    return handInTo(null, record);
  }

  private static String handInTo(String payer, String record) throws Exception {
    HttpResponse<String> answer =
        post("/api/transfers" + (payer == null ? "" : "?payer=" + payer), record);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return JSON.readTree(answer.body()).at("/accepted/0/id").asText();
  }

  private static JsonNode only(String requestId) throws Exception {
    JsonNode found = get("/api/recurrences?payer=bison&requestId=" + requestId);
    assertThat(found.path("total").asInt()).isEqualTo(1);
    return found.at("/recurrences/0");
  }

  private static JsonNode get(String path) throws Exception {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(bundle.opsUrl().resolve(path)).build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return send(path, "application/json", body);
  }

  private static HttpResponse<String> send(String path, String type, String body) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }
}
