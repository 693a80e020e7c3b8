package org.payerexchange.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sandbox's {@code $davinci-data-export}, and what it says of whose each line is. */
class GroupExportTest {
  private static final String ALL = "";

  private Sandbox sandbox;
  private PdexClient client;

  @AfterEach
  void stop() {
    sandbox.close();
  }

  @Test
  void anExportRunsAsAJobWhoseManifestNamesTheFilesByType() {
    start();
    String group = client.matched(members(2));

    HttpResponse<String> started = client.export(group, request("Patient,Encounter"));
    assertThat(started.statusCode()).isEqualTo(202);
    assertThat(started.body()).isEmpty();
    String location = PdexClient.location(started);
    assertThat(location)
        .matches(sandbox.baseUrl("bison") + "/\\$davinci-export-poll-status\\?_jobId=\\w+");
    assertThat(client.get(location).statusCode()).isEqualTo(202);
    JsonNode manifest = PdexClient.json(client.get(location));

    assertThat(manifest.properties().stream().map(Map.Entry::getKey))
        .containsExactly("transactionTime", "request", "requiresAccessToken", "output", "error");
    assertThat(manifest.path("request").asText())
        .isEqualTo("%s/Group/%s/$davinci-data-export".formatted(sandbox.baseUrl("bison"), group));
    assertThat(manifest.path("output").findValuesAsText("type"))
        .containsExactly("Encounter", "Patient");
    for (JsonNode file : manifest.path("output")) {
      HttpResponse<String> lines = client.get(file.path("url").asText());
      assertThat(lines.body().lines())
          .hasSize(file.path("count").asInt())
          .allMatch(line -> line.startsWith("{\"resourceType\":" + file.path("type")));
    }
    assertThat(sandbox.requests().kickOffs()).containsOnly(Map.entry("bison/" + group, 1));
    assertThat(sandbox.requests().unexpected()).isEmpty();

    assertThat(client.delete(location).statusCode()).isEqualTo(202);
    assertThat(client.get(location).statusCode()).isEqualTo(404);
    assertThat(client.get(manifest.at("/output/0/url").asText()).statusCode()).isEqualTo(404);
    assertThat(sandbox.groupExports()).singleElement().matches(GroupExport::released);
  }

  @Test
  void filesMixTheMembersLineByLine() {
    start();

    List<String> subjects =
        lines(members(3), request("Encounter"))
            .map(line -> line.at("/subject/reference").asText())
            .toList();

    assertThat(subjects)
        .containsExactly(
            "Patient/pdex-000000000",
            "Patient/pdex-000000001",
            "Patient/pdex-000000002",
            "Patient/pdex-000000000",
            "Patient/pdex-000000001",
            "Patient/pdex-000000002");
  }

  @Test
  void eachLineOfTwoHundredMembersIsItsOwnersOrSharedOrNobodys() {
    start(pdex -> pdex.holding(new GroupShape(23, 0, 3)));
    PdexMember[] members = members(200);
    Map<String, PdexMember> byPatient =
        Arrays.stream(members).collect(Collectors.toMap(PdexMember::patientId, m -> m));

    List<JsonNode> lines = lines(members, request(ALL)).toList();

    GroupExport export = sandbox.groupExports().get(0);
    Set<String> told = new HashSet<>(export.nobodys().toList());
    for (PdexMember member : members) {
      List<String> own = export.own(member).toList();
      assertThat(own).hasSizeGreaterThanOrEqualTo(23);
      assertThat(export.shared(member)).isNotEmpty();
      own.forEach(line -> assertThat(told.add(line)).isTrue());
    }
    Arrays.stream(members).map(export::shared).forEach(told::addAll);
    assertThat(lines).extracting(JsonNode::toString).containsAll(told);
    Map<String, Set<String>> bySubject = new HashMap<>();
    for (JsonNode line : lines) {
      String owner = owner(line);
      if (byPatient.containsKey(owner)) {
        bySubject.computeIfAbsent(owner, key -> new HashSet<>()).add(line.toString());
      } else if (!owner.isEmpty()) {
        assertThat(export.nobodys()).contains(line.toString());
      }
    }
    for (PdexMember member : members) {
      assertThat(export.own(member).filter(line -> !owner(PdexClient.read(line)).isEmpty()))
          .containsExactlyInAnyOrderElementsOf(bySubject.get(member.patientId()));
    }
  }

  @Test
  void sharedLinesAreReachedThroughOthers() {
    start(pdex -> pdex.holding(new GroupShape(3, 0, 1)));
    PdexMember[] members = members(1);

    lines(members, request(ALL));

    assertThat(sandbox.groupExports().get(0).shared(members[0]))
        .extracting(line -> PdexClient.read(line).path("id").asText())
        .containsExactlyInAnyOrder("payer", "doctor-000", "role-000", "clinic-000", "place-000");
  }

