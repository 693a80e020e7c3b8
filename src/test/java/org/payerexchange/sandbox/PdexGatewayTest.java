package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each form and each fault of the sandbox's {@code $bulk-member-match}, over HTTP. */
class PdexGatewayTest {
  private static final String EXTENSION =
      "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/base-ext-match-";

  private Sandbox sandbox;
  private PdexClient client;

  @AfterEach
  void stop() {
    sandbox.close();
  }

  @Test
  void aMatchRunsAsAJobWhoseManifestNamesOneFileWithAGroupALine() {
    start(SandboxOptions.builder().runningPolls(2).retryAfter(Duration.ofSeconds(7)));

    HttpResponse<String> started =
        client.bulkMatch(PdexClient.request(plain(1), special(2, MatchScenario.UNKNOWN)));
    assertThat(started.statusCode()).isEqualTo(202);
    assertThat(started.body()).isEmpty();
    String location = PdexClient.location(started);
    assertThat(location)
        .matches(sandbox.baseUrl("bison") + "/\\$bulk-member-match-poll-status\\?_jobId=\\w+");

    for (int poll = 0; poll < 2; poll++) {
      HttpResponse<String> running = client.get(location);
      assertThat(running.statusCode()).isEqualTo(202);
      assertThat(running.headers().firstValue("Retry-After")).hasValue("7");
      assertThat(running.headers().firstValue("X-Progress")).isPresent();
      assertThat(running.body()).isEmpty();
    }
    HttpResponse<String> done = client.get(location);
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(names(PdexClient.json(done)))
        .containsExactly("transactionTime", "request", "requiresAccessToken", "output", "error");
    assertThat(PdexClient.json(done).path("request").asText())
        .isEqualTo(sandbox.baseUrl("bison") + "/Group/$bulk-member-match");
    JsonNode file = PdexClient.json(done).at("/output/0");
    assertThat(file.path("type").asText()).isEqualTo("Group");
    assertThat(file.path("count").asInt()).isEqualTo(2);
    assertThat(client.get(file.path("url").asText()).body().lines()).hasSize(2);
    assertThat(sandbox.requests().unexpected()).isEmpty();
  }

  @Test
  void theGroupOfTheMatchedLooksAsTheReferenceServersDoes() {
    start(SandboxOptions.builder());

    JsonNode group = client.groups(plain(17)).get(0);

    assertThat(names(group))
        .containsExactly(
            "resourceType",
            "id",
            "meta",
            "contained",
            "identifier",
            "type",
            "actual",
            "code",
            "name",
            "managingEntity",
            "characteristic",
            "member");
    JsonNode request = PdexClient.request(plain(17));
    assertThat(group.path("contained"))
        .containsExactly(
            request.at("/parameter/0/part/0/resource"), request.at("/parameter/0/part/1/resource"));
    assertThat(group.at("/code/coding/0"))
        .isEqualTo(
            PdexClient.read(
                """
                {"system":
                   "http://hl7.org/fhir/us/davinci-pdex/CodeSystem/PdexMultiMemberMatchResultCS",
                 "code": "match", "display": "Matched"}
                """));
    assertThat(group.at("/identifier/0")).isEqualTo(npi("0123456789"));
    assertThat(names(group.at("/characteristic/0")))
        .containsExactly("code", "valueReference", "exclude", "period");
    assertThat(group.at("/characteristic/0/valueReference/identifier"))
        .isEqualTo(npi("0123456789"));
    assertThat(group.at("/member/0/entity"))
        .isEqualTo(
            PdexClient.read(
                """
                {"extension": [
                   {"url": "%1$sparameters", "valueReference": {"reference": "#m-0"}},
                   {"url": "%1$scoverage", "valueReference": {"reference": "#m-0-old"}}],
                 "reference": "Patient/pdex-000000017"}
                """
                    .formatted(EXTENSION)));
  }

  @Test
  void theGroupsOfTheOthersHaveNoIdAndReferToWhatTheyContain() {
    start(SandboxOptions.builder());

    List<JsonNode> groups =
        client.groups(
            special(1, MatchScenario.UNKNOWN), special(2, MatchScenario.CONSENT_CONSTRAINED));

    assertThat(groups)
        .extracting(PdexGatewayTest::code)
        .containsExactly("match", "nomatch", "consentconstraint");
    assertThat(groups.get(0).has("member")).isFalse();
    assertThat(groups.get(1).has("id")).isFalse();
    assertThat(groups.get(1).has("characteristic")).isFalse();
    assertThat(references(groups.get(1))).containsExactly("#m-0");
    assertThat(references(groups.get(2))).containsExactly("#m-1");
  }

