package org.payerexchange.retrieve;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlMatching;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;

/** A payer that is asked by HRex, from the record to the files in the outbox. */
class HrexRouteTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String BASE = "/v1/otter";
  private static final String MATCH = BASE + "/Patient/$member-match";
  private static final String EVERYTHING = BASE + "/Patient/p1/$everything";

  private static final String RECORD =
      """
      payer,requestId,memberId,given,family,birthDate,gender,coverageId,linkMemberId,linkCoverageId,consentId,consentPolicy,consentStart,consentEnd
      otter,r-1,id-1,Ada,Person,1974-12-25,female,cov-1,own-1,own-cov-1,c-1,sensitive,2020-01-01,2099-12-31
      """;

  private static final String PATIENT = "{\"resourceType\":\"Patient\",\"id\":\"p1\"}";

  @TempDir Path folder;
  @RegisterExtension final Gateway gateway = new Gateway();
  private TestBundle bundle;

  @BeforeEach
  void prepare() {
    bundle =
        TestBundle.in(folder)
            .payer("otter", gateway.url())
            .set("p2p.organization.name", "Our Health")
            .set("p2p.organization.npi", "1234567893")
            .set("p2p.organization.uri", "https://our.example")
            .set("p2p.payers.otter.dialect", "hrex")
            .set("p2p.payers.otter.organization.name", "Otter Health")
            .set("p2p.payers.otter.organization.npi", "1245319599");
    gateway.stub(
        post(urlPathEqualTo("/auth/realms/dev-portal/protocol/openid-connect/token"))
            .willReturn(okJson("{\"access_token\":\"t1\",\"expires_in\":300}")));
    gateway.stub(post(urlEqualTo(MATCH)).willReturn(okJson(matched("Patient/p1"))));
    gateway.stub(get(urlEqualTo(BASE + "/metadata")).willReturn(status(404)));
  }

  @AfterEach
  void stop() {
    bundle.close();
  }

  @Test
  void everythingComesPageByPageAndEachResourceOnce() throws Exception {
    page(EVERYTHING + "?_count=100", "n1", PATIENT, condition("c1"));
    page(BASE + "/pages/n1", "n2", condition("c1"), condition("c2"));
    page(BASE + "/pages/n2", null, condition("c3"));

    assertThat(run("COMPLETE")).isZero();

    assertThat(lines("Condition"))
        .containsExactly(condition("c1"), condition("c2"), condition("c3"));
    assertThat(lines("Patient")).containsExactly(PATIENT);
    assertThat(manifest().path("files")).hasSize(2);
    gateway
        .server()
        .verify(
            WireMock.postRequestedFor(urlEqualTo(MATCH))
                .withRequestBody(matchingJsonPath("$.parameter[?(@.name == 'MemberPatient')]"))
                .withRequestBody(matchingJsonPath("$.parameter[?(@.name == 'CoverageToMatch')]"))
                .withRequestBody(matchingJsonPath("$.parameter[?(@.name == 'CoverageToLink')]"))
                .withRequestBody(matchingJsonPath("$.parameter[?(@.name == 'Consent')]")));
  }

  /** As Microsoft's FHIR service lists it. */
  @Test
  void aPayerThatListsEverythingAtTheServerIsAskedForIt() throws Exception {
    gateway.stub(
        get(urlEqualTo(BASE + "/metadata"))
            .willReturn(
                okJson(
                    """
                    {"resourceType":"CapabilityStatement","rest":[{"mode":"server",
                    "resource":[{"type":"Patient"}],
                    "operation":[{"name":"export"},{"name":"patient-export"},
                      {"name":"group-export"},{"name":"patient-everything"}]}]}""")));
    page(EVERYTHING + "?_count=100", null, PATIENT, condition("c1"));

    assertThat(run("COMPLETE")).isZero();

    assertThat(lines("Condition")).containsExactly(condition("c1"));
  }

  @Test
  void whatIsAnotherPatientsIsLeftOutAndCounted() throws Exception {
    page(
        EVERYTHING + "?_count=100",
        null,
        PATIENT,
        "{\"resourceType\":\"Patient\",\"id\":\"p2\"}",
        "{\"resourceType\":\"Condition\",\"id\":\"x1\",\"subject\":{\"reference\":\"Patient/p2\"}}",
        "{\"resourceType\":\"Coverage\",\"id\":\"x2\",\"subscriber\":{\"reference\":\"Patient/p1\"},"
            + "\"beneficiary\":{\"reference\":\"Patient/p2\"}}",
        "{\"resourceType\":\"Group\",\"id\":\"x3\",\"member\":[{\"entity\":{\"reference\":\"Patient/p2\"}}]}",
        "{\"resourceType\":\"Coverage\",\"id\":\"k1\",\"subscriber\":{\"reference\":\"Patient/p2\"},"
            + "\"beneficiary\":{\"reference\":\"%s/v1/otter/Patient/p1\"}}"
                .formatted(gateway.url()));

    assertThat(run("COMPLETE")).isEqualTo(1);

    assertThat(all()).hasSize(2).noneMatch(line -> line.contains("\"x"));
    assertThat(manifest().toString())
        .contains("4 resources were left out: they are not the Patient's for certain");
  }

  @Test
  void whatIsReferredToIsReadWhereItDidNotCome() throws Exception {
    String encounter =
        "{\"resourceType\":\"Encounter\",\"id\":\"e1\",\"subject\":{\"reference\":\"Patient/p1\"},"
            + "\"location\":[{\"location\":{\"reference\":\"Location/l1\"}}],"
            + "\"participant\":[{\"individual\":{\"reference\":\"PractitionerRole/r1\"}}],"
            + "\"serviceProvider\":{\"reference\":\"Organization/o9\"}}";
    String role =
        "{\"resourceType\":\"PractitionerRole\",\"id\":\"r1\",\"practitioner\":{\"reference\":\"Practitioner/d1\"}}";
    String doctor = "{\"resourceType\":\"Practitioner\",\"id\":\"d1\"}";
    String location = "{\"resourceType\":\"Location\",\"id\":\"l1\"}";
    page(EVERYTHING + "?_count=100", null, PATIENT, encounter);
    answer("/Location/l1", okJson(location));
    answer("/PractitionerRole/r1", okJson(role));
    answer("/Practitioner/d1", okJson(doctor));
    answer("/Organization/o9", status(404));

    assertThat(run("COMPLETE")).isEqualTo(1);

    assertThat(all()).containsExactlyInAnyOrder(PATIENT, encounter, role, doctor, location);
    assertThat(manifest().toString())
        .contains("1 resources that others refer to could not be read");
  }

  @Test
  void howeverManyOfThemAreRefusedTheRestIsTheMembers() throws Exception {
    String visit =
        "{\"resourceType\":\"Encounter\",\"id\":\"e1\",\"subject\":{\"reference\":\"Patient/p1\"},\"participant\":[%s]}"
            .formatted(
                IntStream.range(0, 250)
                    .mapToObj("{\"individual\":{\"reference\":\"Practitioner/d%d\"}}"::formatted)
                    .collect(Collectors.joining(",")));
    page(EVERYTHING + "?_count=100", null, PATIENT, visit);
    gateway.stub(get(urlMatching(BASE + "/Practitioner/.*")).willReturn(status(403)));

    assertThat(run("COMPLETE")).isEqualTo(1);

    assertThat(all()).containsExactlyInAnyOrder(PATIENT, visit);
    assertThat(manifest().toString())
        .contains("250 resources that others refer to could not be read");
  }

  @Test
  void searchesThatFindNothingLeadNowhereElse() throws Exception {
    bundle
        .set("p2p.payers.otter.retrieval", "search")
        .set("p2p.payers.otter.type", "ServiceRequest,Goal");
    answer("/Patient/p1", okJson(PATIENT));
    gateway.stub(
        get(urlMatching(BASE + "/(Goal|ServiceRequest)\\?.*")).willReturn(okJson(bundle(null))));

    assertThat(run("COMPLETE")).isZero();

    assertThat(all()).containsExactly(PATIENT);
  }

  @Test
  void searchesAreMadeAsTheServerTakesThem() throws Exception {
    bundle
        .set("p2p.payers.otter.retrieval", "search")
        .set("p2p.payers.otter.type", "Condition,Goal,CareTeam");
    String changed = "{\"meta\":{\"lastUpdated\":\"2025-01-01T00:00:00Z\"},";
    answer("/Patient/p1", okJson(PATIENT.replaceFirst("\\{", changed)));
    gateway.stub(get(urlMatching(BASE + "/Condition\\?patient=p1&_.*")).willReturn(status(400)));
    gateway.stub(
        get(urlMatching(BASE + "/Condition\\?patient=p1&category=.*revinclude.*"))
            .willReturn(status(400)));
    for (String category : List.of("problem-list-item", "health-concern", "encounter-diagnosis")) {
      page(
          BASE + "/Condition?patient=p1&category=" + category + "&_count=100",
          category,
          condition(category));
      page(BASE + "/pages/" + category, null, condition(category + "-2"), condition("both"));
    }
    page(
        BASE + "/Goal?patient=p1&_revinclude=Provenance:target&_count=100",
        null,
        "{\"resourceType\":\"Goal\",\"id\":\"g1\",\"subject\":{\"reference\":\"Patient/p1\"}}");
    gateway.stub(get(urlMatching(BASE + "/CareTeam.*")).willReturn(status(403)));

    assertThat(run("COMPLETE")).isEqualTo(1);

    assertThat(all()).hasSize(9);
    assertThat(manifest().path("transactionTimes")).isEmpty();
    assertThat(manifest().toString())
        .contains(
            "the payer answered 403 to a search for CareTeam: what there is of it is missing");
  }

  @ParameterizedTest
  @CsvSource({"404, ''", "405, processing", "501, not-supported", "400, not-supported"})
  void aPayerThatRefusesEverythingIsAskedBySearchesOnce(int status, String code) throws Exception {
    bundle.set("p2p.payers.otter.type", "Condition");
    answer("/Patient/p1/$everything?_count=100&_type=Condition", refusal(status, code));
    answer("/Patient/p1", okJson(PATIENT));
    page(
        BASE + "/Condition?patient=p1&_revinclude=Provenance:target&_count=100",
        null,
        condition("c1"));

    assertThat(run("COMPLETE")).isZero();

    assertThat(all()).containsExactlyInAnyOrder(PATIENT, condition("c1"));
    assertThat(events("ASKED_OTHERWISE"))
        .containsExactly(
            "job 1: the payer answered %d to $everything: searches are made instead"
                .formatted(status));
    gateway.server().verify(1, getRequestedFor(urlPathEqualTo(EVERYTHING)));
    assertThat(events("RETRY_LATER")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "auto, 400, processing",
    "auto, 403, not-supported",
    "everything, 404, ''",
    "everything, 501, not-supported"
  })
  void anyOtherRefusalOfEverythingAndThatOfWhatIsSetEndsTheTransfer(
      String retrieval, int status, String code) throws Exception {
    bundle.set("p2p.payers.otter.retrieval", retrieval);
    answer("/Patient/p1/$everything?_count=100", refusal(status, code));

    run("FAILED");

    assertThat(bundle.column("SELECT reason FROM transfer")).containsExactly("PAYER_REFUSED");
    assertThat(events("ASKED_OTHERWISE")).isEmpty();
  }

  @Test
  void aPayerThatHasNeitherEverythingNorThePatientEndsTheTransfer() throws Exception {
    answer("/Patient/p1/$everything?_count=100", status(404));
    answer("/Patient/p1", status(404));

    run("FAILED");

    assertThat(bundle.column("SELECT detail FROM transfer"))
        .containsExactly("payer answered 404 to the request for Patient");
    assertThat(events("ASKED_OTHERWISE")).hasSize(1);
  }

  private List<String> events(String what) {
    return bundle.column("SELECT detail FROM transfer_event WHERE what = ?", what);
  }

  private static ResponseDefinitionBuilder refusal(int status, String code) {
    return status(status)
        .withBody(
            code.isEmpty()
                ? "<html>no</html>"
                : """
                {"resourceType": "OperationOutcome", "issue": [
                  {"severity": "error", "code": "%s"}]}"""
                    .formatted(code));
  }

  @ParameterizedTest
  @CsvSource({
    "p2p.download.max-transfer-bytes, the transfer's files have",
    "p2p.download.max-unfinished-bytes, the payer's unfinished transfers have",
    "p2p.payers.otter.max-unfinished-bytes, the payer's unfinished transfers have"
  })
  void pagesCountInWhatMayComeWhileTheyAreRead(String key, String what) throws Exception {
    bundle.set(key, "1KB");
    page(
        EVERYTHING + "?_count=100",
        "n1",
        IntStream.range(0, 20).mapToObj(i -> condition("c" + i)).toArray(String[]::new));
    // what has come is looked up once a second
    answer(
        "/pages/n1",
        okJson(bundle(gateway.url() + BASE + "/pages/n2", condition("d"))).withFixedDelay(3000));

    run("FAILED");

    assertThat(bundle.column("SELECT reason FROM transfer")).containsExactly("TOO_LARGE");
    assertThat(bundle.column("SELECT detail FROM transfer"))
        .containsExactly("%s more than 1024 bytes (%s)".formatted(what, key));
    gateway.server().verify(0, getRequestedFor(urlPathEqualTo(BASE + "/pages/n2")));
  }

  @Test
  void whatCameInPagesIsCountedOnce() throws Exception {
    page(EVERYTHING + "?_count=100", "n1", PATIENT, condition("c1"));
    page(BASE + "/pages/n1", null, condition("c2"));

    assertThat(run("COMPLETE")).isZero();

    assertThat(bundle.number("SELECT received_bytes FROM export_job"))
        .isEqualTo(bundle.number("SELECT SUM(bytes) FROM output_file"));
  }

  @Test
  void aPayerThatExportsIsAskedForThePatientAndWhomElseItExportsIsLeftOut() throws Exception {
    exports("");

    assertThat(run("COMPLETE")).isEqualTo(1);

    assertThat(lines("Patient")).containsExactly(PATIENT);
    assertThat(manifest().toString())
        .contains("1 resources were left out: they are not the Patient's for certain");
    assertThat(manifest().at("/files/0/resources").asInt()).isEqualTo(1);
  }

  @Test
  void ofAnOrganizedExportWhatIsLeftOutIsCountedWithoutItsHeaders() throws Exception {
    exports("\"outputOrganizedBy\":\"Patient\",");
    String header =
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"header\",\"valueReference\":{\"reference\":\"Patient/%s\"}}]}\n";
    gateway.stub(
        get(urlEqualTo("/file/1"))
            .willReturn(
                aResponse()
                    .withBody(
                        header.formatted("p2")
                            + PATIENT.replace("p1", "p2")
                            + "\n"
                            + header.formatted("p1")
                            + PATIENT
                            + "\n")));

    assertThat(run("COMPLETE")).isEqualTo(1);

    assertThat(lines("Patient")).containsExactly(PATIENT);
    assertThat(manifest().toString())
        .contains("1 resources were left out: they are not the Patient's for certain");
  }

  /** What nobody says whose it was may be another's. */
  @Test
  void whatAnExportSaysIsDeletedGoesToNoSink() throws Exception {
    bundle.set("p2p.deliver.file-uris.1", "file:" + folder.resolve("copies"));
    exports("\"deleted\":[{\"type\":\"Bundle\",\"url\":\"%s/file/2\"}],".formatted(gateway.url()));
    gateway.stub(
        get(urlEqualTo("/file/2"))
            .willReturn(aResponse().withBody("{\"resourceType\":\"Bundle\"}\n")));

    assertThat(run("COMPLETE")).isEqualTo(2);

    try (Stream<Path> copies = Files.walk(folder.resolve("copies"))) {
      assertThat(copies.filter(Files::isRegularFile).map(file -> file.getFileName().toString()))
          .containsExactly("Patient-1.ndjson");
    }
    assertThat(manifest().toString())
        .contains("1 line(s) of what is deleted at the payer are not applied");
  }

  /**
   * @param more of the manifest
   */
  private void exports(String more) {
    gateway.stub(
        get(urlEqualTo(BASE + "/metadata"))
            .willReturn(
                okJson(
                    """
                    {"resourceType":"CapabilityStatement","rest":[{"resource":[{"type":"Patient",
                    "operation":[{"name":"export"}]}]}]}""")));
    gateway.stub(
        post(urlEqualTo(BASE + "/Patient/$export"))
            .withRequestBody(
                matchingJsonPath(
                    "$.parameter[?(@.name == 'patient')].valueReference.reference",
                    WireMock.equalTo("Patient/p1")))
            .willReturn(status(202).withHeader("Content-Location", gateway.url() + "/job/1")));
    gateway.stub(
        get(urlEqualTo(BASE.replace("/v1/otter", "") + "/job/1"))
            .willReturn(
                okJson(
                    """
                    {"transactionTime":"2026-11-01T00:00:00Z","requiresAccessToken":true,"error":[],%s
                    "output":[{"type":"Patient","url":"%s/file/1"}]}"""
                        .formatted(more, gateway.url()))));
    gateway.stub(
        get(urlEqualTo("/file/1"))
            .willReturn(aResponse().withBody(PATIENT.replace("p1", "p2") + "\n" + PATIENT + "\n")));
    gateway.stub(WireMock.delete(urlEqualTo("/job/1")).willReturn(status(202)));
  }

  @Test
  void aMemberWhoIsNamedByAnIdentifierIsLookedForByIt() throws Exception {
    gateway.stub(post(urlEqualTo(MATCH)).willReturn(okJson(matched(null))));
    patients(identified("p1", "u-1"));
    page(EVERYTHING + "?_count=100", null, PATIENT);

    assertThat(run("COMPLETE")).isZero();

    assertThat(lines("Patient")).containsExactly(PATIENT);
    gateway
        .server()
        .verify(
            getRequestedFor(urlPathEqualTo(BASE + "/Patient"))
                .withQueryParam("identifier", WireMock.equalTo("urn:umb|u-1")));
  }

  /** As HAPI's server answers. */
  @Test
  void anIdThatSaysThatItIsAPatientsIsOne() throws Exception {
    gateway.stub(
        post(urlEqualTo(MATCH))
            .willReturn(
                okJson(
                    """
                    {"resourceType":"Parameters","parameter":[
                      {"name":"MemberIdentifier","valueId":"Patient/p1"}]}""")));
    page(EVERYTHING + "?_count=100", null, PATIENT);

    assertThat(run("COMPLETE")).isZero();

    assertThat(lines("Patient")).containsExactly(PATIENT);
  }

  /** The value of the identifier is another Patient's id: nobody may be asked for it. */
  @ParameterizedTest
  @CsvSource({
    "u-1, u-1, NO_MATCH, AMBIGUOUS_MATCH",
    "other, other, FAILED, RETRY_DEADLINE",
  })
  void aMemberWhoIsNotFoundForCertainIsNotServed(
      String first, String second, String state, String reason) throws Exception {
    bundle.set("p2p.retry.deadline", "1s");
    gateway.stub(post(urlEqualTo(MATCH)).willReturn(okJson(matched(null))));
    patients(identified("p1", first), identified("p2", second));

    run(state);

    assertThat(bundle.column("SELECT reason FROM transfer")).containsExactly(reason);
    assertThat(bundle.column("SELECT state FROM export_job")).isEmpty();
  }

  /** Ada Person, born on 1974-12-25, is asked for. */
  @ParameterizedTest
  @CsvSource({
    "'', 1974-12-25, Stranger",
    "'', 1974-12-26, Person",
    "'\"system\":\"urn:umb\",', 1974-12-26, Stranger",
  })
  void aPatientWhoIsAnotherPersonIsNotServedWhateverIdentifierThePayerNames(
      String system, String birthDate, String family) throws Exception {
    bundle.set("p2p.retry.deadline", "1s");
    gateway.stub(
        post(urlEqualTo(MATCH))
            .willReturn(okJson(matched(null).replace("\"system\":\"urn:umb\",", system))));
    patients(
        identified("p1", "u-1")
            .replaceFirst("}$", ",%s}".formatted(person("Ada", family, birthDate, "female"))));
    page(EVERYTHING + "?_count=100", null, PATIENT);

    run("FAILED");

    assertThat(bundle.column("SELECT reason FROM transfer")).containsExactly("RETRY_DEADLINE");
    assertThat(bundle.column("SELECT detail FROM transfer").get(0))
        .doesNotContain("Stranger", "1974", "u-1");
    assertThat(bundle.column("SELECT state FROM export_job")).isEmpty();
  }

  /** The last has married since, the one before has its birth date with a slip. */
  @ParameterizedTest
  @CsvSource({
    "ADA M, PERSON, 1974-12-25",
    "Ada, Person, 1974-12-26",
    "Ada, Spouse, 1974-12-25",
  })
  void theMemberIsFoundHoweverThePayerWritesItsName(String given, String family, String birthDate)
      throws Exception {
    gateway.stub(post(urlEqualTo(MATCH)).willReturn(okJson(matched(null))));
    patients(
        identified("p1", "u-1")
            .replaceFirst("}$", ",%s}".formatted(person(given, family, birthDate, "female"))));
    page(EVERYTHING + "?_count=100", null, PATIENT);

    assertThat(run("COMPLETE")).isZero();
  }

  private static String person(String given, String family, String birthDate, String gender) {
    return "\"name\":[{\"family\":\"%s\",\"given\":[\"%s\"]}],\"birthDate\":\"%s\",\"gender\":\"%s\""
        .formatted(family, given, birthDate, gender);
  }

  /** That of another server is no Patient of the payer's. */
  @Test
  void anAbsoluteReferenceToAnotherServerIsNotTakenForAnIdHere() throws Exception {
    gateway.stub(
        post(urlEqualTo(MATCH))
            .willReturn(okJson(matched("https://other.example/fhir/Patient/p7"))));
    patients(identified("p1", "u-1"));
    page(EVERYTHING + "?_count=100", null, PATIENT);

    assertThat(run("COMPLETE")).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"resourceType\":\"Patient\",\"id\":\"p1\"}",
        "[]",
        "<html>",
        "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":",
        "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"x\":1e99999999999}}]}",
        "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"next\",\"url\":\"SELF\"}]}",
      })
  void whatIsNoPageEndsWithAReasonAndLeavesNothing(String body) throws Exception {
    bundle.set("p2p.retry.deadline", "1s");
    page(EVERYTHING + "?_count=100", "n1", PATIENT, condition("c1"));
    answer("/pages/n1", okJson(body.replace("SELF", gateway.url() + BASE + "/pages/n1")));

    run("FAILED");

    assertThat(bundle.column("SELECT reason FROM transfer")).containsExactly("RETRY_DEADLINE");
    assertThat(bundle.column("SELECT detail FROM transfer").get(0)).contains("page");
    assertThat(all()).isEmpty();
  }

  @Test
  void aPageOnAForeignHostIsNotAskedFor() throws Exception {
    gateway.stub(
        get(urlEqualTo(EVERYTHING + "?_count=100"))
            .willReturn(okJson(bundle("https://evil.example/next", PATIENT))));

    run("FAILED");

    assertThat(bundle.column("SELECT reason FROM transfer")).containsExactly("FOREIGN_HOST");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?patient=p1&page=2",
        "Goal?patient=p1&page=2",
        "/v1/otter/Goal?patient=p1&page=2",
      })
  void aNextPageIsRelativeToThePageThatNamesIt(String link) throws Exception {
    bundle.set("p2p.payers.otter.retrieval", "search").set("p2p.payers.otter.type", "Goal");
    answer("/Patient/p1", okJson(PATIENT));
    answer(
        "/Goal?patient=p1&_revinclude=Provenance:target&_count=100",
        okJson(bundle(link, goal("g1"))));
    answer("/Goal?patient=p1&page=2", okJson(bundle(link.replace("page=2", "page=3"), goal("g2"))));
    answer("/Goal?patient=p1&page=3", okJson(bundle(null, goal("g3"))));

    assertThat(run("COMPLETE")).isZero();

    assertThat(lines("Goal")).containsExactly(goal("g1"), goal("g2"), goal("g3"));
  }

  private static String goal(String id) {
    return condition(id).replace("Condition", "Goal");
  }

  @Test
  void entriesThatAreNoDataAreCounted() throws Exception {
    gateway.stub(
        get(urlEqualTo(EVERYTHING + "?_count=100"))
            .willReturn(
                okJson(
                    """
                    {"resourceType":"Bundle","type":"searchset","entry":[{"fullUrl":"urn:x"},
                    {"resource":{"resourceType":"../evil","id":"1"}},
                    {"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"incomplete"}]},
                    "search":{"mode":"outcome"}},
                    {"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}},
                    {"resource":%s}]}"""
                        .formatted(PATIENT))));

    assertThat(run("COMPLETE")).isEqualTo(2);

    assertThat(manifest().toString())
        .contains("2 entries of pages hold no resource")
        .contains("1 OperationOutcomes came with pages: something may be missing");
    assertThat(all()).containsExactly(PATIENT);
  }

  /** Epic's servers say by a warning that a search has found nothing. */
  @ParameterizedTest
  @CsvSource({
    "0, processing, 0",
    "3, informational, 0",
    "3, processing, 1",
    "'', processing, 1",
    "0, incomplete, 1",
  })
  void anOutcomeOfASearchWithoutHitsIsNoLossUnlessItSaysSo(String total, String code, int warnings)
      throws Exception {
    bundle.set("p2p.payers.otter.retrieval", "search").set("p2p.payers.otter.type", "Goal");
    answer("/Patient/p1", okJson(PATIENT));
    String outcome =
        """
        {"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"%s",
        "details":{"coding":[{"code":"4101"}]}}]}"""
            .formatted(code);
    String found =
        bundle(null, outcome)
            .replace(
                "\"entry\"", total.isEmpty() ? "\"entry\"" : "\"total\":" + total + ",\"entry\"");
    gateway.stub(get(urlMatching(BASE + "/Goal\\?.*")).willReturn(okJson(found)));

    assertThat(run("COMPLETE")).isEqualTo(warnings);

    assertThat(all()).containsExactly(PATIENT);
  }

  @Test
  void aPageThatIsGoneIsReadFromTheBeginningAndNothingTwice() throws Exception {
    page(EVERYTHING + "?_count=100", "n1", PATIENT, condition("c1"));
    gateway.inTurn(
        () -> get(urlEqualTo(BASE + "/pages/n1")),
        status(410),
        okJson(bundle(null, condition("c2"))));

    assertThat(run("COMPLETE")).isZero();

    assertThat(lines("Condition")).containsExactly(condition("c1"), condition("c2"));
  }

  @Test
  void aPageThatIsGoneAgainAndAgainFails() throws Exception {
    page(EVERYTHING + "?_count=100", "n1", PATIENT);
    answer("/pages/n1", status(410));

    run("FAILED");

    assertThat(bundle.column("SELECT reason FROM transfer")).containsExactly("PAYER_REFUSED");
  }

  @Test
  void aRetryReadsAnewWhatThePayerLostAgainAndAgain() throws Exception {
    page(EVERYTHING + "?_count=100", "n1", PATIENT, condition("c1"));
    answer("/pages/n1", status(410));
    run("FAILED");
    page(EVERYTHING + "?_count=100", "n2", PATIENT, condition("c1"));
    page(BASE + "/pages/n2", null, condition("c2"));

    retry();
    awaitEnd("COMPLETE");

    assertThat(lines("Condition")).containsExactly(condition("c1"), condition("c2"));
  }

  @Test
  void aRetryReadsAnewWhatLedInACircle() throws Exception {
    leadInACircle();
    run("FAILED");
    page(BASE + "/pages/n2", null, condition("c2"));

    retry();
    awaitEnd("COMPLETE");

    assertThat(lines("Condition")).containsExactly(condition("c1"), condition("c2"));
  }

  private void retry() {
    String id = bundle.column("SELECT id FROM transfer").get(0);
    assertThat(bundle.bean("operatorLedger", OperatorLedger.class).retry(id, "a test")).isTrue();
  }

  @Test
  void aRetrievalGoesOnBehindThePageThatItHadWhenItIsStoppedAndStartedAgain() throws Exception {
    page(EVERYTHING + "?_count=100", "n1", PATIENT, condition("c1"));
    page(BASE + "/pages/n1", "n2", condition("c2"), condition("c1"));
    answer("/pages/n2", status(500));
    start();
    await().atMost(PATIENCE).until(() -> isAt("pages/n2"));
    bundle.stop();
    page(BASE + "/pages/n2", null, condition("c3"), condition("c2"));

    bundle.start();
    awaitEnd("COMPLETE");

    assertThat(lines("Condition"))
        .containsExactly(condition("c1"), condition("c2"), condition("c3"));
    gateway.server().verify(1, getRequestedFor(urlEqualTo(EVERYTHING + "?_count=100")));
    gateway.server().verify(1, getRequestedFor(urlEqualTo(BASE + "/pages/n1")));
  }

  private boolean isAt(String page) {
    return bundle.column("SELECT checkpoint FROM export_job WHERE checkpoint IS NOT NULL").stream()
        .anyMatch(checkpoint -> checkpoint.contains(page));
  }

  @Test
  void whatIsReferredToAndNeverComesHoldsTheMemberUpForAFewTriesAlone() throws Exception {
    String visit =
        "{\"resourceType\":\"Encounter\",\"id\":\"e1\",\"subject\":{\"reference\":\"Patient/p1\"},"
            + "\"location\":[{\"location\":{\"reference\":\"Location/gone\"}}],"
            + "\"participant\":[{\"individual\":{\"reference\":\"Practitioner/broken\"}}],"
            + "\"serviceProvider\":{\"reference\":\"Organization/none\"}}";
    page(EVERYTHING + "?_count=100", null, PATIENT, visit);
    answer("/Location/gone", status(404));
    answer("/Practitioner/broken", status(500));
    answer("/Organization/none", okJson("<html>"));

    assertThat(run("COMPLETE")).isEqualTo(1);

    assertThat(all()).containsExactlyInAnyOrder(PATIENT, visit);
    assertThat(manifest().toString()).contains("3 resources that others refer to");
    gateway.server().verify(1, getRequestedFor(urlEqualTo(BASE + "/Location/gone")));
  }

  @Test
  void pagesThatLeadInACircleEnd() throws Exception {
    leadInACircle();

    run("FAILED");

    assertThat(bundle.column("SELECT reason FROM transfer")).containsExactly("PAYER_REFUSED");
    assertThat(gateway.server().getAllServeEvents()).hasSizeLessThan(150);
  }

  private void leadInACircle() {
    page(EVERYTHING + "?_count=100", "n1", PATIENT);
    page(BASE + "/pages/n1", "n2", condition("c1"));
    page(BASE + "/pages/n2", "n1", condition("c1"));
  }

  @Test
  void moreThanTheStepOfAFewHundredPagesGoesOn() throws Exception {
    page(EVERYTHING + "?_count=100", "0", PATIENT);
    for (int page = 0; page < 450; page++) {
      page(BASE + "/pages/" + page, page == 449 ? null : "" + (page + 1), condition("c" + page));
    }

    assertThat(run("COMPLETE")).isZero();

    assertThat(lines("Condition")).hasSize(450).doesNotHaveDuplicates();
    assertThat(gateway.server().getAllServeEvents()).hasSizeLessThan(460);
  }

  /** Whose they are is not said, or of several. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"resourceType\":\"Condition\",\"id\":\"x\"}",
        "{\"resourceType\":\"Condition\",\"id\":\"x\",\"subject\":{\"identifier\":{\"value\":\"7\"}}}",
        "{\"resourceType\":\"Condition\",\"id\":\"x\",\"subject\":{\"reference\":\"urn:uuid:1\"}}",
        "{\"resourceType\":\"Condition\",\"id\":\"x\",\"subject\":{\"reference\":\"#p\"}}",
        "{\"resourceType\":\"Condition\",\"id\":\"x\",\"subject\":{\"reference\":\"https://other.example/Patient/p1\"}}",
        "{\"resourceType\":\"Bundle\",\"id\":\"x\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\"}}]}",
        "{\"resourceType\":\"Practitioner\",\"id\":\"x\",\"extension\":[{\"valueReference\":{\"reference\":\"Patient/p2\"}}]}",
        "{\"resourceType\":\"Invented\",\"id\":\"x\"}",
      })
  void whatIsNotThePatientsForCertainIsLeftOut(String line) throws Exception {
    page(EVERYTHING + "?_count=100", null, PATIENT, line);

    assertThat(run("COMPLETE")).isEqualTo(1);

    assertThat(all()).containsExactly(PATIENT);
  }

  @Test
  void anAnswerThatNamesTwoPatientsIsAmbiguous() throws Exception {
    gateway.stub(
        post(urlEqualTo(MATCH))
            .willReturn(
                okJson(
                    """
                    {"resourceType":"Parameters","parameter":[
                    {"name":"MemberId","valueReference":{"reference":"Patient/p1"}},
                    {"name":"MemberId","valueReference":{"reference":"Patient/p2"}}]}""")));

    run("NO_MATCH");

    assertThat(bundle.column("SELECT reason FROM transfer")).containsExactly("AMBIGUOUS_MATCH");
  }

  @Test
  void aPayerWithNothingOfTheMemberIsTold() throws Exception {
    page(EVERYTHING + "?_count=100", null);

    assertThat(run("COMPLETE")).isEqualTo(1);

    assertThat(manifest().toString()).contains("the payer has nothing of this member");
  }

  private void start() throws Exception {
    bundle.start();
    Files.writeString(bundle.inbox().resolve("members.csv"), RECORD);
  }

  /** Until the transfer has ended and its manifest stands; how many warnings it has. */
  private long run(String state) throws Exception {
    start();
    awaitEnd(state);
    return bundle.number("SELECT warnings FROM transfer");
  }

  private void awaitEnd(String state) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        bundle.column("SELECT state FROM transfer WHERE manifest_at IS NOT NULL"))
                    .containsExactly(state));
  }

  private void answer(String path, ResponseDefinitionBuilder answer) {
    MappingBuilder request = get(urlEqualTo(BASE + path));
    gateway.stub(request.willReturn(answer));
  }

  private void page(String url, String next, String... resources) {
    gateway.stub(
        get(urlEqualTo(url))
            .withHeader("Authorization", WireMock.equalTo("Bearer t1"))
            .willReturn(
                okJson(
                    bundle(
                        next == null ? null : gateway.url() + BASE + "/pages/" + next,
                        resources))));
  }

  private static String bundle(String next, String... resources) {
    String link =
        next == null ? "" : "\"link\":[{\"relation\":\"next\",\"url\":\"%s\"}],".formatted(next);
    return "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",%s\"entry\":[%s]}"
        .formatted(
            link,
            Stream.of(resources)
                .map("{\"resource\":%s}"::formatted)
                .collect(Collectors.joining(",")));
  }

  private static String condition(String id) {
    return "{\"resourceType\":\"Condition\",\"id\":\"%s\",\"subject\":{\"reference\":\"Patient/p1\"},\"value\":1.50}"
        .formatted(id);
  }

  private static String matched(String reference) {
    String id =
        reference == null
            ? ""
            : ",{\"name\":\"MemberId\",\"valueReference\":{\"reference\":\"%s\"}}"
                .formatted(reference);
    return """
    {"resourceType":"Parameters","parameter":[{"name":"MemberIdentifier","valueIdentifier":
    {"type":{"coding":[{"code":"UMB"}]},"system":"urn:umb","value":"u-1"}}%s]}"""
        .formatted(id);
  }

  private void patients(String... patients) {
    gateway.stub(get(urlPathEqualTo(BASE + "/Patient")).willReturn(okJson(bundle(null, patients))));
  }

  private static String identified(String id, String value) {
    return "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"identifier\":[{\"system\":\"urn:umb\",\"value\":\"%s\"}]}"
        .formatted(id, value);
  }

  private Path served() {
    return bundle
        .outbox()
        .resolve("otter")
        .resolve(bundle.column("SELECT id FROM transfer").get(0));
  }

  private JsonNode manifest() throws IOException {
    return new ObjectMapper().readTree(Files.readString(served().resolve("manifest.json")));
  }

  private List<String> lines(String type) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(served())) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().matches(type + "-[0-9]+\\.ndjson")) {
          lines.addAll(Files.readAllLines(file));
        }
      }
    }
    return lines;
  }

  private List<String> all() throws IOException {
    return lines("[A-Za-z]+");
  }
}
