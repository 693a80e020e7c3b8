package org.payerexchange.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.sandbox.HrexOptions.Version;
import org.payerexchange.sandbox.HrexOptions.Way;

/** The sandbox's {@code Patient/$member-match}, and the three ways to a Patient's data. */
class SandboxHrexTest {
  private static final PdexMember MEMBER = PdexMember.of("bison", 17);
  private static final String EVERYTHING = "/Patient/pdex-000000017/$everything";

  private Sandbox sandbox;
  private PdexClient client;

  @AfterEach
  void stop() {
    sandbox.close();
  }

  @Test
  void aMatchNamesThePatientAndItsIdentifierByWhichItIsFound() {
    start(hrex -> hrex);

    JsonNode answer = PdexClient.json(match(request(MEMBER)));

    JsonNode identifier = answer.at("/parameter/0/valueIdentifier");
    assertThat(identifier.at("/type/coding/0/code").asText()).isEqualTo("UMB");
    assertThat(answer.at("/parameter/1/valueReference/reference").asText())
        .isEqualTo("Patient/pdex-000000017");
    assertThat(found(identifier)).containsExactly("pdex-000000017");
    assertThat(sandbox.requests().unexpected()).isEmpty();
  }

  @Test
  void version1NamesTheIdentifierMbAndRefusesARelationshipInCoverageToLink() {
    start(hrex -> hrex.of(Version.V1_0));
    ObjectNode request = request(MEMBER);
    ObjectNode link = part(request, "CoverageToMatch").deepCopy();
    link.put("id", "own");
    ((ArrayNode) request.path("parameter"))
        .addObject()
        .put("name", "CoverageToLink")
        .set("resource", link);

    assertThat(match(request).statusCode()).isEqualTo(400);
    link.remove("relationship");
    HttpResponse<String> answer = match(request);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(
            PdexClient.json(answer).at("/parameter/0/valueIdentifier/type/coding/0/code").asText())
        .isEqualTo("MB");
  }

  @Test
  void laterVersionsRefuseACoverageWithoutARelationship() {
    start(hrex -> hrex);
    ObjectNode request = request(MEMBER);
    part(request, "CoverageToMatch").remove("relationship");

    assertThat(match(request).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"MemberPatient", "CoverageToMatch", "Consent"})
  void aMatchWithoutAResourceOrWithReferencesToAnotherPatientIs400(String name) {
    start(hrex -> hrex);
    ObjectNode without = request(MEMBER);
    ((ArrayNode) without.path("parameter"))
        .removeIf(parameter -> parameter.path("name").asText().equals(name));
    ObjectNode other = request(MEMBER);
    part(other, "MemberPatient").put("id", "another");
    ObjectNode unknown = request(MEMBER);
    ((ArrayNode) unknown.path("parameter")).addObject().put("name", "More").putObject("resource");

    assertThat(Stream.of(without, other, unknown).map(this::match).map(HttpResponse::statusCode))
        .containsOnly(400);
  }

  @ParameterizedTest
  @CsvSource({
    "UNKNOWN, 422, not-found",
    "CONSENT_CONSTRAINED, 422, suppressed",
    "TWICE, 422, multiple-matches",
    "INVALID, 400, invalid"
  })
  void whoIsNotMatchedIsToldWhy(MatchScenario scenario, int status, String code) {
    start(hrex -> hrex);

    HttpResponse<String> answer = match(request(new PdexMember("bison", 17, scenario)));

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(PdexClient.json(answer).at("/issue/0/code").asText()).isEqualTo(code);
  }