  @Test
  void aMatchIsByCoverageNamesBirthDateAndGender() {
    start(SandboxOptions.builder());
    ObjectNode request =
        PdexClient.request(plain(0), plain(1), plain(2), plain(3), plain(4), plain(5));
    patient(request, 1).put("birthDate", "1901-01-01");
    patient(request, 2).put("gender", "male");
    ((ObjectNode) patient(request, 3).at("/name/0")).put("family", "Another");
    ((ObjectNode) patient(request, 4).at("/name/0")).putArray("given").add("Another");
    ((ObjectNode) request.at("/parameter/5/part/1/resource/identifier/0")).put("value", "X-5");

    List<JsonNode> groups = groups(request);

    assertThat(references(groups.get(0))).containsExactly("Patient/pdex-000000000");
    assertThat(references(groups.get(1))).containsExactly("#m-1", "#m-2", "#m-3", "#m-4", "#m-5");
  }

  @ParameterizedTest
  @CsvSource({"2020-01-01, 2020-12-31", "2098-01-01, 2098-12-31"})
  void aConsentThatIsNotInForceTodayConstrains(String first, String last) {
    start(SandboxOptions.builder());
    ObjectNode request = PdexClient.request(plain(1));
    ((ObjectNode) request.at("/parameter/0/part/2/resource/provision/period"))
        .put("start", first)
        .put("end", last);

    assertThat(code(groups(request).get(1))).isEqualTo("consentconstraint");
  }

  @Test
  void aConsentToRegularDataConstrainsWhereThePayerCannotTellItApart() {
    start(SandboxOptions.builder());
    ObjectNode request = PdexClient.request(plain(1));
    ObjectNode policy = (ObjectNode) request.at("/parameter/0/part/2/resource/policy/0");
    policy.put("uri", policy.path("uri").asText().replace("sensitive", "regular"));

    assertThat(groups(request)).extracting(PdexGatewayTest::code).containsExactly("match");
    fault(Fault.REGULAR_CONSTRAINED);
    assertThat(groups(request)).extracting(PdexGatewayTest::code).contains("consentconstraint");
  }

  @Test
  void theGroupsMayComeInFilesOfTheirOwn() {
    start(pdex -> pdex.answering(MatchForm.GROUP_FILES, ResultFile.NDJSON));

    JsonNode manifest = manifest(plain(1), special(2, MatchScenario.UNKNOWN));

    assertThat(types(manifest)).containsExactly("Group", "Group");
    assertThat(client.lines(manifest)).hasSize(2);
  }

  @Test
  void aResultOfPdex21IsOneLineOfParameters() {
    start(pdex -> pdex.answering(MatchForm.PARAMETERS, ResultFile.NDJSON));

    JsonNode manifest =
        manifest(
            plain(1),
            special(2, MatchScenario.UNKNOWN),
            special(3, MatchScenario.CONSENT_CONSTRAINED));

    assertThat(types(manifest)).containsExactly("Parameters");
    List<String> lines = client.lines(manifest).toList();
    assertThat(lines).hasSize(1);
    assertThat(parameters(PdexClient.read(lines.get(0))))
        .containsExactly("MatchedMembers", "NonMatchedMembers", "ConsentConstrainedMembers");
  }

  @Test
  void parametersSayOnlyWhatThereIsButAlwaysWhoIsMatched() {
    start(pdex -> pdex.answering(MatchForm.PARAMETERS, ResultFile.NDJSON));

    JsonNode manifest = manifest(special(2, MatchScenario.UNKNOWN));

    assertThat(parameters(PdexClient.read(client.lines(manifest).findFirst().orElseThrow())))
        .containsExactly("MatchedMembers", "NonMatchedMembers");
  }

  @Test
  void bothFormsMayStandInOneManifest() {
    start(pdex -> pdex.answering(MatchForm.GROUPS_AND_PARAMETERS, ResultFile.NDJSON));

    assertThat(types(manifest(plain(1)))).containsExactly("Group", "Parameters");
  }

