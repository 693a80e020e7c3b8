package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.deleteRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.moreThan;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;

/**
 * Each failure of a payer, from the inbox to the outbox: what the ledger and the disk hold in the
 * end, and that the token went to nobody but the payer.
 */
class FailuresTest {
  private static final Gateway GATEWAY = new Gateway();

  /** Another host: it must never be asked for anything. */
  private static final Gateway ELSEWHERE = new Gateway();

  private static final String TOKEN_URL = "/auth/realms/dev-portal/protocol/openid-connect/token";
  private static final String MATCH_URL = "/v1/bison/member-match/$member-match";
  private static final String PATIENT = "{\"resourceType\":\"Patient\",\"id\":\"p1\"}\n";
  private static final String COVERAGE = "{\"resourceType\":\"Coverage\",\"id\":\"c1\"}\n";
  private static final String TOKEN = "secret-token";
  private static final Duration SILENCE = Duration.ofSeconds(2);

  @TempDir static Path folder;
  private static TestBundle bundle;
  private static Pipeline pipeline;

  private final String member = UUID.randomUUID().toString();
  private final String exportUrl = "/v1/bison/bulk-data/r4/Group/g-" + member + "/$export";
  private final String statusUrl = "/v1/bison/bulk-data/r4/$export/job/" + member;
  private final String patientUrl = "/v1/bison/bulk-data/r4/$export/file/" + member + "-1";
  private final String coverageUrl = "/v1/bison/bulk-data/r4/$export/file/" + member + "-2";

  @BeforeAll
  static void start() throws Exception {
    GATEWAY.start();
    ELSEWHERE.start();
    bundle =
        TestBundle.in(folder)
            .payer("bison", GATEWAY.url())
            .set("p2p.token.refusal-patience", "5s")
            .start();
    pipeline = new Pipeline(bundle);
  }

  @AfterAll
  static void stop() {
    bundle.close();
    GATEWAY.stop();
    ELSEWHERE.stop();
  }

  /** A payer at which nothing goes wrong; tests put their failures before these answers. */
  @BeforeEach
  void answerEverything() {
    GATEWAY.stub(
        post(urlEqualTo(TOKEN_URL))
            .willReturn(
                okJson("{\"access_token\": \"%s\", \"expires_in\": 300}".formatted(TOKEN))));
    GATEWAY.stub(match().willReturn(okJson("{\"groupId\": \"g-%s\"}".formatted(member))));
    GATEWAY.stub(get(urlEqualTo(exportUrl)).willReturn(started(statusUrl)));
    GATEWAY.stub(get(urlEqualTo(statusUrl)).willReturn(manifest(patientUrl, coverageUrl)));
    GATEWAY.stub(get(urlEqualTo(patientUrl)).willReturn(ok(PATIENT)));
    GATEWAY.stub(get(urlEqualTo(coverageUrl)).willReturn(ok(COVERAGE)));
    GATEWAY.stub(delete(urlEqualTo(statusUrl)).willReturn(status(202)));
  }

  @AfterEach
  void theTokenWentToNobodyElseAndIsWrittenNowhere() throws IOException {
    GATEWAY.assertNothingUnexpected();
    assertThat(ELSEWHERE.server().getAllServeEvents()).isEmpty();
    assertThat(pipeline.column("SCRIPT"))
        .anyMatch(line -> line.contains(member))
        .noneMatch(line -> line.contains(TOKEN) || line.contains(TestBundle.CLIENT_SECRET));
    assertThat(everyFile()).allSatisfy(file -> assertThat(file).content().doesNotContain(TOKEN));
  }

