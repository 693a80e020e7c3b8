package org.payerexchange.export;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.deleteRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.LinkLoss;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.OutputFileLedger;
import org.payerexchange.support.Gateway;

class ExportPollRouteTest {
  private static final String FILE = "/v1/bison/bulk-data/r4/$export/file/";
  private static final Duration A_DAY = Duration.ofHours(23);
  @RegisterExtension static final ExportBenches BENCHES = new ExportBenches();
  private static final Gateway GATEWAY = BENCHES.gateway();
  private static final Gateway FOREIGN = BENCHES.stranger();

  private final String group = "g-" + UUID.randomUUID();
  private final String jobId = "job-" + UUID.randomUUID();
  private final String export = "/v1/bison/bulk-data/r4/Group/" + group + "/$export";
  private final String status = "/v1/bison/bulk-data/r4/$export/job/" + jobId;
  private ExportBench bench = BENCHES.shared();

  @BeforeEach
  void acceptTheKickOff() {
    GATEWAY.stub(get(urlEqualTo(export)).willReturn(okJson(outcome(jobId))));
  }

  @Test
  void theReferencePagesManifestBecomesSixFilesToFetch() throws Exception {
    own("p2p.payers.bison.alias-hosts", "gateway.1up.health,gateway.1upcoredev.com");
    answers(okJson(referencePage()));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "READY"))
        .containsEntry("resource_count", 31L)
        .containsEntry("transaction_time", "2026-01-31T10:11:12.345Z")
        .containsEntry("warnings", null);
    assertThat(bench.files(transfer))
        .extracting(
            file -> file.get("resource_type"), file -> file.get("number"), file -> file.get("url"))
        .containsExactly(
            tuple("Specimen", 1, GATEWAY.url() + FILE + "b1.ndjson"),
            tuple("Coverage", 2, GATEWAY.url() + FILE + "b2.ndjson"),
            tuple("Patient", 3, GATEWAY.url() + FILE + "b3.ndjson"),
            tuple("ExplanationOfBenefit", 4, GATEWAY.url() + FILE + "b4.ndjson"),
            tuple("Encounter", 5, GATEWAY.url() + FILE + "b5.ndjson"),
            tuple("Observation", 6, GATEWAY.url() + FILE + "b6.ndjson"));
    assertThat(bench.files(transfer))
        .allSatisfy(
            file ->
                assertThat(file)
                    .containsEntry("requires_access_token", true)
                    .containsEntry("state", "PENDING"));
    GATEWAY
        .server()
        .verify(
            getRequestedFor(urlEqualTo(status))
                .withHeader("Accept", equalTo("application/json"))
                .withHeader("Authorization", equalTo("Bearer token-1")));
  }

  @Test
  void aManifestOfMoreFilesThanAreTakenFailsAndNamesTheKey() throws Exception {
    own("p2p.export.max-files", "3");
    answers(
        okJson(
            manifest(
                IntStream.range(0, 4)
                    .mapToObj(file -> output("Patient", FILE + file))
                    .collect(Collectors.joining(",")))));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED"))
        .containsEntry("reason", "TOO_LARGE")
        .hasEntrySatisfying(
            "detail", detail -> assertThat(detail.toString()).contains("p2p.export.max-files (3)"));
    assertThat(bench.files(transfer)).isEmpty();
  }

  @Test
  void aManifestOfMorePatientsThanAMemberCanBeFailsBeforeAnyFileIsFetched() throws Exception {
    own("p2p.download.max-patients", "20");
    String patients = "{\"type\": \"Patient\", \"url\": \"%s%s\", \"count\": 11}";
    answers(
        okJson(
            manifest(
                "%s,%s,%s"
                    .formatted(
                        output("Observation", FILE + "1"),
                        patients.formatted(FILE, 2),
                        patients.formatted(FILE, 3)))));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED"))
        .containsEntry("reason", "TOO_LARGE")
        .containsEntry(
            "detail",
            "the export has at least 22 Patients, more than 20 (p2p.download.max-patients): other people's, too?");
    assertThat(bench.files(transfer)).isEmpty();
  }

  @Test
  void aManifestThatBeginsWithAByteOrderMarkIsRead() throws Exception {
    answers(ok("\uFEFF" + manifest(output("Patient", FILE + "1"))));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer)).hasSize(1);
  }

  /** A proxy may add the header that the server has set. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aManifestThatAStatusRequestIsRedirectedToIsRead(int times) throws Exception {
    String result = status + "/result";
    answers(
        aResponse()
            .withStatus(303)
            .withHeader("Location", Collections.nCopies(times, result).toArray(String[]::new)));
    GATEWAY.stub(
        get(urlEqualTo(result)).willReturn(okJson(manifest(output("Patient", FILE + "1")))));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(bytes = {0x1b, '['})
  void anAnswerThatIsPackedAsNobodyAskedForItSaysSo(byte first) throws Exception {
    byte[] packed = {first, 0x2f, 0, (byte) 0xf8, 0x25, 0, 0x22};
    answers(aResponse().withHeader("Content-Encoding", "br").withBody(packed));

    String transfer = bench.matched(group);

    await()
        .untilAsserted(
            () ->
                assertThat(bench.job(transfer))
                    .containsEntry("reason", "BAD_ANSWER")
                    .hasEntrySatisfying(
                        "detail",
                        detail -> assertThat(detail.toString()).contains("is packed by br")));
  }

  @Test
  void aJobIsAskedForUntilItsManifestComes() throws Exception {
    answers(
        aResponse().withStatus(202),
        aResponse().withStatus(202).withHeader("X-Progress", "half way").withBody("Accepted"),
        okJson("{\"status\": \"Running\", \"output\": []}"),
        okJson("{\"status\": \"Nobody has documented this\"}"),
        okJson(manifest(output("Patient", FILE + "1"))));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "READY")).containsEntry("polls", 3);
    assertThat(bench.files(transfer)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "on it, 40% (almost) | '40%; '",
        "3 of 6 files of Ada Marlowe | '3 of 6; '",
        "Ada Marlowe, 04/05/1980, member 123456789 of 3 | ''",
      })
  void ofWhatThePayerSaysOfItsProgressTheCountsAreKeptAndNoOtherWord(String said, String kept)
      throws Exception {
    answers(
        okJson(
                "{\"status\": \"Running\", \"batches\": {\"running\": 3, \"complete\": 2, \"total\": 6}}")
            .withHeader("X-Progress", said)
            .withHeader("Retry-After", "3600"));

    String transfer = bench.matched(group);

    await()
        .untilAsserted(
            () ->
                assertThat(bench.job(transfer))
                    .containsEntry(
                        "progress", kept + "2 of 6 batches complete, 3 running, 0 failed"));
  }

  static List<String> anHour() {
    Instant inAnHour = Instant.now().plus(1, ChronoUnit.HOURS);
    return List.of("3600", httpDate(inAnHour), String.valueOf(inAnHour.getEpochSecond()));
  }

  @ParameterizedTest
  @MethodSource("anHour")
  void retryAfterIsHonouredInAnyForm(String retryAfter) throws Exception {
    answers(aResponse().withStatus(202).withHeader("Retry-After", retryAfter));

    String transfer = bench.matched(group);

    await().untilAsserted(() -> assertThat(bench.job(transfer)).containsEntry("polls", 1));
    assertThat(bench.wait(transfer)).isCloseTo(Duration.ofHours(1), Duration.ofSeconds(30));
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(status)));
  }

  @Test
  void aRetryAfterOfASlowClockCountsFromTheAnswersDate() throws Exception {
    Instant itsNow = Instant.now().minus(1, ChronoUnit.DAYS);
    answers(
        aResponse()
            .withStatus(202)
            .withHeader("Date", httpDate(itsNow))
            .withHeader("Retry-After", httpDate(itsNow.plus(1, ChronoUnit.HOURS))));

    String transfer = bench.matched(group);

    await().untilAsserted(() -> assertThat(bench.job(transfer)).containsEntry("polls", 1));
    assertThat(bench.wait(transfer)).isCloseTo(Duration.ofHours(1), Duration.ofSeconds(30));
  }

  private static String httpDate(Instant time) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atZone(ZoneOffset.UTC));
  }

  @Test
  void aJobThatIsNotReadyWithinItsDeadlineExpiresAndIsCancelledAtThePayer() throws Exception {
    own("p2p.poll.deadline", "1s");
    answers(okJson("{\"status\": \"Running\"}"));
    aReleaseIsAnswered(202);

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "EXPIRED")).containsEntry("reason", "JOB_EXPIRED");
    assertThat(bench.transferState(transfer)).isEqualTo("FAILED");
    awaitReleased(transfer);
    GATEWAY.server().verify(1, deleteRequestedFor(urlEqualTo(status)));
  }

  @Test
  void aRetryAfterBeyondTheDeadlineDoesNotHoldTheExpiryBack() throws Exception {
    own("p2p.poll.deadline", "1s");
    answers(aResponse().withStatus(202).withHeader("Retry-After", "86400"));
    aReleaseIsAnswered(202);

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "EXPIRED");
    awaitReleased(transfer);
  }

  static List<ResponseDefinitionBuilder> noAnswer() {
    return List.of(
        aResponse().withStatus(500),
        aResponse().withStatus(503),
        aResponse().withStatus(408),
        aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER),
        aResponse().withFault(Fault.MALFORMED_RESPONSE_CHUNK),
        okJson(refusal("transient")));
  }

  /** Nobody has said whether it is dead, at work or has files. */
  @ParameterizedTest
  @MethodSource("noAnswer")
  void aJobThatThePayerDoesNotAnswerForAtItsDeadlineStaysThereAndARetryGoesOnWithIt(
      ResponseDefinitionBuilder none) throws Exception {
    own("p2p.poll.deadline", "1h");
    answers(untilTheDeadline(), none);

    String transfer = bench.matched(group);
    awaitTheDeadline(transfer);

    assertThat(bench.awaitJob(transfer, "FAILED"))
        .containsEntry("reason", "RETRY_DEADLINE")
        .hasEntrySatisfying(
            "detail", detail -> assertThat(detail.toString()).contains("p2p.poll.deadline"));
    assertThat(bench.waitsFor(transfer)).containsExactly("RELEASE");
    assertThat(bench.wait(transfer)).as("p2p.export.keep-failed-jobs").isGreaterThan(A_DAY);
    assertThat(bench.transferState(transfer)).isEqualTo("FAILED");
    answers(okJson(manifest(output("Patient", FILE + "1"))));

    retry(transfer);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer)).hasSize(1);
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(export)));
    GATEWAY.server().verify(0, deleteRequestedFor(urlEqualTo(status)));
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 410})
  void aJobThatThePayerLostIsKickedOffAgainTwiceAndThenFails(int code) throws Exception {
    answers(aResponse().withStatus(code).withBody("<html>{gone}</html>"));
    aReleaseIsAnswered(404);

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "JOB_GONE");
    GATEWAY.server().verify(3, getRequestedFor(urlEqualTo(export)));
    assertThat(bench.events(transfer))
        .containsSubsequence("EXPORT_RESTARTED", "EXPORT_RESTARTED", "EXPORT_FAILED");
    assertThat(bench.transferState(transfer)).isEqualTo("FAILED");
  }

  @Test
  void aJobThatIsLostTwiceIsLeftAloneForTheLongestWait() throws Exception {
    own("p2p.poll.max-delay", "1h");
    answers(aResponse().withStatus(404));
    aReleaseIsAnswered(404);

    String transfer = bench.matched(group);

    await().untilAsserted(() -> assertThat(bench.job(transfer)).containsEntry("restarts", 2));
    assertThat(bench.waitsFor(transfer)).containsExactly("EXPORT_KICKOFF");
    assertThat(bench.wait(transfer)).isCloseTo(Duration.ofHours(1), Duration.ofSeconds(30));
    GATEWAY.server().verify(2, getRequestedFor(urlEqualTo(export)));
  }

  @Test
  void aJobThatIsFoundAgainAfterItsRestartGoesOn() throws Exception {
    answers(aResponse().withStatus(404), okJson(manifest(output("Patient", FILE + "1"))));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "READY")).containsEntry("restarts", 1);
    GATEWAY.server().verify(2, getRequestedFor(urlEqualTo(export)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Failed", "Cancelled", "CANCELED", "error"})
  void aJobThatFailedAtThePayerFails(String word) throws Exception {
    answers(okJson("{\"status\": \"%s\", \"output\": []}".formatted(word)));
    aReleaseIsAnswered(202);

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "JOB_FAILED");
    assertThat(bench.transferState(transfer)).isEqualTo("FAILED");
  }

  /** Case failed-job-500. */
  @ParameterizedTest
  @CsvSource({"500, exception", "501, not-supported", "400, invalid"})
  void aJobThatFailsByItsStatusIsAskedForEightTimesAndThenFailsWithTheCode(int code, String why)
      throws Exception {
    answers(
        aResponse().withStatus(202),
        jsonResponse(refusal(why), code).withHeader("Retry-After", "0"));
    aReleaseIsAnswered(404);

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED"))
        .containsEntry("reason", "JOB_FAILED")
        .containsEntry(
            "detail",
            "payer bison answered %d (%s) to the request for the export's status, 8 polls in a row"
                .formatted(code, why));
    assertThat(bench.transferState(transfer)).isEqualTo("FAILED");
    GATEWAY.server().verify(9, getRequestedFor(urlEqualTo(status)));
    awaitReleased(transfer);
    theNextJobIsReady();

    retry(transfer);

    bench.awaitJob(transfer, "READY");
    GATEWAY.server().verify(9, getRequestedFor(urlEqualTo(status)));
    GATEWAY.server().verify(1, deleteRequestedFor(urlEqualTo(status)));
  }

  @Test
  void anOutcomeWithAnErrorUnderStatus200IsAFailureLikeAnyOther() throws Exception {
    answers(okJson(refusal("not-supported")));
    aReleaseIsAnswered(202);

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED"))
        .containsEntry("reason", "JOB_FAILED")
        .extractingByKey("detail")
        .asString()
        .contains("(not-supported)");
    GATEWAY.server().verify(8, getRequestedFor(urlEqualTo(status)));
  }

  @Test
  void onlyPollsInARowAddUpToAFailedJob() throws Exception {
    ResponseDefinitionBuilder failed = jsonResponse(refusal("exception"), 500);
    answers(
        failed,
        failed,
        failed,
        failed,
        failed,
        aResponse().withStatus(502),
        failed,
        failed,
        okJson("{\"status\": \"Running\"}"),
        failed,
        failed,
        failed,
        failed,
        failed,
        failed,
        failed,
        okJson(manifest(output("Patient", FILE + "1"))));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "READY")).containsEntry("refused_polls", 0);
  }

  @ParameterizedTest
  @CsvSource({"transient, 500", "timeout, 500", "throttled, 400", "transient, 200"})
  void anOutcomeThatMayPassIsNoFailureOfTheJob(String code, int httpStatus) throws Exception {
    ResponseDefinitionBuilder passing = jsonResponse(refusal(code), httpStatus);
    answers(
        passing,
        passing,
        passing,
        passing,
        passing,
        passing,
        passing,
        passing,
        passing,
        okJson(manifest(output("Patient", FILE + "1"))));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "READY")).containsEntry("refused_polls", 0);
  }

  /** An empty object is what a server answered for a job that had been stopped. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "<html>Request Rejected</html>",
        "{\"status\": \"Successful\", \"output\": [{\"type\": \"Pati",
        "{\"status\": \"completed\", \"resourceCount\": 31}",
        "{\"output\": [{\"type\": \"Patient\"}]}"
      })
  void aPayerThatGoesOnAnsweringWithWhatIsNoAnswerFailsTheJobAndARetryStartsAnother(String answer)
      throws Exception {
    answers(ok(answer));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "BAD_ANSWER");
    GATEWAY.server().verify(8, getRequestedFor(urlEqualTo(status)));
    GATEWAY.server().verify(0, deleteRequestedFor(urlEqualTo(status)));
    aReleaseIsAnswered(202);
    theNextJobIsReady();

    retry(transfer);

    bench.awaitJob(transfer, "READY");
    GATEWAY.server().verify(1, deleteRequestedFor(urlEqualTo(status)));
    assertThat(
            GATEWAY.server().getAllServeEvents().stream()
                .map(event -> event.getRequest())
                .map(request -> request.getMethod() + " " + request.getUrl())
                .filter(request -> request.endsWith(status) || request.endsWith(export))
                .filter(request -> !request.equals("GET " + status)))
        .as("the latest first: the old job goes before the new one is asked for")
        .containsExactly("GET " + export, "DELETE " + status, "GET " + export);
  }

  @Test
  void aJobThatIsToBeReleasedFirstIsKickedOffAllTheSameWhenThePayerDoesNotReleaseIt()
      throws Exception {
    answers(ok("{}"));
    String transfer = bench.matched(group);
    bench.awaitJob(transfer, "FAILED");
    aReleaseIsAnswered(403);
    theNextJobIsReady();

    retry(transfer);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.events(transfer))
        .containsSubsequence("RELEASE_GIVEN_UP", "KICKOFF_STARTED", "EXPORT_RUNNING");
  }

  /** Case manifest-without-output, and finished jobs whose word for it is another. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"transactionTime\": \"2026-11-20T10:00:00.000Z\", \"request\": \"https://payer.example/x\", \"requiresAccessToken\": false}",
        "{\"status\": \"ready\"}",
        "{\"status\": \"Completed\", \"output\": []}",
        "{\"status\": \"Successful\", \"resourceCount\": 0, \"output\": []}"
      })
  void aFinishedJobWithoutAnyFileIsCompleteWithAWarningAndNotAskedForAgain(String answer)
      throws Exception {
    answers(okJson(answer));
    aReleaseIsAnswered(202);

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "COMPLETE"))
        .extractingByKey("warnings")
        .asString()
        .hasLineCount(1);
    bench.awaitEnd(transfer, "COMPLETE");
    awaitReleased(transfer);
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(status)));
  }

  /** As servers write them that keep their files beside the job. */
  @Test
  void fileUrlsAreRelativeToTheStatusRequest() throws Exception {
    answers(
        okJson(
            manifest(
                "%s,%s,%s"
                    .formatted(
                        output("Patient", FILE + "1"),
                        "{\"type\": \"Coverage\", \"url\": \"%s-files/Coverage_1.ndjson\"}"
                            .formatted(jobId),
                        "{\"type\": \"Claim\", \"url\": \"../file/2\"}"))));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer))
        .extracting(file -> file.get("url").toString().replace(GATEWAY.url(), ""))
        .containsExactly(FILE + "1", status + "-files/Coverage_1.ndjson", FILE + "2");
  }

  @ParameterizedTest
  @CsvSource({"200, Fulfilled", "200, archived", "202, Successful"})
  void filesUnderAStatusThatNobodyKnowsAreTakenWhenItStaysSo(int code, String word)
      throws Exception {
    answers(
        jsonResponse(
            "{\"status\": \"%s\", \"output\": [%s]}".formatted(word, output("Patient", FILE + "1")),
            code));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "READY").get("warnings"))
        .isEqualTo(
            code == 202
                ? null
                : "the payer's status does not say that the job has ended; the files that it named were taken");
    assertThat(bench.files(transfer)).hasSize(1);
    GATEWAY.server().verify(8, getRequestedFor(urlEqualTo(status)));
    GATEWAY.server().verify(0, deleteRequestedFor(urlEqualTo(status)));
  }

  @ParameterizedTest
  @CsvSource({
    "archived, (archived)",
    "ENTERED_IN_ERROR, (ENTERED_IN_ERROR)",
    "Marlowe, ''",
    "MARLOWE, ''",
    "Ada Marlowe, ''",
    "4711, ''"
  })
  void aStatusThatNobodyKnowsWithoutFilesFailsAndTheJobStaysAtThePayer(String word, String told)
      throws Exception {
    answers(okJson("{\"status\": \"%s\", \"output\": []}".formatted(word)));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED"))
        .containsEntry("reason", "BAD_ANSWER")
        .containsEntry(
            "detail",
            "the payer calls the job's state by a word that is not known %s".formatted(told).strip()
                + ", and names no file, 8 polls in a row");
    GATEWAY.server().verify(8, getRequestedFor(urlEqualTo(status)));
    GATEWAY.server().verify(0, deleteRequestedFor(urlEqualTo(status)));
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 2", ", 1, 2", ", 0, 3"})
  void aStatusThatNobodyKnowsIsWorkWhereThePayerShowsItsWork(
      String retryAfter, int running, int total) throws Exception {
    ResponseDefinitionBuilder atWork =
        okJson(
            "{\"status\": \"Marinated\", \"batches\": {\"running\": %d, \"complete\": 1, \"failed\": 1, \"total\": %d}}"
                .formatted(running, total));
    answers(retryAfter == null ? atWork : atWork.withHeader("Retry-After", retryAfter));

    String transfer = bench.matched(group);

    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () -> assertThat((int) bench.job(transfer).get("polls")).isGreaterThanOrEqualTo(2));
    assertThat(bench.job(transfer)).containsEntry("refused_polls", 0);
  }

  @Test
  void filesThatAreNamedAtTheDeadlineAreTakenAndNotDeletedUnread() throws Exception {
    own("p2p.poll.deadline", "1s");
    answers(
        okJson("{\"status\": \"Running\", \"output\": [" + output("Patient", FILE + "1") + "]}"));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "READY"))
        .extractingByKey("warnings")
        .asString()
        .contains("does not say that the job has ended");
    assertThat(bench.files(transfer)).hasSize(1);
    GATEWAY.server().verify(0, deleteRequestedFor(urlEqualTo(status)));
  }

  @Test
  void filesThatAStatusThatNobodyKnowsNamesAtTheDeadlineAreTakenAndNotDeletedUnread()
      throws Exception {
    own("p2p.poll.deadline", "1h");
    answers(
        untilTheDeadline(),
        okJson("{\"status\": \"Fulfilled\", \"output\": [" + output("Patient", FILE + "1") + "]}"));

    String transfer = bench.matched(group);
    awaitTheDeadline(transfer);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer)).hasSize(1);
    GATEWAY.server().verify(0, deleteRequestedFor(urlEqualTo(status)));
  }

  @Test
  void whatIsNoAnswerIsHeardEightTimesAtTheDeadlineAsWell() throws Exception {
    own("p2p.poll.deadline", "1h");
    answers(untilTheDeadline(), okJson("{}"));

    String transfer = bench.matched(group);
    awaitTheDeadline(transfer);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "BAD_ANSWER");
    GATEWAY.server().verify(0, deleteRequestedFor(urlEqualTo(status)));
  }

  @Test
  void aPayerThatAsksForPausesAtTheDeadlineGetsThemAndItsFilesAreTaken() throws Exception {
    own("p2p.poll.deadline", "1h");
    ResponseDefinitionBuilder busy = aResponse().withStatus(429);
    answers(
        untilTheDeadline(),
        busy,
        busy,
        busy,
        busy,
        okJson(manifest(output("Patient", FILE + "1"))));

    String transfer = bench.matched(group);
    awaitTheDeadline(transfer);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer)).hasSize(1);
    GATEWAY.server().verify(0, deleteRequestedFor(urlEqualTo(status)));
  }

  @Test
  void errorsThatCanPassAreAskedForAgain() throws Exception {
    answers(
        aResponse()
            .withStatus(500)
            .withBody(
                """
                {"resourceType": "OperationOutcome",
                 "issue": [{"severity": "error", "code": "transient"}]}
                """),
        ok("{\"status\": \"Successful\", \"output\": [{\"type\": \"Pati"),
        aResponse().withStatus(429).withHeader("Retry-After", "1"),
        okJson(manifest(output("Patient", FILE + "1"))));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer)).hasSize(1);
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(export)));
  }

  @Test
  void anExportWithoutDataCompletesTheTransferAndReleasesTheJob() throws Exception {
    answers(okJson("{\"status\": \"Successful\", \"resourceCount\": 0, \"output\": []}"));
    aReleaseIsAnswered(202);

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "COMPLETE");
    bench.awaitEnd(transfer, "COMPLETE");
    awaitReleased(transfer);
  }

  @Test
  void failedBatchesMakeAPartialResultThatSaysSo() throws Exception {
    answers(
        okJson(
            """
            {"status": "Successful", "batches": {"complete": 5, "failed": 1, "total": 6},
             "output": [{"type": "Patient", "url": "%s1"}]}
            """
                .formatted(GATEWAY.url() + FILE)));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "READY"))
        .containsEntry("warnings", "partial result: 1 of 6 batches failed at the payer");
  }

  @Test
  void aStandardManifestKeepsErrorsDeletionsCountsAndWhatIsSaidOfTheToken() throws Exception {
    answers(
        okJson(
            """
            {"transactionTime": "2026-01-31T10:11:12Z", "request": "r", "requiresAccessToken": false,
             "output": [{"type": "Patient", "url": "/files/1", "count": 12}],
             "error": [{"type": "OperationOutcome", "url": "/files/2"}],
             "deleted": [{"type": "Bundle", "url": "/files/3"}],
             "extension": {"anything": true}}
            """));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer))
        .extracting(file -> file.get("kind"))
        .containsExactly("OUTPUT", "ERROR", "DELETED");
    assertThat(bench.files(transfer).get(0))
        .containsEntry("url", GATEWAY.url() + "/files/1")
        .containsEntry("expected_count", 12L)
        .containsEntry("requires_access_token", false);
  }

  @Test
  void severalFilesOfOneTypeGetNumbersOfTheirOwn() throws Exception {
    answers(
        okJson(
            manifest(
                output("Patient", FILE + "a"),
                output("Claim", FILE + "b"),
                output("Patient", FILE + "c"),
                output("Patient", FILE + "d"))));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer))
        .extracting(file -> file.get("resource_type"), file -> file.get("number"))
        .containsExactly(
            tuple("Patient", 1), tuple("Claim", 2), tuple("Patient", 3), tuple("Patient", 4));
  }

  @Test
  void aFileOnAForeignHostFailsTheJobBeforeAnyFileIsKeptOrAskedFor() throws Exception {
    answers(
        okJson(
            """
            {"output": [{"type": "Patient", "url": "/files/1"},
                        {"type": "Patient", "url": "%s/files/2"},
                        {"type": "Patient", "url": "/files/3"}]}
            """
                .formatted(FOREIGN.foreignUrl())));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "FOREIGN_HOST");
    assertThat(bench.files(transfer)).isEmpty();
    assertThat(bench.events(transfer)).containsOnlyOnce("EXPORT_FAILED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "Patient/..", "patient", "P", "Patient\\u0000", ""})
  void aTypeThatIsNoResourceTypeNameIsRefused(String type) throws Exception {
    answers(okJson(manifest(output("Patient", FILE + "1"), output(type, FILE + "2"))));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", "PAYER_REFUSED");
    assertThat(bench.files(transfer)).isEmpty();
  }

  @Test
  void expiredFileUrlsAreReplacedByThoseOfTheNextManifest() throws Exception {
    own("p2p.tick", "50ms");
    answers(
        okJson(manifest(output("Patient", FILE + "old-1"), output("Patient", FILE + "old-2"))),
        aResponse().withStatus(202),
        okJson(manifest(output("Patient", FILE + "new-1"), output("Patient", FILE + "new-2"))));
    String transfer = bench.matched(group);
    bench.awaitJob(transfer, "READY");
    OutputFileLedger ledger = bench.bundle().bean("outputFileLedger", OutputFileLedger.class);
    OutputFileClaim file = bench.claims().claimForDownload(1).get(0);

    assertThat(ledger.manifestNeeded(file, LinkLoss.IN_VAIN)).isTrue();
    bench.claims().goOn(bench.bundle().template(), file);

    await()
        .untilAsserted(
            () ->
                assertThat(bench.files(transfer))
                    .extracting(row -> row.get("url"))
                    .containsExactly(
                        GATEWAY.url() + FILE + "new-1", GATEWAY.url() + FILE + "new-2"));
    bench.awaitJob(transfer, "READY");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(export)));
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 404, 405, 410})
  void aReleasedJobIsDeletedOnceWhateverThePayerThinksOfIt(int code) throws Exception {
    answers(okJson("{\"output\": []}"));
    aReleaseIsAnswered(code);

    String transfer = bench.matched(group);

    awaitReleased(transfer);
    bench.awaitEnd(transfer, "COMPLETE");
    GATEWAY.server().verify(1, deleteRequestedFor(urlEqualTo(status)));
  }

  @Test
  void aReleaseThatThePayerCannotTakeNowIsTriedAgain() throws Exception {
    answers(okJson("{\"output\": []}"));
    GATEWAY.inTurn(
        () -> delete(urlEqualTo(status)),
        aResponse().withStatus(503),
        aResponse().withStatus(500),
        aResponse().withStatus(202));

    String transfer = bench.matched(group);

    awaitReleased(transfer);
    GATEWAY.server().verify(3, deleteRequestedFor(urlEqualTo(status)));
  }

  @Test
  void aReleaseThatIsRefusedIsNotedAndLeavesTheTransferComplete() throws Exception {
    answers(okJson("{\"output\": []}"));
    aReleaseIsAnswered(403);

    String transfer = bench.matched(group);

    await().untilAsserted(() -> assertThat(bench.events(transfer)).contains("RELEASE_GIVEN_UP"));
    assertThat(bench.job(transfer)).containsEntry("state", "COMPLETE");
    bench.awaitEnd(transfer, "COMPLETE");
  }

  /** Case release-refused. */
  @ParameterizedTest
  @CsvSource({"500, 1", "503, 1", "429, 1", "429,"})
  void aReleaseThatIsRefusedForEverIsTriedAFewTimesAndSaysNothingOfThePayer(
      int code, String retryAfter) throws Exception {
    own("p2p.tick", "50ms");
    answers(okJson("{\"output\": []}"));
    GATEWAY.stub(
        delete(urlEqualTo(status))
            .willReturn(
                retryAfter == null
                    ? jsonResponse(refusal("exception"), code)
                    : jsonResponse(refusal("exception"), code)
                        .withHeader("Retry-After", retryAfter)));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "COMPLETE");
    bench.awaitEnd(transfer, "COMPLETE");
    await().untilAsserted(() -> assertThat(bench.events(transfer)).contains("RELEASE_GIVEN_UP"));
    GATEWAY.server().verify(5, deleteRequestedFor(urlEqualTo(status)));
    assertThat(bench.events(transfer)).doesNotContain("RETRY_LATER");
    assertThat(bench.gate()).containsEntry("pace", null).containsEntry("held_until", null);
  }

  @Test
  void threeHundredJobsAreAskedForWithinSeconds() throws Exception {
    GATEWAY.stub(
        get(urlPathMatching("/v1/bison/bulk-data/r4/Group/" + group + "-\\d+/\\$export"))
            .willReturn(okJson(outcome(jobId))));
    answers(okJson(manifest(output("Patient", FILE + "1"))));
    String[] groups = IntStream.range(0, 300).mapToObj(i -> group + "-" + i).toArray(String[]::new);

    String transfer = bench.matched(groups);

    await().untilAsserted(() -> assertThat(bench.files(transfer)).hasSize(300));
    GATEWAY.server().verify(300, getRequestedFor(urlEqualTo(status)));
    assertThat(bench.files(transfer))
        .extracting(file -> file.get("number"))
        .doesNotHaveDuplicates();
  }

  @Test
  void aManifestOfTwentyThousandFilesIsTakenOverAtOnce() throws Exception {
    String outputs =
        IntStream.range(0, 20_000)
            .mapToObj(i -> output("Observation", FILE + i))
            .collect(Collectors.joining(","));
    answers(okJson("{\"output\": [" + outputs + "]}"));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertThat(
            bench
                .bundle()
                .jdbc()
                .sql("SELECT COUNT(DISTINCT number) FROM output_file WHERE transfer_id = ?")
                .param(transfer)
                .query(Integer.class)
                .single())
        .isEqualTo(20_000);
  }

  /** Gives the test a bundle of its own, for a setting that others do not share. */
  private void own(String key, String value) throws Exception {
    bench = BENCHES.own(key, value);
  }

  private void awaitReleased(String transfer) {
    await().untilAsserted(() -> assertThat(bench.events(transfer)).contains("EXPORT_RELEASED"));
    assertThat(bench.job(transfer)).doesNotContainEntry("released_at", null);
  }

  /** Has the deadline come behind the first poll. */
  private void awaitTheDeadline(String transfer) {
    await().untilAsserted(() -> assertThat(bench.job(transfer)).containsEntry("polls", 1));
    assertThat(bench.wait(transfer)).isCloseTo(Duration.ofHours(1), Duration.ofMinutes(10));
    for (String time : List.of("export_job SET polling_since", "step SET due_at")) {
      String column = time.substring(time.lastIndexOf(' ') + 1);
      bench
          .bundle()
          .jdbc()
          .sql("UPDATE %s = %s - INTERVAL '1' HOUR WHERE transfer_id = ?".formatted(time, column))
          .param(transfer)
          .update();
    }
  }

  /** The next poll after this one is at the deadline. */
  private static ResponseDefinitionBuilder untilTheDeadline() {
    return aResponse().withStatus(202).withHeader("Retry-After", "86400");
  }

  /** Answers status requests one after the other, the last one for ever. */
  private void answers(ResponseDefinitionBuilder... inTurn) {
    GATEWAY.inTurn(() -> get(urlEqualTo(status)), inTurn);
  }

  private void aReleaseIsAnswered(int code) {
    GATEWAY.stub(delete(urlEqualTo(status)).willReturn(aResponse().withStatus(code)));
  }

  /** The next kick-off starts another job, which has a file at once. */
  private void theNextJobIsReady() {
    String next = "/v1/bison/bulk-data/r4/$export/job/next-" + jobId;
    GATEWAY.stub(get(urlEqualTo(export)).willReturn(okJson(outcome("next-" + jobId))));
    GATEWAY.stub(get(urlEqualTo(next)).willReturn(okJson(manifest(output("Patient", FILE + "1")))));
  }

  private void retry(String transfer) {
    assertThat(
            bench.bundle().bean("operatorLedger", OperatorLedger.class).retry(transfer, "a test"))
        .isTrue();
  }

  private static String refusal(String code) {
    return """
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "%s",
         "diagnostics": "the export job has failed"}]}
        """
        .formatted(code);
  }

  private static String output(String type, String path) {
    return "{\"type\": \"%s\", \"url\": \"%s\"}".formatted(type, path);
  }

  private static String manifest(String... outputs) {
    return "{\"status\": \"Successful\", \"output\": [" + String.join(",", outputs) + "]}";
  }

  private static String outcome(String jobId) {
    return """
        {"resourceType": "OperationOutcome", "issue": [{"severity": "information",
         "code": "informational", "details": {"text": "Asynchronous export running. Track job at \
        https://gateway.1upcoredev.com/v1/bison/bulk-data/r4/$export/job/%s"}}]}
        """
        .formatted(jobId);
  }

  private static String referencePage() {
    return """
        {
            "id": "job-1",
            "transactionTime": "2026-01-31T10:11:12.345Z",
            "request": "https://gateway.1up.health/v1/bison/bulk-data/r4/Group/cmk1cuald0005l701sdo7gs8c/$export",
            "requiresAccessToken": true,
            "status": "Successful",
            "resourceCount": 31,
            "batches": {
                "running": 0,
                "complete": 6,
                "failed": 0,
                "total": 6
            },
            "lastUpdated": "2026-01-31T10:12:12.345Z",
            "output": [
                {"type": "Specimen", "url": "HOST/v1/bison/bulk-data/r4/$export/file/b1.ndjson"},
                {"type": "Coverage", "url": "HOST/v1/bison/bulk-data/r4/$export/file/b2.ndjson"},
                {"type": "Patient", "url": "HOST/v1/bison/bulk-data/r4/$export/file/b3.ndjson"},
                {"type": "ExplanationOfBenefit", "url": "HOST/v1/bison/bulk-data/r4/$export/file/b4.ndjson"},
                {"type": "Encounter", "url": "HOST/v1/bison/bulk-data/r4/$export/file/b5.ndjson"},
                {"type": "Observation", "url": "HOST/v1/bison/bulk-data/r4/$export/file/b6.ndjson"}
            ]
        }
        """
        .replace("HOST", "https://gateway.1up.health");
  }
}