  @Test
  void theLastStatusMayBeTheParameters() {
    start(pdex -> pdex.answering(MatchForm.BODY, ResultFile.NDJSON));

    HttpResponse<String> answer = client.result(client.bulkMatch(PdexClient.request(plain(1))));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(parameters(PdexClient.json(answer))).containsExactly("MatchedMembers");
  }

  @Test
  void theRequestItselfMayBeAnsweredAtOnce() {
    start(pdex -> pdex.answering(MatchForm.AT_ONCE, ResultFile.NDJSON));

    HttpResponse<String> answer = client.bulkMatch(PdexClient.request(plain(1)));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Location")).isEmpty();
    String group = PdexClient.json(answer).at("/parameter/0/resource/id").asText();
    assertThat(client.export(group, PdexClient.exportRequest("Patient")).statusCode())
        .isEqualTo(202);
    assertThat(sandbox.bulkMatches()).singleElement().matches(match -> match.jobId().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "X-PDex-Spec-Version, 2.2, Group",
    "Prefer, 'respond-async, pdex-spec=2.2', Group",
    "X-PDex-Spec-Version, 2.1, Parameters",
    "Prefer, respond-async, Parameters"
  })
  void theClientMayChooseTheVersion(String header, String value, String type) {
    start(pdex -> pdex.answering(MatchForm.AS_ASKED, ResultFile.NDJSON));

    HttpResponse<String> started = client.bulkMatch(PdexClient.request(plain(1)), header, value);

    assertThat(types(PdexClient.json(client.result(started)))).containsExactly(type);
  }

  @Test
  void aVersionThatNobodyKnowsIs400() {
    start(pdex -> pdex.answering(MatchForm.AS_ASKED, ResultFile.NDJSON));

    assertThat(
            client
                .bulkMatch(PdexClient.request(plain(1)), "X-PDex-Spec-Version", "9.9")
                .statusCode())
        .isEqualTo(400);
  }

  @Test
  void aFileMayBePrettyPrinted() {
    start(pdex -> pdex.answering(MatchForm.GROUPS, ResultFile.PRETTY));

    JsonNode manifest = manifest(plain(1), special(2, MatchScenario.UNKNOWN));

    assertThat(types(manifest)).containsExactly("Group", "Group");
    String file = client.get(manifest.at("/output/0/url").asText()).body();
    assertThat(file.lines().count()).isGreaterThan(20);
    assertThat(code(PdexClient.read(file))).isEqualTo("match");
  }

  @ParameterizedTest
  @EnumSource(
      value = MatchForm.class,
      names = {"GROUPS", "PARAMETERS"})
  void aFileMayBeABinaryWhateverIsAccepted(MatchForm form) {
    start(pdex -> pdex.answering(form, ResultFile.BINARY));

    HttpResponse<String> file = client.get(manifest(plain(1)).at("/output/0/url").asText());

    JsonNode binary = PdexClient.json(file);
    assertThat(binary.path("resourceType").asText()).isEqualTo("Binary");
    String content = new String(Base64.getDecoder().decode(binary.path("data").asText()), UTF_8);
    assertThat(PdexClient.read(content).path("resourceType").asText())
        .isEqualTo(form == MatchForm.GROUPS ? "Group" : "Parameters");
  }

  @ParameterizedTest
  @CsvSource({
    "GROUPS, */*, application/fhir+ndjson, {",
    "GROUPS, application/fhir+ndjson, application/fhir+ndjson, {",
    "GROUPS, application/fhir+json, application/fhir+json, '{\"resourceType\":\"Binary\"'",
    "PARAMETERS, */*, application/fhir+json, '{\"resourceType\":\"Parameters\"'",
    "PARAMETERS, application/json, application/fhir+json, '{\"resourceType\":\"Parameters\"'",
    "PARAMETERS, application/fhir+json, application/fhir+json, '{\"resourceType\":\"Parameters\"'",
    "PARAMETERS, application/fhir+ndjson, application/fhir+ndjson, <Binary"
  })
  void aFileMayBeABinaryUnlessItsKindIsAccepted(
      MatchForm form, String accept, String type, String begin) {
    start(pdex -> pdex.answering(form, ResultFile.AS_ACCEPTED));

    HttpResponse<String> file =
        client.get(manifest(plain(1)).at("/output/0/url").asText(), "Accept", accept);

    assertThat(file.headers().firstValue("Content-Type")).hasValue(type);
    assertThat(file.body()).startsWith(begin);
  }

