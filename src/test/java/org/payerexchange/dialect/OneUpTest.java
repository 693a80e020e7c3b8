package org.payerexchange.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.export.AnswerJson;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** The 1upHealth gateway, without one: what it is asked, and what its answers say. */
class OneUpTest {
  private static final Dialect ONE_UP = new OneUp();
  private static final URI BISON = URI.create("https://gateway.1up.health/v1/bison");

  private static final String STATUS =
      "https://gateway.1up.health/v1/bison/bulk-data/r4/$export/job/";

  @Test
  void aMemberIsAskedForAsTheReferencePagePrintsIt() throws Exception {
    GatewayRequest match = new OneUp().match(json("{'resourceType': 'Parameters', 'id': 'm-1'}"));

    assertThat(match)
        .isEqualTo(
            new GatewayRequest(
                "POST",
                "/member-match/$member-match",
                Map.of("Accept", "application/fhir+json, application/json"),
                "{\"resourceType\":\"Parameters\",\"id\":\"m-1\"}",
                "application/json"));
    assertThat(match.at(BISON))
        .hasToString("https://gateway.1up.health/v1/bison/member-match/$member-match");
  }

  @Test
  void theExportOfAGroupIsStartedByAGet() {
    assertThat(ONE_UP.kickoff("cmk1", ExportLimits.NONE))
        .isEqualTo(
            new GatewayRequest(
                "GET",
                "/bulk-data/r4/Group/cmk1/$export",
                Map.of(
                    "Accept",
                    "application/fhir+json",
                    "Prefer",
                    "respond-async",
                    "Cache-Control",
                    "no-cache"),
                null,
                null));
  }

  @Test
  void whatAnExportIsLimitedToStandsEncodedInTheQuery() {
    assertThat(path(new ExportLimits(Instant.parse("2026-11-23T04:30:00Z"), "", "")))
        .isEqualTo("/bulk-data/r4/Group/g%3A1/$export?_since=2026-11-23T04%3A30%3A00Z");
    assertThat(path(new ExportLimits(null, "Patient,Observation", "Observation?category=a b&x=1")))
        .isEqualTo(
            "/bulk-data/r4/Group/g%3A1/$export?_type=Patient%2CObservation&_typeFilter=Observation%3Fcategory%3Da%20b%26x%3D1");
  }