  @Test
  void answersToAMatchHaveOtherForms() {
    start(hrex -> hrex);
    fault(Fault.MEMBER_ID_LEFT_OUT, Fault.MATCH_DETAILS);
    assertThat(PdexClient.json(match(request(MEMBER))).path("parameter").findValuesAsText("name"))
        .containsExactly("MemberIdentifier", "matchAlgorithm", "matchedFields");

    fault(Fault.BALLOT_ANSWER);
    assertThat(
            PdexClient.json(match(request(MEMBER)))
                .at("/parameter/0/resource/identifier/0/value")
                .asText())
        .isEqualTo("pdex-member-000000017");

    fault(Fault.IDENTIFIER_OF_ANOTHER);
    JsonNode misleading =
        PdexClient.json(match(request(MEMBER))).at("/parameter/0/valueIdentifier");
    assertThat(misleading.path("value").asText()).isEqualTo("pdex-000000018");
    assertThat(found(misleading)).containsExactly("pdex-000000017");

    fault(Fault.PATIENT_LOST);
    assertThat(found(misleading)).isEmpty();
    fault(Fault.PATIENT_TWICE);
    assertThat(found(misleading)).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void theCapabilityStatementSaysWhatIsOffered(Way way) {
    start(hrex -> hrex.offering(EnumSet.of(way)));

    JsonNode resources = PdexClient.json(client.get("/metadata")).at("/rest/0/resource");

    List<String> operations = resources.at("/0/operation").findValuesAsText("name");
    assertThat(operations.contains("everything")).isEqualTo(way == Way.EVERYTHING);
    assertThat(operations.contains("export")).isEqualTo(way == Way.EXPORT);
    assertThat(resources.size() > 1).isEqualTo(way == Way.SEARCH);
  }

  @Test
  void everythingAndExportAndSearchHaveTheSameOfAPatient() {
    start(hrex -> hrex.paging(7).strictly());
    List<String> record = sandbox.patientRecord(MEMBER);
    assertThat(record).doesNotHaveDuplicates().hasSizeGreaterThan(20);

    List<String> everything = pages(EVERYTHING);
    assertThat(everything).containsExactlyInAnyOrderElementsOf(record);

    HttpResponse<String> started = export("pdex-000000017");
    JsonNode manifest = PdexClient.json(client.result(started));
    assertThat(client.lines(manifest)).containsExactlyInAnyOrderElementsOf(record);
    assertThat(client.delete(PdexClient.location(started)).statusCode()).isEqualTo(202);
    assertThat(client.get(PdexClient.location(started)).statusCode()).isEqualTo(404);

    Set<String> searched = new HashSet<>();
    for (String type : ownTypes(record)) {
      String more =
          switch (type) {
            case "Condition" -> "&category=problem-list-item";
            case "Observation" -> "&category=vital-signs";
            case "DocumentReference" -> "&category=clinical-note";
            case "MedicationRequest" -> "&intent=proposal,order";
            default -> "";
          };
      String search = "/%s?patient=pdex-000000017".formatted(type);
      assertThat(client.get(search).statusCode()).isEqualTo(more.isEmpty() ? 200 : 400);
      searched.addAll(pages(search + more + "&_revinclude=Provenance:target"));
    }
    searched.add(client.get("/Patient/pdex-000000017").body());
    record.stream()
        .map(PdexClient::read)
        .filter(line -> line.path("id").asText().matches("(doctor|role|clinic|place|drug|payer).*"))
        .forEach(
            line ->
                searched.add(
                    client
                        .get(
                            "/%s/%s"
                                .formatted(
                                    line.path("resourceType").asText(), line.path("id").asText()))
                        .body()));
    assertThat(searched).containsExactlyInAnyOrderElementsOf(record);
    assertThat(sandbox.requests().unexpected()).isEmpty();
  }

  @Test
  void aLenientServerAnswersAnySearchByThePatient() {
    start(hrex -> hrex);

    assertThat(pages("/Observation?patient=pdex-000000017")).hasSize(2);
    assertThat(pages("/Observation?patient=pdex-000000017&category=laboratory")).isEmpty();
    assertThat(pages("/CarePlan?patient=pdex-000000017")).isEmpty();
    assertThat(client.get("/Observation").statusCode()).isEqualTo(400);
    assertThat(client.get("/Observation/observation-000000017-999999").statusCode()).isEqualTo(404);
    assertThat(client.get("/Patient/nobody/$everything").statusCode()).isEqualTo(404);
  }

  @Test
  void everythingIsNarrowedByTypeTimeAndCount() {
    start(hrex -> hrex.paging(10));

    assertThat(pages(EVERYTHING + "?_type=Patient,Coverage&_count=1")).hasSize(2);
    assertThat(sandbox.requests().received(RequestKind.PAGE)).isOne();
    assertThat(pages(EVERYTHING + "?_since=2025-01-01T00:30:00Z"))
        .isNotEmpty()
        .allMatch(line -> PdexClient.read(line).path("id").asText().endsWith("-000001"));
    JsonNode first = PdexClient.json(client.get(EVERYTHING + "?_count=1000"));
    assertThat(first.path("entry")).hasSize(10);
  }

  @Test
  void fiveHundredPagesAreMadeAsTheyAreAskedFor() {
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .pdex(pdex -> pdex.holding(new GroupShape(5_000, 0, 1)))
                .hrex(HrexOptions.defaults().paging(10))
                .build());
    client = new PdexClient(sandbox);

    assertThat(pages(EVERYTHING)).doesNotHaveDuplicates().hasSizeGreaterThan(5_000);
    assertThat(sandbox.requests().received(RequestKind.PAGE)).isGreaterThan(498);
  }