  @Test
  void filesThatNeedNoTokenRefuseOne() {
    start(PdexOptions.Builder::openFiles);

    JsonNode manifest = manifest(plain(1));
    String url = manifest.at("/output/0/url").asText();

    assertThat(manifest.path("requiresAccessToken").asBoolean()).isFalse();
    assertThat(client.get(url).statusCode()).isEqualTo(400);
    assertThat(client.getWithoutToken(url).statusCode()).isEqualTo(200);
  }

  @Test
  void filesThatNeedATokenAreNotGivenWithoutOne() {
    start(SandboxOptions.builder());

    JsonNode manifest = manifest(plain(1));

    assertThat(manifest.path("requiresAccessToken").asBoolean()).isTrue();
    assertThat(client.getWithoutToken(manifest.at("/output/0/url").asText()).statusCode())
        .isEqualTo(401);
  }

  @Test
  void aHeaderThatThePayerDemandsIsMissed() {
    start(pdex -> pdex.requiring(Set.of("environment")));
    ObjectNode request = PdexClient.request(plain(1));

    assertThat(client.bulkMatch(request).statusCode()).isEqualTo(400);
    assertThat(client.bulkMatch(request, "environment", "test").statusCode()).isEqualTo(202);
  }

  @Test
  void aJobThatWasReleasedIsGone() {
    start(SandboxOptions.builder());
    HttpResponse<String> started = client.bulkMatch(PdexClient.request(plain(1)));
    String file = PdexClient.json(client.result(started)).at("/output/0/url").asText();

    assertThat(client.delete(PdexClient.location(started)).statusCode()).isEqualTo(202);

    assertThat(client.get(PdexClient.location(started)).statusCode()).isEqualTo(404);
    assertThat(client.get(file).statusCode()).isEqualTo(404);
    assertThat(client.delete(PdexClient.location(started)).statusCode()).isEqualTo(404);
    assertThat(sandbox.bulkMatches()).singleElement().matches(BulkMatch::released);
  }

  @Test
  void aJobThatIsOverMayRefuseToBeReleased() {
    start(SandboxOptions.builder());
    fault(Fault.RELEASE_TOO_LATE);
    HttpResponse<String> started = client.bulkMatch(PdexClient.request(plain(1)));
    client.result(started);

    assertThat(client.delete(PdexClient.location(started)).statusCode()).isEqualTo(404);
    assertThat(client.get(PdexClient.location(started)).statusCode()).isEqualTo(200);
  }

  @Test
  void aJobMayFail() {
    start(SandboxOptions.builder());
    fault(Fault.JOB_FAILED_BY_STATUS);

    assertThat(client.result(client.bulkMatch(PdexClient.request(plain(1)))).statusCode())
        .isEqualTo(500);
  }