  @Test
  void aSpousesCoverageIsTheSpouses() {
    start();
    PdexMember[] members = members(2);

    lines(members, request("Coverage"));

    GroupExport export = sandbox.groupExports().get(0);
    assertThat(export.own(members[0])).hasSize(1);
    assertThat(export.own(members[1]))
        .hasSize(2)
        .last()
        .satisfies(
            line -> {
              JsonNode coverage = PdexClient.read(line);
              assertThat(coverage.at("/subscriber/reference").asText())
                  .isEqualTo("Patient/" + members[0].patientId());
              assertThat(coverage.at("/beneficiary/reference").asText())
                  .isEqualTo("Patient/" + members[1].patientId());
            });
  }

  @Test
  void whatIsAboutSeveralOrNobodyOrWholeGroupsIsNobodys() {
    start();

    lines(members(2), request(ALL));

    assertThat(sandbox.groupExports().get(0).nobodys())
        .extracting(
            line -> {
              JsonNode resource = PdexClient.read(line);
              return resource.path("resourceType").asText() + " " + resource.path("id").asText();
            })
        .contains(
            "Coverage of-stranger-0",
            "Patient stranger",
            "Observation of-stranger",
            "RelatedPerson of-stranger",
            "Practitioner of-nobody",
            "Device of-two-0",
            "Provenance of-two-0",
            "Observation without-subject-0",
            "List of-two-0")
        .hasSize(10)
        .last()
        .asString()
        .startsWith("Group ");
  }

  @Test
  void aMemberWithoutDataIsMatchedAndHasNoLines() {
    start();
    PdexMember empty = new PdexMember("bison", 2, MatchScenario.EMPTY);

    List<JsonNode> lines = lines(new PdexMember[] {empty}, request(ALL)).toList();

    assertThat(lines).extracting(line -> line.path("resourceType").asText()).contains("Group");
    assertThat(lines).noneMatch(line -> owner(line).equals(empty.patientId()));
    assertThat(sandbox.groupExports().get(0).own(empty)).isEmpty();
  }

  @Test
  void anExportForOnePatientHoldsNobodyElse() {
    start();
    PdexMember[] members = members(3);
    ObjectNode request = patient(request("Patient,Coverage"), "Patient/pdex-000000001");

    assertThat(lines(members, request))
        .extracting(GroupExportTest::owner)
        .containsExactly("pdex-000000001", "pdex-000000001");
    assertThat(sandbox.groupExports().get(0).members()).containsExactly(members[1]);
  }

  @Test
  void patientsMayHaveToBeJoined() {
    start(pdex -> pdex.exporting("hl7.fhir.us.davinci-pdex.p2p", true));
    String group = client.matched(members(3));
    ObjectNode request = request("Patient");
    ((ObjectNode) request.at("/parameter/0")).put("valueCanonical", "hl7.fhir.us.davinci-pdex.p2p");
    patient(request, "Patient/pdex-000000000,Patient/pdex-000000002");

    assertThat(client.lines(client.manifest(group, request)).map(PdexClient::read))
        .extracting(GroupExportTest::owner)
        .containsExactly("pdex-000000000", "stranger", "pdex-000000002");
    patient(request, "Patient/pdex-000000001");
    assertThat(client.export(group, request).statusCode()).isEqualTo(400);
  }

  @Test
  void sinceAndUntilBoundTheTimeOfTheLastChange() {
    start(pdex -> pdex.holding(new GroupShape(2 + 10 * 4, 0, 1)));
    ObjectNode request = request("Encounter,Patient");
    add(request, "_since", "valueInstant", "2025-01-01T01:00:00Z");
    add(request, "_until", "valueInstant", "2025-01-01T02:00:00Z");

    assertThat(lines(members(1), request))
        .extracting(line -> line.path("id").asText())
        .containsExactly("encounter-000000000-000001", "encounter-000000000-000002");
  }