  @ParameterizedTest
  @CsvSource({"429,", "429, 1", "503,", "503, 1"})
  void aPayerThatIsBusyAtEveryStepIsAskedAgainAfterTheTimeItAskedFor(int code, String retryAfter)
      throws Exception {
    ResponseDefinitionBuilder busy = status(code);
    atEveryStep(retryAfter == null ? busy : busy.withHeader("Retry-After", retryAfter));

    String id = run("COMPLETE");

    assertBothFilesAreThere(id);
    assertThat(pipeline.events(id)).filteredOn("RETRY_LATER"::equals).hasSize(4);
    assertThat(pipeline.events(id).contains("KICKOFF_REPEATED"))
        .isEqualTo(code == 503 && retryAfter == null);
    if (retryAfter != null) {
      for (String url : List.of(exportUrl, statusUrl, patientUrl)) {
        assertThat(between(url)).isGreaterThan(Duration.ofMillis(950));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {
        "CONNECTION_RESET_BY_PEER",
        "EMPTY_RESPONSE",
        "MALFORMED_RESPONSE_CHUNK",
        "RANDOM_DATA_THEN_CLOSE"
      })
  void anAnswerThatIsResetOrCutOffAtAnyStepIsAskedForAgain(Fault fault) throws Exception {
    atEveryStep(aResponse().withFault(fault));

    String id = run("COMPLETE");

    assertBothFilesAreThere(id);
    assertThat(pipeline.events(id)).filteredOn("RETRY_LATER"::equals).hasSize(4);
    assertThat(pipeline.events(id)).containsOnlyOnce("KICKOFF_REPEATED", "EXPORT_RUNNING");
  }

  @Test
  void aPayerThatDoesNotAnswerInTimeAtAnyStepIsAskedAgain() throws Exception {
    startAnew(SILENCE);
    try {
      atEveryStep(ok().withFixedDelay((int) SILENCE.multipliedBy(2).toMillis()));

      String id = run("COMPLETE");

      assertBothFilesAreThere(id);
      assertThat(pipeline.events(id))
          .filteredOn("RETRY_LATER"::equals)
          .hasSizeGreaterThanOrEqualTo(4);
    } finally {
      startAnew(Duration.ofMinutes(1));
    }
  }

  @Test
  void aTokenThatIsRefusedInMidJobIsReplacedAndTheJobGoesOn() throws Exception {
    GATEWAY.once(get(urlEqualTo(statusUrl)), status(401));
    GATEWAY.once(get(urlEqualTo(patientUrl)), status(401));
    int before = GATEWAY.server().findAll(postRequestedFor(urlEqualTo(TOKEN_URL))).size();

    String id = run("COMPLETE");

    assertBothFilesAreThere(id);
    assertThat(pipeline.events(id)).doesNotContain("RETRY_LATER");
    assertThat(GATEWAY.server().findAll(postRequestedFor(urlEqualTo(TOKEN_URL))).size() - before)
        .isBetween(2, 3);
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(exportUrl)));
  }

  @Test
  void aTokenThatIsRefusedAgainAndAgainFailsTheFileAndTheOthersStay() throws Exception {
    GATEWAY.stub(get(urlEqualTo(patientUrl)).willReturn(status(401)));

    String id = run("FAILED");

    assertOnlyTheCoverageIsThere(id, "PAYER_REFUSED");
    GATEWAY.server().verify(moreThan(4), getRequestedFor(urlEqualTo(patientUrl)));
    assertThat(pipeline.events(id)).contains("RETRY_LATER");
  }