  @Test
  void aRequestMayBeThrottled() {
    start(SandboxOptions.builder());
    sandbox.faults().next(RequestKind.BULK_MATCH, Fault.THROTTLE, 1);

    HttpResponse<String> throttled = client.bulkMatch(PdexClient.request(plain(1)));

    assertThat(throttled.statusCode()).isEqualTo(429);
    assertThat(throttled.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(client.bulkMatch(PdexClient.request(plain(1))).statusCode()).isEqualTo(202);
  }

  @Test
  void theJobMayBeNamedInTheBody() {
    start(SandboxOptions.builder());
    fault(Fault.JOB_ID_IN_BODY);

    HttpResponse<String> started = client.bulkMatch(PdexClient.request(plain(1)));

    assertThat(started.headers().firstValue("Content-Location")).isEmpty();
    String job = PdexClient.json(started).path("jobId").asText();
    assertThat(client.get("/$bulk-member-match-poll-status?_jobId=" + job).statusCode())
        .isEqualTo(202);
  }

  @Test
  void contentLocationMayBeAPath() {
    start(SandboxOptions.builder());
    fault(Fault.RELATIVE_LOCATION);

    assertThat(PdexClient.location(client.bulkMatch(PdexClient.request(plain(1)))))
        .startsWith("/v1/bison/$bulk-member-match-poll-status?_jobId=");
  }

  @Test
  void whatIsContainedMayBeRenumbered() {
    start(SandboxOptions.builder());
    fault(Fault.RENUMBERED_IDS);

    JsonNode group = client.groups(plain(1), plain(2)).get(0);

    assertThat(group.path("contained").findValuesAsText("id"))
        .containsExactly("member-1", "coverage-1", "member-2", "coverage-2");
    assertThat(extensions(group, 1)).containsExactly("#member-2", "#coverage-2");
  }

  @Test
  void thePatientsMayBeLeftOut() {
    start(SandboxOptions.builder());
    fault(Fault.WITHOUT_PATIENTS);

    JsonNode group = client.groups(plain(1)).get(0);

    assertThat(group.path("contained").findValuesAsText("resourceType"))
        .containsExactly("Coverage");
    assertThat(extensions(group, 0)).first().isEqualTo("#m-0");
  }

  @Test
  void aGroupMayHaveNoCode() {
    start(SandboxOptions.builder());
    fault(Fault.WITHOUT_CODE);

    assertThat(client.groups(plain(1)).get(0).has("code")).isFalse();
  }

  @Test
  void anAnswerMayNameAHundredThousandMembersMore() {
    start(SandboxOptions.builder());
    fault(Fault.CROWD);

    List<String> references = references(client.groups(plain(1)).get(0));

    assertThat(references).hasSize(100_001).doesNotHaveDuplicates();
    assertThat(references.get(0)).isEqualTo("Patient/pdex-000000001");
  }

  @Test
  void aMemberMayBeInNoBucketOrInTwoOrTwiceInOne() {
    start(SandboxOptions.builder());

    List<JsonNode> groups =
        client.groups(
            special(1, MatchScenario.NO_BUCKET),
            special(2, MatchScenario.TWO_BUCKETS),
            special(3, MatchScenario.TWICE));

    assertThat(references(groups.get(0)))
        .containsExactly(
            "Patient/pdex-000000002", "Patient/pdex-000000003", "Patient/pdex-000000003");
    assertThat(references(groups.get(1))).containsExactly("#m-1");
  }

  @Test
  void twoMembersMayBeAnsweredWithOnePatient() {
    start(SandboxOptions.builder());

    JsonNode group = client.groups(plain(16), special(17, MatchScenario.SAME_PATIENT)).get(0);

    assertThat(references(group))
        .containsExactly("Patient/pdex-000000016", "Patient/pdex-000000016");
    assertThat(extensions(group, 1)).first().isEqualTo("#m-1");
  }

  @Test
  void aReferenceMayLeadNowhere() {
    start(SandboxOptions.builder());

    JsonNode group = client.groups(special(1, MatchScenario.NOWHERE)).get(0);

    assertThat(references(group)).containsExactly("Patient/nowhere");
    assertThat(extensions(group, 0)).containsExactly("#nowhere", "#nowhere");
  }

  @Test
  void aPatientMayBeMissingAmongWhatIsContained() {
    start(SandboxOptions.builder());

    JsonNode group = client.groups(plain(1), special(2, MatchScenario.WITHOUT_PATIENT)).get(0);

    assertThat(group.path("contained").findValuesAsText("resourceType"))
        .containsExactly("Patient", "Coverage", "Coverage");
  }

  @Test
  void somebodyElseMayBeMatchedByAnIdOfAnotherRequest() {
    start(SandboxOptions.builder());

    ObjectNode before = PdexClient.request(plain(9));
    patient(before, 0).put("id", "of-before");
    for (String part : List.of("1/resource/beneficiary", "2/resource/patient")) {
      ((ObjectNode) before.at("/parameter/0/part/" + part)).put("reference", "Patient/of-before");
    }
    ((ObjectNode) before.at("/parameter/0/part/2/resource/performer/0"))
        .put("reference", "Patient/of-before");
    groups(before);

    ObjectNode request = PdexClient.request(special(1, MatchScenario.STRANGER));
    JsonNode group = groups(request).get(0);
    JsonNode again = groups(request).get(0);

    assertThat(again.at("/contained/0/id").asText()).isEqualTo("another-request");
    assertThat(group.at("/contained/0")).isEqualTo(patient(before, 0));
    assertThat(extensions(group, 0)).first().isEqualTo("#of-before");
    assertThat(references(group)).doesNotContain("Patient/pdex-000000001");
  }

  @Test
  void theSandboxTellsWhatWasAskedAndWhoWasMatched() {
    start(SandboxOptions.builder());
    PdexMember unknown = special(2, MatchScenario.UNKNOWN);

    String group = client.matched(plain(1), unknown);

    assertThat(sandbox.bulkMatches())
        .singleElement()
        .satisfies(
            match -> {
              assertThat(match.submitted()).containsExactly("PDEX-1", "PDEX-2-UNKNOWN");
              assertThat(match.matched()).containsExactly(plain(1));
              assertThat(match.groupId()).isEqualTo(group);
            });
    assertThat(sandbox.requests().matches()).containsOnly(Map.entry("bison/" + group, 1));
    assertThat(sandbox.requests().received(RequestKind.BULK_MATCH)).isOne();
    assertThat(sandbox.requests().received(RequestKind.BULK_MATCH_STATUS)).isEqualTo(2);
    assertThat(sandbox.requests().received(RequestKind.BULK_MATCH_FILE)).isOne();
  }

  @Test
  void aGroupCanBeReadAndFoundAgain() {
    start(SandboxOptions.builder());
    JsonNode group = client.groups(plain(1)).get(0);
    String npi = "http://hl7.org/fhir/sid/us-npi%7C0123456789";

    assertThat(PdexClient.json(client.get("/Group/" + group.path("id").asText()))).isEqualTo(group);
    for (String query :
        List.of(
            "identifier=" + npi,
            "identifier=0123456789",
            "characteristic=match",
            "code=match&identifier=" + npi,
            "characteristic-value-reference=" + npi)) {
      JsonNode bundle = PdexClient.json(client.get("/Group?" + query));
      assertThat(bundle.path("total").asInt()).as(query).isOne();
      assertThat(bundle.at("/entry/0/resource")).isEqualTo(group);
    }
    for (String query : List.of("identifier=9876543210", "code=nomatch", "characteristic=x")) {
      assertThat(PdexClient.json(client.get("/Group?" + query)).path("total").asInt()).isZero();
    }
    assertThat(client.get("/Group/unknown").statusCode()).isEqualTo(404);
    assertThat(client.get("/../heron/Group/" + group.path("id").asText()).statusCode())
        .isEqualTo(404);
  }

  private void start(SandboxOptions.Builder options) {
    sandbox = Sandbox.start(options.build());
    client = new PdexClient(sandbox);
  }

  private void start(Consumer<PdexOptions.Builder> change) {
    start(SandboxOptions.builder().pdex(change));
  }

  private void fault(Fault fault) {
    sandbox.faults().rates(Map.of(fault, 1.0));
  }

  private JsonNode manifest(PdexMember... members) {
    return PdexClient.json(client.result(client.bulkMatch(PdexClient.request(members))));
  }

  private List<JsonNode> groups(ObjectNode request) {
    return client
        .lines(PdexClient.json(client.result(client.bulkMatch(request))))
        .map(PdexClient::read)
        .toList();
  }

  private static PdexMember plain(int number) {
    return PdexMember.of("bison", number);
  }

  private static PdexMember special(int number, MatchScenario scenario) {
    return new PdexMember("bison", number, scenario);
  }

  private static ObjectNode patient(ObjectNode request, int member) {
    return (ObjectNode) request.at("/parameter/%d/part/0/resource".formatted(member));
  }

  private static JsonNode npi(String value) {
    return PdexClient.read(
        "{\"system\":\"http://hl7.org/fhir/sid/us-npi\",\"value\":\"%s\"}".formatted(value));
  }

  private static String code(JsonNode group) {
    return group.at("/code/coding/0/code").asText();
  }

  private static List<String> references(JsonNode group) {
    return StreamSupport.stream(group.path("member").spliterator(), false)
        .map(member -> member.at("/entity/reference").asText())
        .toList();
  }

  private static List<String> extensions(JsonNode group, int member) {
    return group.at("/member/%d/entity/extension".formatted(member)).findValuesAsText("reference");
  }

  private static List<String> types(JsonNode manifest) {
    return manifest.path("output").findValuesAsText("type");
  }

  private static List<String> parameters(JsonNode parameters) {
    return StreamSupport.stream(parameters.path("parameter").spliterator(), false)
        .map(parameter -> parameter.path("name").asText())
        .toList();
  }

  private static List<String> names(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }
}