  @Test
  void aFilterBoundsTheDayOfService() {
    start(pdex -> pdex.holding(new GroupShape(2 + 10 * 4, 0, 1)));
    ObjectNode request = request("Encounter,Condition");
    add(
        request,
        "_typeFilter",
        "valueString",
        "Encounter?date=ge2016-01-31,Condition?onset-date=lt2016-01-31");

    assertThat(lines(members(1), request))
        .extracting(line -> line.path("id").asText())
        .containsExactly(
            "condition-000000000-000000",
            "encounter-000000000-000001",
            "encounter-000000000-000002",
            "encounter-000000000-000003");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "_type | valueString | patient | no type",
        "_since | valueInstant | yesterday | instants",
        "_until | valueInstant | 2025-01-01 | instants",
        "_since | valueString | 2025-01-01T00:00:00Z | must be a valueInstant",
        "exportType | valueCanonical | hl7.fhir.us.davinci-pdex#payertopayer | more than once",
        "_elements | valueString | id | unknown name",
        "_typeFilter | valueString | Encounter?status=finished | not supported",
        "_typeFilter | valueString | Encounter?date=ge2021-08-01 | that _type does not",
        "_typeFilter | valueString | Patient?birthdate=ge2021-08-01 | no day"
      })
  void aParameterThatIsNotAsPdexHasItIsRefused(
      String name, String value, String content, String why) {
    start();
    String group = client.matched(members(1));
    ObjectNode request = request(name.equals("_type") ? ALL : "Patient");

    refused(client.export(group, add(request, name, value, content)), why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hl7.fhir.us.davinci-pdex#provider-delta", "payertopayer", ""})
  void anExportOfAnotherTypeIsRefused(String type) {
    start();
    ObjectNode request = request("Patient");
    ((ObjectNode) request.at("/parameter/0")).put("valueCanonical", type);

    refused(client.export(client.matched(members(1)), request), "exportType is not supported");
  }

  @Test
  void anExportOfNoTypeIsRefused() {
    start();
    ObjectNode request = request("Patient");
    ((ArrayNode) request.path("parameter")).remove(0);

    refused(client.export(client.matched(members(1)), request), "exactly once");
  }

  @Test
  void aPatientWhoIsNotInTheGroupIsRefused() {
    start();
    String group = client.matched(members(1));

    refused(
        client.export(group, patient(request("Patient"), "Patient/pdex-000000009")),
        "not a member of the Group");
  }

  @Test
  void aKickOffNeedsItsHeadersAndAGroup() {
    start();
    String body = request("Patient").toString();
    String path = "/Group/%s/$davinci-data-export".formatted(client.matched(members(1)));

    assertThat(client.post(path, body, "Prefer", "handling=lenient").statusCode()).isEqualTo(400);
    assertThat(client.post(path, body, "Content-Type", "application/json").statusCode())
        .isEqualTo(415);
    assertThat(client.post(path, body, "Authorization", "Bearer x").statusCode()).isEqualTo(401);
    assertThat(client.get(path).statusCode()).isGreaterThanOrEqualTo(404);
    assertThat(client.export("unknown", request("Patient")).statusCode()).isEqualTo(404);
    assertThat(client.post("/../heron" + path, body).statusCode()).isEqualTo(404);
  }

  @Test
  void aPayerMayRefuseFiltersAndPatients() {
    start();
    String group = client.matched(members(1));
    ObjectNode filtered =
        add(request("Encounter"), "_typeFilter", "valueString", "Encounter?date=ge2016-01-31");
    sandbox.faults().rates(Map.of(Fault.FILTER_REFUSED, 1.0, Fault.PATIENT_REFUSED, 1.0));

    refused(client.export(group, filtered), "_typeFilter is not supported");
    refused(
        client.export(group, patient(request("Patient"), "Patient/pdex-000000000")),
        "patient is not supported");
    assertThat(client.export(group, request("Patient")).statusCode()).isEqualTo(202);
  }

  @Test
  void anExportWithoutTypesMayHoldAFewAlone() {
    start();
    fault(Fault.TYPES_NEEDED);

    String group = client.matched(members(2));

    assertThat(client.manifest(group, request(ALL)).path("output").findValuesAsText("type"))
        .containsExactly("Coverage", "Group", "Patient");
  }

  @Test
  void aSecondExportMayHaveToWait() {
    start();
    fault(Fault.ONE_EXPORT);
    String group = client.matched(members(1));
    HttpResponse<String> first = client.export(group, request("Patient"));

    HttpResponse<String> second = client.export(group, request("Patient"));
    assertThat(second.statusCode()).isEqualTo(429);
    assertThat(second.headers().firstValue("Retry-After")).hasValue("1");
    client.result(first);
    assertThat(client.export(group, request("Patient")).statusCode()).isEqualTo(202);
  }

  @Test
  void theGroupMayGoWithItsMatch() {
    start();
    HttpResponse<String> match = client.bulkMatch(PdexClient.request(members(1)));
    String group = sandbox.bulkMatches().get(0).groupId();
    HttpResponse<String> export = client.export(group, request("Patient"));
    String file = PdexClient.json(client.result(export)).at("/output/0/url").asText();
    fault(Fault.GROUPS_LOST);

    client.delete(PdexClient.location(match));

    assertThat(client.get("/Group/" + group).statusCode()).isEqualTo(404);
    assertThat(client.export(group, request("Patient")).statusCode()).isEqualTo(404);
    assertThat(client.get(PdexClient.location(export)).statusCode()).isEqualTo(404);
    assertThat(client.get(file).statusCode()).isEqualTo(404);
  }

  @Test
  void theGroupStaysWithoutItsMatch() {
    start();
    HttpResponse<String> match = client.bulkMatch(PdexClient.request(members(1)));
    client.delete(PdexClient.location(match));

    assertThat(
            client.export(sandbox.bulkMatches().get(0).groupId(), request("Patient")).statusCode())
        .isEqualTo(202);
  }

  @Test
  void aManifestMayNameErrorsAndDeletionsAndNoCounts() {
    start();
    sandbox
        .faults()
        .rates(Map.of(Fault.ERROR_COUNT, 1.0, Fault.DELETIONS, 1.0, Fault.COUNTS_LEFT_OUT, 1.0));

    JsonNode manifest = client.manifest(client.matched(members(1)), request("Patient"));

    assertThat(manifest.path("output")).hasSize(1);
    assertThat(manifest.at("/output/0").has("count")).isFalse();
    assertThat(client.get(manifest.at("/error/0/url").asText()).body())
        .startsWith("{\"resourceType\":\"OperationOutcome\"");
    assertThat(client.get(manifest.at("/deleted/0/url").asText()).body())
        .startsWith("{\"resourceType\":\"Bundle\"");
  }

  @Test
  void anyPartOfAFileOfManyPartsCanBeHad() {
    start(pdex -> pdex.holding(new GroupShape(40, 500, 1)));
    String group = client.matched(members(7));
    String url = client.manifest(group, request("Observation")).at("/output/0/url").asText();
    String whole = client.get(url).body();

    for (int from = 0; from < whole.length(); from += 777) {
      int to = Math.min(from + 1500, whole.length());
      assertThat(client.get(url, "Range", "bytes=%d-%d".formatted(from, to - 1)).body())
          .isEqualTo(whole.substring(from, to));
    }
  }

  @Test
  void aGroupMayHaveFilesOfAGigabyte() {
    start(pdex -> pdex.holding(new GroupShape(1002, 2000, 1)));
    String group = client.matched(members(500));

    long bytes = 0;
    JsonNode manifest = client.manifest(group, request(ALL));
    for (JsonNode file : manifest.path("output")) {
      HttpResponse<String> range = client.get(file.path("url").asText(), "Range", "bytes=0-0");
      bytes +=
          Long.parseLong(
              range.headers().firstValue("Content-Range").orElseThrow().split("/", 2)[1]);
    }

    assertThat(bytes).isGreaterThan(1_000_000_000);
    assertThat(
            IntStream.range(0, manifest.path("output").size())
                .mapToLong(index -> manifest.at("/output/%d/count".formatted(index)).asLong())
                .sum())
        .isGreaterThan(501_000);
  }

  private void start() {
    start(pdex -> {});
  }

  private void start(Consumer<PdexOptions.Builder> change) {
    sandbox = Sandbox.start(SandboxOptions.builder().pdex(change).build());
    client = new PdexClient(sandbox);
  }

  private void fault(Fault fault) {
    sandbox.faults().rates(Map.of(fault, 1.0));
  }

  private Stream<JsonNode> lines(PdexMember[] members, ObjectNode request) {
    return client.lines(client.manifest(client.matched(members), request)).map(PdexClient::read);
  }

  private static void refused(HttpResponse<String> answer, String why) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(PdexClient.json(answer).at("/issue/0/details/text").asText()).contains(why);
  }

  private static PdexMember[] members(int count) {
    return IntStream.range(0, count)
        .mapToObj(number -> PdexMember.of("bison", number))
        .toArray(PdexMember[]::new);
  }

  private static ObjectNode request(String types) {
    return PdexClient.exportRequest(types);
  }

  private static ObjectNode add(ObjectNode request, String name, String value, String content) {
    request.withArray("parameter").addObject().put("name", name).put(value, content);
    return request;
  }

  private static ObjectNode patient(ObjectNode request, String reference) {
    request
        .withArray("parameter")
        .addObject()
        .put("name", "patient")
        .putObject("valueReference")
        .put("reference", reference);
    return request;
  }

  /** The id of the Patient that a line names as its owner, by the element of its type. */
  private static String owner(JsonNode line) {
    if (line.path("resourceType").asText().equals("Patient")) {
      return line.path("id").asText();
    }
    if (line.path("resourceType").asText().equals("List")) {
      return "";
    }
    return Stream.of("patient", "subject", "beneficiary")
        .map(element -> line.path(element).path("reference").asText())
        .filter(reference -> reference.startsWith("Patient/"))
        .map(reference -> reference.substring("Patient/".length()))
        .findFirst()
        .orElse("");
  }
}