  @Test
  void aJobThatFailsAtThePayerFailsTheTransferAndIsReleased() throws Exception {
    GATEWAY.stub(
        get(urlEqualTo(statusUrl)).willReturn(okJson("{\"status\": \"Failed\", \"output\": []}")));

    String id = run("FAILED");

    assertThat(pipeline.jobs(id).get(0)).containsEntry("reason", "JOB_FAILED");
    assertOnlyTheManifestIsThere(id, "JOB_FAILED");
    GATEWAY.server().verify(1, deleteRequestedFor(urlEqualTo(statusUrl)));
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 410})
  void aJobThatIsGoneIsKickedOffAgain(int code) throws Exception {
    GATEWAY.once(get(urlEqualTo(statusUrl)), status(code));

    String id = run("COMPLETE");

    assertBothFilesAreThere(id);
    assertThat(pipeline.events(id)).containsOnlyOnce("EXPORT_RESTARTED");
    GATEWAY.server().verify(2, getRequestedFor(urlEqualTo(exportUrl)));
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 410})
  void expiredFileUrlsAreReplacedByThoseOfANewManifestAndFilesKeepTheirNames(int code)
      throws Exception {
    String oldPatient = patientUrl + "-old";
    String oldCoverage = coverageUrl + "-old";
    GATEWAY.once(get(urlEqualTo(statusUrl)), manifest(oldPatient, oldCoverage));
    GATEWAY.stub(get(urlEqualTo(oldPatient)).willReturn(status(code)));
    GATEWAY.stub(get(urlEqualTo(oldCoverage)).willReturn(status(code)));

    String id = run("COMPLETE");

    assertBothFilesAreThere(id);
    assertThat(pipeline.events(id)).contains("MANIFEST_NEEDED").doesNotContain("EXPORT_RESTARTED");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(exportUrl)));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403})
  void signedUrlsThatAreTooOldAreReplacedByThoseOfANewManifestAndNeverCarryTheToken(int code)
      throws Exception {
    String old = "?X-Amz-Credential=k&X-Amz-Signature=old";
    String fresh = "?X-Amz-Credential=k&X-Amz-Signature=new";
    GATEWAY.stub(
        get(urlEqualTo(statusUrl)).willReturn(manifest(patientUrl + fresh, coverageUrl + fresh)));
    GATEWAY.once(get(urlEqualTo(statusUrl)), manifest(patientUrl + old, coverageUrl + old));
    GATEWAY.stub(get(urlEqualTo(patientUrl + old)).willReturn(status(code)));
    GATEWAY.stub(get(urlEqualTo(coverageUrl + old)).willReturn(status(code)));
    GATEWAY.stub(withoutToken(patientUrl + fresh).willReturn(ok(PATIENT)));
    GATEWAY.stub(withoutToken(coverageUrl + fresh).willReturn(ok(COVERAGE)));

    String id = run("COMPLETE");

    assertBothFilesAreThere(id);
    assertThat(pipeline.events(id)).contains("MANIFEST_NEEDED").doesNotContain("EXPORT_RESTARTED");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(exportUrl)));
    GATEWAY
        .server()
        .verify(
            0,
            getRequestedFor(urlEqualTo(patientUrl + old))
                .withHeader("Authorization", matching(".*")));
  }

  @Test
  void aSignedUrlThatARedirectLeadsToIsDeadInTheSameWay() throws Exception {
    String signed = patientUrl + "?sig=old";
    GATEWAY.once(get(urlEqualTo(patientUrl)), temporaryRedirect(GATEWAY.url() + signed));
    GATEWAY.stub(withoutToken(signed).willReturn(status(403)));

    String id = run("COMPLETE");

    assertBothFilesAreThere(id);
    assertThat(pipeline.events(id)).containsOnlyOnce("MANIFEST_NEEDED");
  }

  @Test
  void aFileIsFoundAgainByThePathOfItsSignedUrlWhateverTheOrderOfTheManifest() throws Exception {
    String second = "{\"resourceType\":\"Patient\",\"id\":\"p2\"}\n";
    GATEWAY.stub(
        get(urlEqualTo(statusUrl))
            .willReturn(patients(coverageUrl + "?sig=new", patientUrl + "?sig=new")));
    GATEWAY.once(
        get(urlEqualTo(statusUrl)), patients(patientUrl + "?sig=old", coverageUrl + "?sig=old"));
    for (String age : List.of("old", "new")) {
      GATEWAY.stub(get(urlEqualTo(patientUrl + "?sig=" + age)).willReturn(ok(PATIENT)));
    }
    GATEWAY.stub(get(urlEqualTo(coverageUrl + "?sig=old")).willReturn(status(403)));
    GATEWAY.stub(get(urlEqualTo(coverageUrl + "?sig=new")).willReturn(ok(second)));

    String id = run("COMPLETE");

    assertThat(pipeline.outbox("bison", id).resolve("Patient-1.ndjson")).hasContent(PATIENT);
    assertThat(pipeline.outbox("bison", id).resolve("Patient-2.ndjson")).hasContent(second);
  }

  @Test
  void aRetryAsksForANewManifestBeforeAnyFileAndNeverForADeadUrlAgain() throws Exception {
    String dead = patientUrl + "?sig=dead";
    GATEWAY.stub(get(urlEqualTo(statusUrl)).willReturn(manifest(dead, coverageUrl)));
    GATEWAY.stub(get(urlEqualTo(dead)).willReturn(status(403)));
    String id = run("FAILED");
    assertThat(pipeline.transfer(id)).containsEntry("reason", "FILE_GONE");
    int asked = GATEWAY.server().findAll(getRequestedFor(urlEqualTo(dead))).size();
    GATEWAY.stub(get(urlEqualTo(statusUrl)).willReturn(manifest(patientUrl, coverageUrl)));

    assertThat(bundle.bean("operatorLedger", OperatorLedger.class).retry(id, "a test")).isTrue();

    pipeline.awaitEnd(member, "COMPLETE");
    assertBothFilesAreThere(id);
    GATEWAY.server().verify(asked, getRequestedFor(urlEqualTo(dead)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "this is no JSON\n",
        "{\"resourceType\":\"Patient\",\n",
        "{\"resourceType\":\"Coverage\",\"id\":\"c1\"}\n"
      })
  void aLineThatIsNotJsonOrOfAnotherTypeFailsItsFileAndTheOthersStay(String line) throws Exception {
    GATEWAY.stub(get(urlEqualTo(patientUrl)).willReturn(ok(PATIENT + line)));

    String id = run("FAILED");

    assertOnlyTheCoverageIsThere(id, "FILE_INVALID");
    assertThat(pipeline.files(id).get(0).get("detail").toString()).contains("line 2");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(patientUrl)));
  }

  @Test
  void aFileOnAForeignHostFailsTheJobBeforeAnyFileIsFetched() throws Exception {
    GATEWAY.stub(
        get(urlEqualTo(statusUrl))
            .willReturn(
                okJson(
                    outputs(
                        "Patient", GATEWAY.url() + patientUrl, ELSEWHERE.foreignUrl() + "/2"))));

    String id = run("FAILED");

    assertThat(pipeline.jobs(id).get(0)).containsEntry("reason", "FOREIGN_HOST");
    assertOnlyTheManifestIsThere(id, "FOREIGN_HOST");
    GATEWAY.server().verify(0, getRequestedFor(urlEqualTo(patientUrl)));
  }

  @Test
  void aJobOnAForeignHostFailsAndIsNeverAskedFor() throws Exception {
    GATEWAY.stub(
        get(urlEqualTo(exportUrl))
            .willReturn(
                status(202).withHeader("Content-Location", ELSEWHERE.foreignUrl() + statusUrl)));

    String id = run("FAILED");

    assertThat(pipeline.jobs(id).get(0)).containsEntry("reason", "FOREIGN_HOST");
    assertOnlyTheManifestIsThere(id, "FOREIGN_HOST");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(exportUrl)));
  }

  @Test
  void aRedirectElsewhereFailsTheFileAndTheOthersStay() throws Exception {
    GATEWAY.stub(
        get(urlEqualTo(patientUrl)).willReturn(temporaryRedirect(ELSEWHERE.foreignUrl() + "/1")));

    String id = run("FAILED");

    assertOnlyTheCoverageIsThere(id, "FOREIGN_HOST");
  }

  @ParameterizedTest
  @CsvSource({"match, PAYER_REFUSED", "kick-off, FOREIGN_HOST", "status, FOREIGN_HOST"})
  void aRedirectElsewhereAtAnyOtherStepFailsTheTransfer(String step, String reason)
      throws Exception {
    MappingBuilder request =
        switch (step) {
          case "match" -> match();
          case "kick-off" -> get(urlEqualTo(exportUrl));
          default -> get(urlEqualTo(statusUrl));
        };
    GATEWAY.stub(request.willReturn(temporaryRedirect(ELSEWHERE.foreignUrl() + "/1")));

    assertOnlyTheManifestIsThere(run("FAILED"), reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../Patient", "Patient/../..", "/etc/passwd"})
  void aTypeThatIsAPathIsRefusedAndNothingIsWrittenOutsideTheFolder(String type) throws Exception {
    List<Path> before = everyFile();
    GATEWAY.stub(
        get(urlEqualTo(statusUrl))
            .willReturn(
                okJson(outputs(type, GATEWAY.url() + patientUrl, GATEWAY.url() + coverageUrl))));

    String id = run("FAILED");

    assertOnlyTheManifestIsThere(id, "PAYER_REFUSED");
    assertThat(everyFile())
        .filteredOn(file -> !before.contains(file) && !file.toString().contains("inbox"))
        .containsExactly(pipeline.outbox("bison", id).resolve("manifest.json"));
  }

  @Test
  void anAnswerWithoutGroupIdFailsTheTransfer() throws Exception {
    GATEWAY.stub(match().willReturn(okJson("{\"resourceType\": \"Parameters\"}")));

    String id = run("FAILED");

    assertThat(pipeline.jobs(id)).isEmpty();
    assertOnlyTheManifestIsThere(id, "NO_GROUP_ID");
  }

  @Test
  void twoGroupIdsAreTwoExportsWhoseFilesAreNumberedThrough() throws Exception {
    GATEWAY.stub(
        match().willReturn(okJson("{\"groupId\": [\"g-%s\", \"second\"]}".formatted(member))));
    String secondJob = statusUrl + "-second";
    String secondFile = patientUrl + "-second";
    GATEWAY.stub(
        get(urlEqualTo("/v1/bison/bulk-data/r4/Group/second/$export"))
            .willReturn(started(secondJob)));
    GATEWAY.stub(
        get(urlEqualTo(secondJob))
            .willReturn(
                okJson(
                    "{\"output\": [{\"type\": \"Patient\", \"url\": \"%s\"}]}"
                        .formatted(GATEWAY.url() + secondFile))));
    GATEWAY.stub(get(urlEqualTo(secondFile)).willReturn(ok(PATIENT)));
    GATEWAY.stub(delete(urlEqualTo(secondJob)).willReturn(status(202)));

    String id = run("COMPLETE");

    assertThat(pipeline.jobs(id)).hasSize(2).allSatisfy(FailuresTest::isComplete);
    assertThat(pipeline.files(id))
        .extracting(file -> file.get("number"), file -> file.get("state"))
        .containsExactly(tuple(1, "STORED"), tuple(2, "STORED"), tuple(3, "STORED"));
    assertThat(pipeline.delivered("bison", id)).hasSize(4).doesNotHaveDuplicates();
  }

  @Test
  void anEmptyOutputCompletesTheTransferWithAManifestAlone() throws Exception {
    GATEWAY.stub(
        get(urlEqualTo(statusUrl))
            .willReturn(okJson("{\"status\": \"Successful\", \"output\": []}")));

    String id = run("COMPLETE");

    assertThat(pipeline.delivered("bison", id)).containsExactly("manifest.json");
    assertThat(pipeline.outbox("bison", id).resolve("manifest.json"))
        .content()
        .contains("COMPLETE");
    assertThat(pipeline.jobs(id)).singleElement().satisfies(FailuresTest::isComplete);
    assertThat(pipeline.files(id)).isEmpty();
    GATEWAY.server().verify(1, deleteRequestedFor(urlEqualTo(statusUrl)));
  }

  private static void startAnew(Duration responseTimeout) throws Exception {
    bundle.stop();
    bundle.set("p2p.http.response-timeout", responseTimeout.toSeconds() + "s").start();
  }

  /** Takes the member in and waits for the end of its transfer. */
  private String run(String state) throws Exception {
    pipeline.take(
        List.of(Pipeline.record(member, "bison", member, "Ada", "Marlowe", "1980-04-05", member)));
    return pipeline.awaitEnd(member, state);
  }

  private void atEveryStep(ResponseDefinitionBuilder failure) {
    GATEWAY.once(match(), failure);
    GATEWAY.once(get(urlEqualTo(exportUrl)), failure);
    GATEWAY.once(get(urlEqualTo(statusUrl)), failure);
    GATEWAY.once(get(urlEqualTo(patientUrl)), failure);
  }

  private static MappingBuilder withoutToken(String url) {
    return get(urlEqualTo(url)).withHeader("Authorization", absent());
  }

  private static ResponseDefinitionBuilder patients(String first, String second) {
    return okJson(
        """
        {"output": [{"type": "Patient", "url": "%s"}, {"type": "Patient", "url": "%s"}]}
        """
            .formatted(GATEWAY.url() + first, GATEWAY.url() + second));
  }

  private MappingBuilder match() {
    return post(urlEqualTo(MATCH_URL)).withRequestBody(containing(member));
  }

  private static ResponseDefinitionBuilder started(String job) {
    return status(202).withHeader("Content-Location", GATEWAY.url() + job);
  }

  private static ResponseDefinitionBuilder manifest(String patients, String coverages) {
    return okJson(outputs("Patient", GATEWAY.url() + patients, GATEWAY.url() + coverages));
  }

  private static String outputs(String type, String first, String second) {
    return """
        {"requiresAccessToken": true, "output": [{"type": "%s", "url": "%s"},
         {"type": "Coverage", "url": "%s"}]}
        """
        .formatted(type, first, second);
  }

  private void assertBothFilesAreThere(String id) throws IOException {
    assertThat(pipeline.delivered("bison", id))
        .containsExactly("Coverage-2.ndjson", "Patient-1.ndjson", "manifest.json");
    assertThat(pipeline.outbox("bison", id).resolve("Patient-1.ndjson")).hasContent(PATIENT);
    assertThat(pipeline.outbox("bison", id).resolve("Coverage-2.ndjson")).hasContent(COVERAGE);
    assertThat(pipeline.leftOf(id)).isEmpty();
    assertThat(pipeline.jobs(id)).singleElement().satisfies(FailuresTest::isComplete);
    assertThat(pipeline.files(id))
        .extracting(file -> file.get("state"), file -> file.get("bytes"))
        .containsExactly(
            tuple("STORED", (long) PATIENT.length()), tuple("STORED", (long) COVERAGE.length()));
  }

  private static void isComplete(Map<String, Object> job) {
    assertThat(job).containsEntry("state", "COMPLETE").containsEntry("reason", null);
  }

  /** The transfer has failed with its first file, and the second is there. */
  private static void assertOnlyTheCoverageIsThere(String id, String reason) throws IOException {
    assertThat(pipeline.transfer(id)).containsEntry("reason", reason);
    assertThat(pipeline.files(id))
        .extracting(file -> file.get("state"), file -> file.get("reason"))
        .containsExactly(tuple("FAILED", reason), tuple("STORED", null));
    assertThat(pipeline.delivered("bison", id))
        .containsExactly("Coverage-2.ndjson", "manifest.json");
    assertThat(pipeline.outbox("bison", id).resolve("Coverage-2.ndjson")).hasContent(COVERAGE);
    assertThat(pipeline.leftOf(id)).isEmpty();
  }

  /** The transfer has failed before any file was fetched. */
  private static void assertOnlyTheManifestIsThere(String id, String reason) throws IOException {
    assertThat(pipeline.transfer(id)).containsEntry("reason", reason);
    assertThat(pipeline.files(id)).isEmpty();
    assertThat(pipeline.delivered("bison", id)).containsExactly("manifest.json");
    assertThat(pipeline.outbox("bison", id).resolve("manifest.json")).content().contains(reason);
    assertThat(pipeline.leftOf(id)).isEmpty();
  }

  private static List<Path> everyFile() throws IOException {
    Path ledger = folder.resolve("data");
    try (Stream<Path> files =
        Files.find(folder, 8, (file, kind) -> kind.isRegularFile() && !file.startsWith(ledger))) {
      return files.toList();
    }
  }

  /** How long after the first request the second one came. */
  private static Duration between(String url) {
    List<Instant> times =
        GATEWAY.server().getAllServeEvents().stream()
            .map(ServeEvent::getRequest)
            .filter(
                request ->
                    request.getUrl().equals(url) && request.getMethod().getName().equals("GET"))
            .map(request -> request.getLoggedDate().toInstant())
            .sorted(Comparator.naturalOrder())
            .toList();
    return Duration.between(times.get(0), times.get(1));
  }
}
