package org.payerexchange.export;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.deleteRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.Gateway;

class ExportKickoffRouteTest {
  private static final String PAYER = "p2p.payers.bison.";
  private static final String STATUS = "/v1/bison/bulk-data/r4/$export/job/";

  @RegisterExtension
  static final ExportBenches BENCHES =
      new ExportBenches()
          .set("p2p.poll.min-delay", "1h")
          .set("p2p.poll.max-delay", "1h")
          .set("p2p.payers.bison.alias-hosts", "gateway.1upcoredev.com, hapi_fhir");

  private static final Gateway GATEWAY = BENCHES.gateway();
  private static final Gateway FOREIGN = BENCHES.stranger();

  private final ExportBench bench = BENCHES.shared();
  private final String group = "g-" + UUID.randomUUID();
  private final String export = export(group);

  @Test
  void theReferencePagesAnswerStartsAJobThatIsAskedForOnTheBaseUrl() throws Exception {
    answer(group, ok(outcome("cmk-42")));

    String transfer = bench.matched(group);

    Map<String, Object> job = bench.awaitJob(transfer, "RUNNING");
    assertThat(job)
        .containsEntry("job_id", "cmk-42")
        .containsEntry("status_url", GATEWAY.url() + STATUS + "cmk-42");
    assertThat(bench.events(transfer))
        .containsSubsequence("MATCHED", "KICKOFF_STARTED", "EXPORT_RUNNING");
    GATEWAY
        .server()
        .verify(
            1,
            getRequestedFor(urlEqualTo(export))
                .withHeader("Accept", equalTo("application/fhir+json"))
                .withHeader("Prefer", equalTo("respond-async"))
                .withHeader("Cache-Control", equalTo("no-cache"))
                .withHeader("Authorization", equalTo("Bearer token-1")));
  }