  @Test
  void aGroupIdThatLeadsElsewhereIsNeverAskedFor() {
    assertThatThrownBy(() -> ONE_UP.kickoff("../other", ExportLimits.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRequestIsToldWithoutItsPathAndItsBody() {
    assertThat(new GatewayRequest("POST", "/member/m-1", Map.of(), "{'family': 'Miller'}", "x"))
        .hasToString("GatewayRequest[POST]");
  }

  @Test
  void theReferencePagesStatusIsReported() throws Exception {
    JsonNode status =
        json(
            "{'status': 'Successful', 'resourceCount': 31,"
                + " 'batches': {'running': 0, 'complete': 6, 'failed': 0, 'total': 6}}");

    assertThat(ONE_UP.report(status))
        .isEqualTo(
            new JobReport(
                JobWord.FINISHED, "Successful", Optional.of(new BatchCounts(0, 6, 0, 6)), 31L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'status': null, 'batches': null, 'resourceCount': null}",
        "{'status': '', 'batches': 6, 'resourceCount': -1}",
        "{'batches': [], 'resourceCount': '31'}",
        "{'batches': 'none', 'resourceCount': 99999999999999999999}"
      })
  void whatTheGatewayDoesNotSayIsNotReported(String answer) throws Exception {
    JobReport report = ONE_UP.report(json(answer));

    assertThat(report.word()).isEqualTo(JobWord.NONE);
    assertThat(report.batches()).isEmpty();
    assertThat(report.resourceCount()).isNull();
  }

  @Test
  void aWordThatMayBeAPersonsIsNotTold() throws Exception {
    assertThat(ONE_UP.report(json("{'status': 'Miller'}"))).hasToString("JobReport[UNKNOWN]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'running': 1, 'complete': 5, 'failed': 1, 'total': 6}",
        "{'complete': 4, 'failed': 1, 'total': 6}"
      })
  void batchesThatAreStillToComeAreOpen(String batches) throws Exception {
    assertThat(batches(batches).isOpen()).isTrue();
  }

  @Test
  void batchesThatCameOrFailedAreNotOpenAndAreToldInWords() throws Exception {
    BatchCounts batches = batches("{'running': 0, 'complete': 5, 'failed': 1, 'total': 6}");

    assertThat(batches.isOpen()).isFalse();
    assertThat(batches).hasToString("5 of 6 batches complete, 0 running, 1 failed");
  }

  @Test
  void theJobIdOfTheReferencePagesTextIsPutOnTheBaseUrl() throws Exception {
    NamedJob job =
        named(
            outcome(
                "Asynchronous export running. Track job at"
                    + " https://gateway.1upcoredev.com/v1/bison/bulk-data/r4/$export/job/cmk1-0042"));

    assertThat(job).isEqualTo(new NamedJob("cmk1-0042", STATUS + "cmk1-0042"));
  }

  @Test
  void theHostOfTheTextIsNeverCalled() throws Exception {
    NamedJob job = named(outcome("Track job at https://evil.example/job/7"));

    assertThat(job.statusUrl()).hasToString(STATUS + "7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Track job at https://h/$export/job/a1.",
        "Track job at https://h/$export/job/a1/ ",
        "Track job at /job/a1\n",
        "Export one is at https://h/job/a0, export two at https://h/job/a1"
      })
  void punctuationAfterTheIdAndTextBeforeItAreLeftOut(String text) throws Exception {
    assertThat(named(outcome(text)).jobId()).isEqualTo("a1");
  }

  @Test
  void theFirstIssueThatNamesAJobCounts() throws Exception {
    String answer =
        """
        {"issue": [{"severity": "warning"}, {"details": {"text": "Be patient."}},
                   {"details": {"text": "https://h/job/second"}}]}
        """;

    assertThat(named(bytes(answer)).jobId()).isEqualTo("second");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"issue\": [{\"details\": {\"text\": \"Track job at https://h/$export/job/a1\"}}",
        "{\"issue\": [{\"details\": {\"text\": \"Track job at https://h/$export/job/a1.\"}],}",
        "{\"statusUrl\": \"https://h/$export/job/a1\"}",
        "[\"https://h/$export/job/a1\"]",
        "Track job at https://h/$export/job/a1",
        "<html><a href=\"https://h/$export/job/a1\">Track job</a></html>"
      })
  void anAnswerThatIsNoOutcomeStillNamesTheJobThatThePayerHasByNow(String answer) {
    assertThat(named(bytes(answer)).jobId()).isEqualTo("a1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"issue\": [{\"details\": {\"text\": \"Track job at https://h/$export/job/a1",
        "{}",
        "",
        "null",
        "Accepted"
      })
  void aJobWhoseIdMayBeCutIsNotGuessed(String answer) {
    assertThatThrownBy(() -> named(bytes(answer)))
        .asInstanceOf(InstanceOfAssertFactories.type(TransferException.class))
        .extracting(TransferException::reason)
        .isEqualTo(FailureReason.PAYER_REFUSED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Asynchronous export running.",
        "Track job at https://h/$export/job/",
        "Track job at https://h/$export/job/..",
        "Track job at https://h/$export/job/a%2F..%2Fb",
        "Track job at https://h/$export/job/a\\b",
        "Track job at https://h/$export/job/a?admin=true",
        "Track job at https://h/$export/job/ä",
        ""
      })
  void textWithoutAPlainIdNamesNoJobAndIsNotTriedAgain(String text) {
    assertThatThrownBy(() -> named(outcome(text)))
        .asInstanceOf(InstanceOfAssertFactories.type(TransferException.class))
        .extracting(TransferException::reason)
        .isEqualTo(FailureReason.PAYER_REFUSED);
  }

  private static String path(ExportLimits limits) {
    return ONE_UP.kickoff("g:1", limits).path();
  }

  private static BatchCounts batches(String batches) throws IOException {
    return ONE_UP.report(json("{'batches': %s}".formatted(batches))).batches().orElseThrow();
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }

  private static NamedJob named(byte[] answer) {
    JsonNode outcome;
    try {
      outcome = new ObjectMapper().readTree(new AnswerJson().wholeObjectOf(answer));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ONE_UP.job(BISON, outcome, answer);
  }

  private static byte[] bytes(String answer) {
    return answer.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] outcome(String text) throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper();
    var outcome = mapper.createObjectNode().put("resourceType", "OperationOutcome");
    outcome
        .putArray("issue")
        .addObject()
        .put("severity", "information")
        .putObject("details")
        .put("text", text);
    return mapper.writeValueAsBytes(outcome);
  }
}
