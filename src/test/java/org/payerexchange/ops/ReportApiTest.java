package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.support.TestBundle;

/** The report over HTTP, from both databases. */
@ParameterizedClass(name = "{0}")
@EnumSource(TestDatabase.class)
class ReportApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JANUARY = "/api/report?from=2026-01-01&to=2026-01-31";
  private static final String REQUEST =
      """
      {"resourceType": "Parameters", "id": "M-77", "parameter": [{"name": "MemberPatient", "resource":
      {"resourceType": "Patient", "name": [{"family": "Testperson"}]}}]}""";

  private static final String OPTED_IN =
      """
      {"payer": "bison", "memberId": "M-77", "given": "Alma", "family": "Testperson", "birthDate": "1980-02-29",
       "gender": "female", "coverageId": "C-1", "consentId": "con-1", "consentPolicy": "regular",
       "enrolledOn": "2026-01-01", "consentStart": "%s", "consentEnd": "2040-12-31"}""";

  @Parameter TestDatabase kind;
  @TempDir Path folder;
  private TestBundle bundle;

  @BeforeEach
  void start() throws Exception {
    bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .set("p2p.database.url", kind.newUrl(folder))
            .set("p2p.database.user", "postgres")
            .set("p2p.ops.api-key", "key of all")
            .set("p2p.ops.keys.night.role", "reader")
            .set("p2p.ops.keys.night.key", "key of the night")
            .ops()
            .start();
  }

  @AfterEach
  void stop() {
    bundle.close();
  }

  @Test
  void everyRequestOfThePeriodIsToldWithItsTimesAndWhatIsOverdue() throws Exception {
    insert("a", "bison", "COMPLETE", "2026-01-01 05:00:00");
    set("a", "asked_at", "2026-01-16 20:00:00");
    set("a", "answered_at", "2026-01-20 15:00:00");
    set("a", "finished_at", "2026-01-20 16:00:00");
    set("a", "enrolled_on", "2026-01-02");
    insert("b", "bison", "NO_MATCH", "2026-02-01 04:59:59");
    set("b", "finished_at", "2026-02-01 05:00:00");
    set("b", "reason", "AMBIGUOUS_MATCH");
    insert("c", "elk", "RECEIVED", "2026-01-15 00:00:00");
    set("c", "asked_at", "2026-01-15 01:00:00");
    insert("before", "bison", "COMPLETE", "2026-01-01 04:59:59");
    insert("behind", "bison", "COMPLETE", "2026-02-01 05:00:00");

    JsonNode report = json("key of the night", JANUARY);

    assertThat(report.path("zone").asText()).isEqualTo("America/New_York");
    assertThat(report.path("requests").findValuesAsText("id")).containsExactly("a", "c", "b");
    assertThat(report.at("/requests/0"))
        .isEqualTo(
            JSON.readTree(
                """
                {"id": "a", "payer": "bison", "requestId": "R-a", "enrolledOn": "2026-01-02",
                 "receivedAt": "2026-01-01T05:00:00Z", "askedAt": "2026-01-16T20:00:00Z",
                 "answeredAt": "2026-01-20T15:00:00Z", "answerBusinessDays": 1,
                 "deliveredAt": "2026-01-20T16:00:00Z", "state": "COMPLETE",
                 "overdue": ["ASKED_LATE"]}"""));
    assertThat(report.at("/requests/1/overdue/0").asText()).isEqualTo("UNANSWERED");
    assertThat(report.at("/requests/2/endedAt").asText()).isEqualTo("2026-02-01T05:00:00Z");
    assertThat(report.path("outcomes"))
        .isEqualTo(
            JSON.readTree(
                """
                [{"payer": "bison", "state": "COMPLETE", "requests": 1},
                 {"payer": "bison", "state": "NO_MATCH", "reason": "AMBIGUOUS_MATCH", "requests": 1},
                 {"payer": "elk", "state": "RECEIVED", "requests": 1}]"""));
    assertThat(report.path("overdue"))
        .isEqualTo(
            JSON.readTree(
                """
                [{"payer": "bison", "overdue": "ASKED_LATE", "requests": 1},
                 {"payer": "elk", "overdue": "UNANSWERED", "requests": 1}]"""));
    assertThat(json("key of all", JANUARY + "&payer=elk").path("requests").findValuesAsText("id"))
        .containsExactly("c");
  }

  @Test
  void whoOptsInLateIsToBeAskedWithinAWeekOfThat() throws Exception {
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    for (LocalDate consented : List.of(today.minusDays(30), today)) {
      HttpResponse<String> taken =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(bundle.opsUrl() + "/api/transfers"))
                      .header("Authorization", "Bearer key of all")
                      .header("Content-Type", "application/json")
                      .POST(HttpRequest.BodyPublishers.ofString(OPTED_IN.formatted(consented)))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
    }

    JsonNode report = json("key of all", "/api/report?from=2026-01-01&to=" + today.plusDays(1));

    assertThat(report.path("requests").findValuesAsText("consentStart"))
        .containsExactly(today.minusDays(30).toString(), today.toString());
    assertThat(report.at("/requests/0/overdue").toString()).contains("NOT_ASKED");
    assertThat(report.at("/requests/1/overdue")).isEmpty();
  }

  @Test
  void whoAcceptsCsvGetsARowARequest() throws Exception {
    insert("a", "bison", "COMPLETE", "2026-01-05 05:00:00");
    bundle.jdbc().sql("UPDATE transfer SET request_id = '=cmd,\"x\"' WHERE id = 'a'").update();

    HttpResponse<String> answer = get("key of the night", JANUARY, "text/csv, */*;q=0.1");

    assertThat(answer.headers().firstValue("Content-Type")).contains("text/csv; charset=utf-8");
    assertThat(answer.body().split("\r\n", -1))
        .containsExactly(
            "id,payer,requestId,enrolledOn,receivedAt,askedAt,answeredAt,answerBusinessDays,deliveredAt,endedAt,state,reason,overdue,consentStart",
            "a,bison,\"'=cmd,\"\"x\"\"\",,2026-01-05T05:00:00Z,,,,,,COMPLETE,,,",
            "");
  }

  @Test
  void membersAreToldToOperatorsAloneAndTheAuditTrailSaysToWhom() throws Exception {
    insert("a", "bison", "MATCHED", "2026-01-05 05:00:00");
    insert("b", "bison", "COMPLETE", "2026-01-05 05:00:01");
    bundle
        .jdbc()
        .sql("INSERT INTO transfer_request (transfer_id, request_json) VALUES ('a', ?)")
        .param(REQUEST)
        .update();

    assertThat(get("key of the night", JANUARY, "*/*").body()).doesNotContain("M-77", "memberId");
    assertThat(get("key of the night", JANUARY + "&include=members", "*/*").statusCode())
        .isEqualTo(403);
    assertThat(events()).isEmpty();

    JsonNode report = json("key of all", JANUARY + "&include=members");
    HttpResponse<String> csv = get("key of all", JANUARY + "&include=members", "text/csv");

    assertThat(report.at("/requests/0/memberId").asText()).isEqualTo("M-77");
    assertThat(report.at("/requests/1").has("memberId")).isFalse();
    assertThat(csv.body()).contains(",overdue,consentStart,memberId\r\na,").contains(",M-77\r\nb,");
    assertThat(report.toString() + csv.body()).doesNotContain("Testperson");
    assertThat(events()).containsExactly("a 1 ann REQUEST_SHOWN", "a 2 ann REQUEST_SHOWN");
  }

  @Test
  void whatIsMissingOrMakesNoSenseIsNamed() throws Exception {
    for (Map.Entry<String, String> wrong :
        Map.of(
                "?to=2026-01-31", "from is missing, or no day such as 2026-11-27",
                "?from=2026-01-01&to=soon", "to is missing, or no day such as 2026-11-27",
                "?from=2026-02-30&to=2026-03-01", "from is missing, or no day such as 2026-11-27",
                "?from=2026-02-01&to=2026-01-31", "to is before from",
                "?from=2026-01-01&to=2026-01-31&include=all", "include is not members",
                "?from=2026-01-01&to=2026-01-31&payers=bison",
                    "payers is not known; there are from, include, payer, to")
            .entrySet()) {
      HttpResponse<String> answer = get("key of all", "/api/report" + wrong.getKey(), "*/*");
      assertThat(answer.statusCode()).as(wrong.getKey()).isEqualTo(400);
      assertThat(answer.body()).isEqualTo("{\"error\":\"%s\"}".formatted(wrong.getValue()));
    }
  }

  @Test
  void aReportThatCannotBeReadToItsEndIsNoWholeAnswer() {
    insert("r", "bison", "COMPLETE", "2026-01-05 05:00:00");
    for (int i = 1; i <= 12; i++) {
      bundle
          .jdbc()
          .sql(
              """
              INSERT INTO transfer (id, payer, state, source, record_number, request_sha256,
                received_at, updated_at)
              SELECT id || ?, payer, state, source, record_number, request_sha256, received_at,
                updated_at FROM transfer""")
          .param("-" + i)
          .update();
    }
    set("r-9", "reason", "OF_A_LATER_VERSION");

    assertThatThrownBy(() -> get("key of all", JANUARY, "text/csv"))
        .isInstanceOf(IOException.class);
  }

  private List<String> events() {
    return bundle.column(
        """
        SELECT transfer_id || ' ' || number || ' ' || actor || ' ' || what FROM transfer_event
        ORDER BY transfer_id, number""");
  }

  private void insert(String id, String payer, String state, String received) {
    bundle
        .jdbc()
        .sql("INSERT INTO payer_gate (payer) VALUES (?) ON CONFLICT DO NOTHING")
        .param(payer)
        .update();
    bundle
        .jdbc()
        .sql(
            """
            INSERT INTO transfer (id, payer, state, source, record_number, request_sha256, request_id,
              received_at, updated_at)
            VALUES (?, ?, ?, '', 1, '', ?, CAST(? AS TIMESTAMP WITH TIME ZONE), CURRENT_TIMESTAMP)""")
        .params(id, payer, state, "R-" + id, received + "+00")
        .update();
  }

  private void set(String id, String column, String value) {
    String type =
        column.endsWith("_at")
            ? "TIMESTAMP WITH TIME ZONE"
            : column.endsWith("_on") ? "DATE" : "VARCHAR";
    bundle
        .jdbc()
        .sql("UPDATE transfer SET %s = CAST(? AS %s) WHERE id = ?".formatted(column, type))
        .params(column.endsWith("_at") ? value + "+00" : value, id)
        .update();
  }

  private JsonNode json(String key, String path) throws Exception {
    HttpResponse<String> answer = get(key, path, "application/json");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    return JSON.readTree(answer.body());
  }

  private HttpResponse<String> get(String key, String path, String accept) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(bundle.opsUrl() + path))
                .header("Authorization", "Bearer " + key)
                .header("Accept", accept)
                .header("P2P-Actor", "ann")
                .timeout(Duration.ofMinutes(1))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