  @Test
  void pagesGoWrongAsFaultsWantIt() {
    start(hrex -> hrex.paging(10));
    String self = first().at("/link/0/url").asText();

    fault(Fault.NO_BUNDLE);
    assertThat(first().path("resourceType").asText()).isEqualTo("Patient");
    fault(Fault.NEXT_ITSELF);
    assertThat(first().at("/link/1/url").asText()).isEqualTo(self);
    fault(Fault.NEXT_FOREIGN);
    assertThat(first().at("/link/1/url").asText()).startsWith("http://elsewhere.example:");
    fault(Fault.EMPTY_ENTRIES, Fault.OUTCOMES, Fault.STRANGERS);
    assertThat(first().path("entry")).hasSize(13);
    assertThat(first().path("entry").findValuesAsText("mode")).contains("outcome");
    assertThat(first().path("entry").findValuesAsText("id")).contains("pdex-000000018");
    fault(Fault.REPEATS);
    assertThat(pages(EVERYTHING)).hasSizeGreaterThan(sandbox.patientRecord(MEMBER).size());
    fault(Fault.ROLES_LEFT_OUT);
    assertThat(pages(EVERYTHING))
        .isNotEmpty()
        .noneMatch(line -> line.contains("{\"resourceType\":\"PractitionerRole\""))
        .noneMatch(line -> line.contains("{\"resourceType\":\"Location\""));
  }

  @Test
  void aPageThatIsGoneIs410AndTheNextBeginningIsWhole() {
    start(hrex -> hrex.paging(10));
    String next = first().at("/link/1/url").asText();
    sandbox.faults().next(RequestKind.PAGE, Fault.PAGE_GONE, 1);

    assertThat(client.get(next).statusCode()).isEqualTo(410);
    assertThat(pages(EVERYTHING))
        .containsExactlyInAnyOrderElementsOf(sandbox.patientRecord(MEMBER));
  }

  @Test
  void anExportOfEverybodyHasAnotherPatientAsWell() {
    start(hrex -> hrex);
    fault(Fault.EVERYBODY);

    List<String> lines =
        client.lines(PdexClient.json(client.result(export("pdex-000000017")))).toList();

    assertThat(lines)
        .containsAll(sandbox.patientRecord(MEMBER))
        .containsAll(sandbox.patientRecord(PdexMember.of("bison", 18)));
  }

  private void start(UnaryOperator<HrexOptions> hrex) {
    sandbox =
        Sandbox.start(SandboxOptions.builder().hrex(hrex.apply(HrexOptions.defaults())).build());
    client = new PdexClient(sandbox);
  }

  private void fault(Fault... faults) {
    sandbox
        .faults()
        .rates(Stream.of(faults).collect(Collectors.toMap(fault -> fault, fault -> 1.0)));
  }

  private HttpResponse<String> match(JsonNode request) {
    return client.post("/Patient/$member-match", request.toString());
  }

  private HttpResponse<String> export(String patientId) {
    return client.post(
        "/Patient/$export",
        """
        {"resourceType": "Parameters", "parameter": [
          {"name": "patient", "valueReference": {"reference": "Patient/%s"}}]}
        """
            .formatted(patientId));
  }

  private List<String> found(JsonNode identifier) {
    String token = identifier.path("system").asText() + "|" + identifier.path("value").asText();
    return PdexClient.json(
            client.get("/Patient?identifier=" + URLEncoder.encode(token, StandardCharsets.UTF_8)))
        .path("entry")
        .findValues("resource")
        .stream()
        .map(resource -> resource.path("id").asText())
        .toList();
  }

  private JsonNode first() {
    return PdexClient.json(client.get(EVERYTHING));
  }

  /** The resources of a page and all that follow it. */
  private List<String> pages(String first) {
    List<String> resources = new ArrayList<>();
    String url = first;
    while (!url.isEmpty()) {
      HttpResponse<String> answer = client.get(url);
      assertThat(answer.statusCode()).isEqualTo(200);
      JsonNode bundle = PdexClient.json(answer);
      bundle.path("entry").forEach(entry -> resources.add(entry.path("resource").toString()));
      url = bundle.at("/link/1/url").asText();
    }
    return resources;
  }

  private static Set<String> ownTypes(List<String> record) {
    return record.stream()
        .map(PdexClient::read)
        .filter(line -> line.path("id").asText().contains("000000017"))
        .map(line -> line.path("resourceType").asText())
        .filter(type -> !type.equals("Patient") && !type.equals("Provenance"))
        .collect(Collectors.toSet());
  }

  private static ObjectNode request(PdexMember member) {
    ObjectNode request = PdexClient.request(member);
    request.set("parameter", request.at("/parameter/0/part"));
    return request;
  }

  private static ObjectNode part(ObjectNode request, String name) {
    for (JsonNode parameter : request.path("parameter")) {
      if (parameter.path("name").asText().equals(name)) {
        return (ObjectNode) parameter.path("resource");
      }
    }
    throw new AssertionError(name);
  }
}
