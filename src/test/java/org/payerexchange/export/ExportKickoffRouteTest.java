package org.payerexchange.export;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.Gateway;

class ExportKickoffRouteTest {
  private static final String EXPORT = "/v1/bison/bulk-data/r4/Group/g1/$export";
  private static final String STATUS = "/v1/bison/bulk-data/r4/$export/job/";

  @RegisterExtension final Gateway gateway = new Gateway();
  @RegisterExtension final Gateway foreign = new Gateway();
  @TempDir Path folder;
  private ExportBench bench;

  @BeforeEach
  void prepare() throws Exception {
    bench = ExportBench.in(folder, gateway).set("p2p.poll.min-delay", "1h");
    bench.set("p2p.poll.max-delay", "1h");
  }

  @AfterEach
  void stop() {
    bench.close();
  }

  @Test
  void theReferencePagesAnswerStartsAJobThatIsAskedForOnTheBaseUrl() throws Exception {
    export("g1", ok(outcome("cmk-42")));

    String transfer = bench.start().matched("g1");

    Map<String, Object> job = bench.awaitJob(transfer, "RUNNING");
    assertThat(job)
        .containsEntry("job_id", "cmk-42")
        .containsEntry("status_url", gateway.url() + STATUS + "cmk-42");
    assertThat(bench.events(transfer))
        .containsSubsequence("MATCHED", "KICKOFF_STARTED", "EXPORT_RUNNING");
    gateway
        .server()
        .verify(
            1,
            getRequestedFor(urlEqualTo(EXPORT))
                .withHeader("Accept", equalTo("application/fhir+json"))
                .withHeader("Prefer", equalTo("respond-async"))
                .withHeader("Authorization", equalTo("Bearer token-1")));
  }

  @Test
  void aContentLocationIsPreferredToTheTextAndKeptAsItIs() throws Exception {
    String status = gateway.url() + "/v1/bison/$status?job=7&view=all";
    export(
        "g1",
        aResponse().withStatus(202).withHeader("Content-Location", status).withBody(outcome("no")));

    String transfer = bench.start().matched("g1");

    assertThat(bench.awaitJob(transfer, "RUNNING")).containsEntry("status_url", status);
  }

  @Test
  void aContentLocationOnAnAliasHostIsReachedAtTheBaseUrl() throws Exception {
    export(
        "g1",
        aResponse()
            .withStatus(202)
            .withHeader("Content-Location", "https://gateway.1upcoredev.com" + STATUS + "7"));

    String transfer = bench.start().matched("g1");

    assertThat(bench.awaitJob(transfer, "RUNNING"))
        .containsEntry("job_id", "7")
        .containsEntry("status_url", gateway.url() + STATUS + "7");
  }

  @Test
  void aContentLocationOnAForeignHostFailsTheJobAndGetsNoRequest() throws Exception {
    foreign.stub(any(anyUrl()).willReturn(ok()));
    export(
        "g1",
        aResponse().withStatus(202).withHeader("Content-Location", foreign.url() + STATUS + "7"));

    String transfer = bench.start().matched("g1");

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "FOREIGN_HOST");
    assertThat(bench.transferState(transfer)).isEqualTo("FAILED");
    assertThat(foreign.server().getAllServeEvents()).isEmpty();
  }

  @Test
  void theAnswersRetryAfterSetsTheFirstPoll() throws Exception {
    export("g1", ok(outcome("7")).withHeader("Retry-After", "120"));

    String transfer = bench.start().matched("g1");

    bench.awaitJob(transfer, "RUNNING");
    assertThat(bench.wait(transfer)).isEqualTo(Duration.ofMinutes(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Accepted", "{}", "{\"issue\": [{\"details\": {\"text\": \"ok\"}}]}"})
  void anAnswerThatNamesNoJobFailsWithoutStartingAnotherOne(String body) throws Exception {
    export("g1", aResponse().withStatus(202).withBody(body));

    String transfer = bench.start().matched("g1");

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "PAYER_REFUSED");
    gateway.server().verify(1, getRequestedFor(urlEqualTo(EXPORT)));
  }

  @Test
  void aConsentThatEndedYesterdayStartsNothing() throws Exception {
    String transfer = bench.start().matched(LocalDate.now(ZoneOffset.UTC).minusDays(1), "g1");

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "CONSENT_EXPIRED");
    assertThat(gateway.server().getAllServeEvents()).isEmpty();
  }

  @Test
  void aConsentHoldsThroughItsLastDay() throws Exception {
    export("g1", ok(outcome("7")));

    String transfer = bench.start().matched(LocalDate.now(ZoneOffset.UTC), "g1");

    bench.awaitJob(transfer, "RUNNING");
  }

  @Test
  void aGroupIdNeverLeavesItsPathSegment() throws Exception {
    export("a%7Cb%3B%24c", ok(outcome("7")));

    String odd = bench.start().matched("a|b;$c");
    String evil = bench.matched("../../../admin");

    bench.awaitJob(odd, "RUNNING");
    assertThat(bench.awaitJob(evil, "FAILED")).containsEntry("reason", "NO_GROUP_ID");
  }

  @Test
  void everyGroupIsAnExportOfItsOwn() throws Exception {
    export("g1", ok(outcome("1")));
    export("g2", ok(outcome("2")));

    String transfer = bench.start().matched("g1", "g2");

    await()
        .untilAsserted(
            () ->
                assertThat(bench.events(transfer).stream().filter("EXPORT_RUNNING"::equals))
                    .hasSize(2));
    gateway.server().verify(1, getRequestedFor(urlEqualTo(EXPORT)));
    gateway.server().verify(1, getRequestedFor(urlEqualTo(EXPORT.replace("g1", "g2"))));
  }

  @Test
  void aKickOffWhoseAnswerWasLostIsRepeatedAndTheAuditTrailSaysSo() throws Exception {
    gateway.stub(
        get(urlEqualTo(EXPORT))
            .inScenario("unavailable")
            .whenScenarioStateIs("Started")
            .willReturn(aResponse().withStatus(503))
            .willSetStateTo("back"));
    gateway.stub(
        get(urlEqualTo(EXPORT))
            .inScenario("unavailable")
            .whenScenarioStateIs("back")
            .willReturn(okJson(outcome("7"))));

    String transfer = bench.start().matched("g1");

    bench.awaitJob(transfer, "RUNNING");
    assertThat(bench.events(transfer))
        .containsSubsequence("KICKOFF_STARTED", "KICKOFF_REPEATED", "EXPORT_RUNNING");
  }

  @Test
  void aRefusalIsFinal() throws Exception {
    export("g1", aResponse().withStatus(403));

    String transfer = bench.start().matched("g1");

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "PAYER_REFUSED");
    gateway.server().verify(1, getRequestedFor(urlEqualTo(EXPORT)));
  }

  private void export(String groupSegment, ResponseDefinitionBuilder answer) {
    gateway.stub(get(urlEqualTo(EXPORT.replace("g1", groupSegment))).willReturn(answer));
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
