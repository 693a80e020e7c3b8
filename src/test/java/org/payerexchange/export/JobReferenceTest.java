package org.payerexchange.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.payer.Dialect;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

class JobReferenceTest {
  private static final Payer BISON =
      new Payer(
          "bison",
          URI.create("https://gateway.1up.health/v1/bison"),
          URI.create("https://gateway.1up.health/token"),
          "id",
          "secret",
          "member-match|read",
          Set.of("gateway.1upcoredev.com"),
          Set.of(),
          Dialect.ONE_UP,
          8);

  private static final String STATUS =
      "https://gateway.1up.health/v1/bison/bulk-data/r4/$export/job/";

  private static final URI KICK_OFF =
      URI.create("https://gateway.1up.health/v1/bison/bulk-data/r4/Group/g1/$export");

  @Test
  void theJobIdOfTheReferencePagesTextIsPutOnTheBaseUrl() throws Exception {
    JobReference job =
        named(
            outcome(
                "Asynchronous export running. Track job at"
                    + " https://gateway.1upcoredev.com/v1/bison/bulk-data/r4/$export/job/cmk1-0042"));

    assertThat(job).isEqualTo(new JobReference("cmk1-0042", URI.create(STATUS + "cmk1-0042")));
  }

  @Test
  void theHostOfTheTextIsNeverCalled() throws Exception {
    JobReference job = named(outcome("Track job at https://evil.example/job/7"));

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

  @Test
  void aContentLocationIsCalledAsItIsQueryIncluded() {
    String url = STATUS + "9?tenant=b&x=$y";

    JobReference job = JobReference.ofContentLocation(BISON, KICK_OFF, url);

    assertThat(job).isEqualTo(new JobReference("9", URI.create(url)));
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/bison/$export/job/a1/, a1",
    "/v1/bison/export/a1/status, a1",
    "/v1/bison/$export-poll-status?_jobId=a1, a1",
    "/v1/bison/$export-poll-status?x=1&job=a1&y=2, a1",
    "/v1/bison/Group/g1/$export-poll-status,",
    "/v1/bison/bulkstatus?ticket=a1,",
    "/v1/bison/$export/job/a1?tenant=b, a1",
  })
  void aJobIdIsTheJobsAndNotThatOfAPathThatJobsShare(String url, String jobId) {
    JobReference job = JobReference.ofContentLocation(BISON, KICK_OFF, url);

    assertThat(job.jobId()).isEqualTo(jobId);
    assertThat(job.statusUrl()).hasToString("https://gateway.1up.health" + url);
  }

  @ParameterizedTest
  @CsvSource({
    "../../$export/job/a1, /v1/bison/bulk-data/r4/$export/job/a1",
    "status/a1, /v1/bison/bulk-data/r4/Group/g1/status/a1",
    "?_jobId=a1, /v1/bison/bulk-data/r4/Group/g1/$export?_jobId=a1"
  })
  void aContentLocationIsRelativeToWhatWasAsked(String location, String called) {
    assertThat(JobReference.ofContentLocation(BISON, KICK_OFF, location))
        .isEqualTo(new JobReference("a1", URI.create("https://gateway.1up.health" + called)));
  }

  @Test
  void aContentLocationOnAnAliasHostIsReachedAtTheBaseUrl() {
    JobReference job =
        JobReference.ofContentLocation(
            BISON, KICK_OFF, "https://gateway.1upcoredev.com/v1/bison/bulk-data/r4/$export/job/9");

    assertThat(job.statusUrl()).hasToString(STATUS + "9");
  }

  @Test
  void aContentLocationOnAForeignHostIsRefused() {
    assertThatThrownBy(
            () -> JobReference.ofContentLocation(BISON, KICK_OFF, "https://evil.example/job/9"))
        .asInstanceOf(InstanceOfAssertFactories.type(TransferException.class))
        .extracting(TransferException::reason)
        .isEqualTo(FailureReason.FOREIGN_HOST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://[broken/job/9", "https://gateway.1up.health/%zz"})
  void aContentLocationThatIsNoUrlIsNotTriedAgain(String contentLocation) {
    assertThatThrownBy(() -> JobReference.ofContentLocation(BISON, KICK_OFF, contentLocation))
        .asInstanceOf(InstanceOfAssertFactories.type(TransferException.class))
        .extracting(TransferException::reason)
        .isEqualTo(FailureReason.PAYER_REFUSED);
  }

  @Test
  void aContentLocationThatEndsWithoutAPlainIdStillLeadsToTheJob() {
    assertThat(JobReference.ofContentLocation(BISON, KICK_OFF, STATUS + "a%2Fb/"))
        .isEqualTo(new JobReference(null, URI.create(STATUS + "a%2Fb/")));
  }

  @Test
  void aUrlThatTheLedgerCannotKeepIsRefused() {
    assertThatThrownBy(
            () ->
                JobReference.ofContentLocation(
                    BISON, KICK_OFF, STATUS + "?signature=" + "x".repeat(4000)))
        .asInstanceOf(InstanceOfAssertFactories.type(TransferException.class))
        .extracting(TransferException::reason)
        .isEqualTo(FailureReason.PAYER_REFUSED);
  }

  private static JobReference named(byte[] answer) {
    JsonNode outcome;
    try {
      outcome = new ObjectMapper().readTree(new AnswerJson().wholeObjectOf(answer));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return JobReference.ofAnswer(BISON, outcome, answer);
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