  @Test
  void aContentLocationIsPreferredToTheTextAndKeptAsItIs() throws Exception {
    String status = GATEWAY.url() + "/v1/bison/$status?job=7&view=all";
    answer(
        group,
        aResponse().withStatus(202).withHeader("Content-Location", status).withBody(outcome("no")));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "RUNNING")).containsEntry("status_url", status);
  }

  /** A server that is told no other name calls itself as its proxy's upstream is called. */
  @ParameterizedTest
  @ValueSource(
      strings = {"https://gateway.1upcoredev.com", "http://hapi_fhir", "http://hapi_fhir:8080"})
  void aContentLocationOnAnAliasHostIsReachedAtTheBaseUrl(String named) throws Exception {
    answer(group, aResponse().withStatus(202).withHeader("Content-Location", named + STATUS + "7"));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "RUNNING"))
        .containsEntry("job_id", "7")
        .containsEntry("status_url", GATEWAY.url() + STATUS + "7");
  }

  @Test
  void aContentLocationOnAForeignHostFailsTheJobAndGetsNoRequest() throws Exception {
    answer(
        group,
        aResponse()
            .withStatus(202)
            .withHeader("Content-Location", FOREIGN.foreignUrl() + STATUS + "7"));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "FOREIGN_HOST");
    assertThat(bench.transferState(transfer)).isEqualTo("FAILED");
  }

  /** As proxies send them that add what a server has set. */
  @Test
  void ofHeadersThatComeTwiceOneValueIsOneAndTheLongestTimeToWaitCounts() throws Exception {
    String status = GATEWAY.url() + STATUS + "7";
    answer(
        group,
        aResponse()
            .withStatus(202)
            .withHeader("Content-Location", status, status)
            .withHeader("Retry-After", "60", "120"));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "RUNNING")).containsEntry("status_url", status);
    assertThat(bench.wait(transfer)).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void theAnswersRetryAfterSetsTheFirstPoll() throws Exception {
    answer(group, ok(outcome("7")).withHeader("Retry-After", "120"));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "RUNNING");
    assertThat(bench.wait(transfer)).isEqualTo(Duration.ofMinutes(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Accepted", "{}", "{\"issue\": [{\"details\": {\"text\": \"ok\"}}]}"})
  void anAnswerThatNamesNoJobFailsWithoutStartingAnotherOne(String body) throws Exception {
    answer(group, aResponse().withStatus(202).withBody(body));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "PAYER_REFUSED");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(export)));
  }

  @Test
  void aRefusalIsToldWithTheRequestThatItAnswersAndTheKeysToLookAt() throws Exception {
    answer(group, aResponse().withStatus(400).withBody("{}"));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED").get("detail").toString())
        .startsWith("payer bison answered 400")
        .contains("to the kick-off of the export: look at scope, type,", "export-type");
  }

  @Test
  void aContentLocationThatIsNoUrlFailsWithoutStartingAnotherOne() throws Exception {
    answer(group, aResponse().withStatus(202).withHeader("Content-Location", "http://[x/job/7"));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "PAYER_REFUSED");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(export)));
  }

  @Test
  void aConsentThatEndedYesterdayStartsNothing() throws Exception {
    String transfer = bench.matched(LocalDate.now(ZoneOffset.UTC).minusDays(1), group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "CONSENT_EXPIRED");
    GATEWAY.server().verify(0, getRequestedFor(urlEqualTo(export)));
  }

  @Test
  void aConsentHoldsThroughItsLastDay() throws Exception {
    answer(group, ok(outcome("7")));

    String transfer = bench.matched(LocalDate.now(ZoneOffset.UTC), group);

    bench.awaitJob(transfer, "RUNNING");
  }

  @Test
  void aGroupIdNeverLeavesItsPathSegment() throws Exception {
    answer("a%7Cb%3B%24c", ok(outcome("7")));

    String odd = bench.matched("a|b;$c");
    String evil = bench.matched("../../../admin");

    bench.awaitJob(odd, "RUNNING");
    assertThat(bench.awaitJob(evil, "FAILED")).containsEntry("reason", "NO_GROUP_ID");
  }

  @Test
  void everyGroupIsAnExportOfItsOwn() throws Exception {
    answer(group, ok(outcome("1")));
    answer(group + "-2", ok(outcome("2")));

    String transfer = bench.matched(group, group + "-2");

    await()
        .untilAsserted(
            () ->
                assertThat(bench.events(transfer).stream().filter("EXPORT_RUNNING"::equals))
                    .hasSize(2));
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(export)));
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(export(group + "-2"))));
  }

  @Test
  void aKickOffWhoseAnswerWasLostIsRepeatedAndTheAuditTrailSaysSo() throws Exception {
    GATEWAY.inTurn(
        () -> get(urlEqualTo(export)), aResponse().withStatus(503), okJson(outcome("7")));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "RUNNING");
    assertThat(bench.events(transfer))
        .containsSubsequence("KICKOFF_STARTED", "KICKOFF_REPEATED", "EXPORT_RUNNING");
  }

  @Test
  void aKickOffWhoseAnswerBreaksOffBehindItsContentLocationIsNotRepeated() throws Exception {
    answer(
        group,
        ok("{\"resourceType\": \"Opera")
            .withHeader("Content-Location", STATUS + "7")
            .withHeader("Content-Length", "500"));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "RUNNING")).containsEntry("job_id", "7");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(export)));
  }

  @Test
  void aJobThatComesAfterAnotherNodeHasOneIsGivenUpAtThePayer() throws Exception {
    String late = UUID.randomUUID().toString();
    answer(group, okJson(outcome(late)));
    GATEWAY.stub(delete(urlEqualTo(STATUS + late)).willReturn(aResponse().withStatus(202)));
    GATEWAY
        .server()
        .addMockServiceRequestListener(
            (request, itsAnswer) -> {
              if (request.getUrl().equals(export)) {
                anotherNodeHas(STATUS + "first");
              }
            });

    String transfer = bench.matched(group);

    await().untilAsserted(() -> assertThat(bench.events(transfer)).contains("EXPORT_RELEASED"));
    GATEWAY.server().verify(1, deleteRequestedFor(urlEqualTo(STATUS + late)));
    assertThat(bench.job(transfer))
        .containsEntry("state", "RUNNING")
        .containsEntry("status_url", STATUS + "first");
  }

  @ParameterizedTest
  @CsvSource({"429,", "429, 3600", "503, 3600", "500, 3600"})
  void aPayerThatDoesNotLikeToGiveUpSuchAJobIsAskedAsBefore(int status, String retryAfter)
      throws Exception {
    String late = UUID.randomUUID().toString();
    answer(group, okJson(outcome(late)));
    GATEWAY.stub(
        delete(urlEqualTo(STATUS + late))
            .willReturn(
                retryAfter == null
                    ? aResponse().withStatus(status)
                    : aResponse().withStatus(status).withHeader("Retry-After", retryAfter)));
    GATEWAY
        .server()
        .addMockServiceRequestListener(
            (request, itsAnswer) -> {
              if (request.getUrl().equals(export)) {
                anotherNodeHas(STATUS + "first");
              }
            });

    String transfer = bench.matched(group);

    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () -> GATEWAY.server().verify(1, deleteRequestedFor(urlEqualTo(STATUS + late))));
    String next = group + "-next";
    answer(next, okJson(outcome("8")));
    bench.awaitJob(bench.matched(next), "RUNNING");
    assertThat(bench.events(transfer)).doesNotContain("RETRY_LATER");
    assertThat(bench.gate()).containsEntry("pace", null).containsEntry("held_until", null);
  }

  /** What the ledger holds once another node took the job over while this one waited. */
  private void anotherNodeHas(String statusUrl) {
    bench
        .bundle()
        .jdbc()
        .sql(
            """
            UPDATE export_job SET state = 'RUNNING', status_url = ?,
              polling_since = CURRENT_TIMESTAMP
            WHERE group_id = ? AND state = 'REQUESTED'""")
        .params(statusUrl, group)
        .update();
    bench
        .bundle()
        .jdbc()
        .sql(
            """
            UPDATE step SET kind = 'EXPORT_POLL', due_at = CURRENT_TIMESTAMP + INTERVAL '1' DAY,
              lease_owner = NULL, lease_until = NULL
            WHERE item = (SELECT id FROM export_job WHERE group_id = ?)""")
        .param(group)
        .update();
  }

  @Test
  void aJobWhoseAnswerBeginsWithAByteOrderMarkIsFound() throws Exception {
    answer(group, ok("\uFEFF" + outcome("7")));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "RUNNING")).containsEntry("job_id", "7");
  }

  @Test
  void aRefusalIsFinal() throws Exception {
    answer(group, aResponse().withStatus(403));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "PAYER_REFUSED");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(export)));
  }

  @Test
  void whatAPayerWantsOfAKickOffIsSentByPost() throws Exception {
    ExportBench own =
        BENCHES.own(
            Map.of(
                PAYER + "kick-off", "post",
                PAYER + "lenient", "true",
                PAYER + "include-associated-data", "LatestProvenanceResources",
                PAYER + "until", "2026-12-31T23:59:59Z",
                PAYER + "allow-partial-manifests", "true",
                PAYER + "type", "Patient,Coverage"));
    GATEWAY.stub(post(urlEqualTo(export)).willReturn(ok(outcome("7"))));

    own.awaitJob(own.matched(group), "RUNNING");

    GATEWAY
        .server()
        .verify(
            1,
            postRequestedFor(urlEqualTo(export))
                .withHeader("Prefer", equalTo("respond-async, handling=lenient"))
                .withHeader("Content-Type", equalTo("application/fhir+json"))
                .withRequestBody(
                    equalToJson(
                        """
                        {"resourceType": "Parameters", "parameter": [
                          {"name": "_type", "valueString": "Patient,Coverage"},
                          {"name": "_until", "valueInstant": "2026-12-31T23:59:59Z"},
                          {"name": "includeAssociatedData",
                           "valueString": "LatestProvenanceResources"},
                          {"name": "allowPartialManifests", "valueBoolean": true}]}
                        """)));
  }

  @Test
  void anExportByPostThatIsNotLimitedHasNoEmptyList() throws Exception {
    ExportBench own = BENCHES.own(PAYER + "kick-off", "post");
    GATEWAY.stub(post(urlEqualTo(export)).willReturn(ok(outcome("7"))));

    own.awaitJob(own.matched(group), "RUNNING");

    GATEWAY
        .server()
        .verify(
            postRequestedFor(urlEqualTo(export))
                .withRequestBody(equalToJson("{\"resourceType\": \"Parameters\"}")));
  }

  @ParameterizedTest
  @CsvSource({"400, throttled", "409, throttled", "503, throttled", "429, throttled"})
  void aPayerThatHasTooManyJobsIsHeldAndAskedAgain(int status, String code) throws Exception {
    ExportBench own = BENCHES.own(Map.of("p2p.retry.min-delay", "3s", "p2p.retry.max-delay", "3s"));
    GATEWAY.inTurn(
        () -> get(urlEqualTo(export)), jsonResponse(error(code), status), okJson(outcome("7")));

    String transfer = own.matched(group);

    await().untilAsserted(() -> assertThat(own.gate()).extractingByKey("held_until").isNotNull());
    own.awaitJob(transfer, "RUNNING");
    GATEWAY.server().verify(2, getRequestedFor(urlEqualTo(export)));
  }

  @ParameterizedTest
  @CsvSource({"400, too-costly", "409, transient", "503, too-costly"})
  void aJobThatIsTooMuchNowIsAskedForAgainWithoutAHold(int status, String code) throws Exception {
    GATEWAY.inTurn(
        () -> get(urlEqualTo(export)), jsonResponse(error(code), status), okJson(outcome("7")));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "RUNNING");
    assertThat(bench.events(transfer)).contains("RETRY_LATER");
    assertThat(bench.gate()).containsEntry("held_until", null);
  }

  @ParameterizedTest
  @CsvSource({"400, invalid", "409, conflict", "403, too-costly"})
  void anyOtherRefusalIsFinal(int status, String code) throws Exception {
    answer(group, jsonResponse(error(code), status));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "PAYER_REFUSED");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(export)));
  }

  private static String error(String code) {
    return """
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "%s"}]}
        """
        .formatted(code);
  }

  private static void answer(String groupSegment, ResponseDefinitionBuilder answer) {
    GATEWAY.stub(get(urlEqualTo(export(groupSegment))).willReturn(answer));
  }

  private static String export(String groupSegment) {
    return "/v1/bison/bulk-data/r4/Group/" + groupSegment + "/$export";
  }

  private static String outcome(String jobId) {
    return """
        {
            "resourceType": "OperationOutcome",
            "id": "op-1",
            "issue": [
                {
                    "severity": "information",
                    "code": "informational",
                    "details": {
                        "text": "Asynchronous export running. Track job at https://gateway.1upcoredev.com/v1/bison/bulk-data/r4/$export/job/%s"
                    }
                }
            ]
        }
        """
        .formatted(jobId);
  }
}
