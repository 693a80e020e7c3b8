package org.payerexchange.dialect.pdex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.BulkMatch.Export;
import org.payerexchange.dialect.BulkMatch.Kind;
import org.payerexchange.dialect.BulkMatch.Matched;
import org.payerexchange.dialect.BulkMatch.Member;
import org.payerexchange.dialect.BulkMatch.Outcome;
import org.payerexchange.dialect.BulkMatch.Reading;
import org.payerexchange.dialect.BulkMatch.Result;
import org.payerexchange.dialect.ExportLimits;
import org.payerexchange.dialect.GatewayRequest;
import org.payerexchange.dialect.JobWord;
import org.payerexchange.dialect.NamedJob;
import org.payerexchange.http.JsonLimits;

/** A PDex gateway, without one: what it is asked, and what its answers say. */
class PdexDialectTest {
  private static final URI BASE = URI.create("https://payer.example/fhir");
  private static final Instant MAY = Instant.parse("2026-05-01T00:00:00Z");
  private static final Pdex PDEX = pdex(PatientJoin.REPEAT);

  @Test
  void membersAreAskedForTogetherByAJob() throws IOException {
    GatewayRequest request = PDEX.request("b-1", List.of(member("t-1"), member("t-2")));

    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.at(BASE)).hasToString("https://payer.example/fhir/Group/$bulk-member-match");
    assertThat(request.contentType()).isEqualTo("application/fhir+json");
    assertThat(request.headers())
        .containsOnly(
            entry("Accept", "application/fhir+json"),
            entry("Prefer", "respond-async"),
            entry("Cache-Control", "no-cache"));
    JsonNode body = Cases.json(request.body());
    assertThat(body.path("parameter")).hasSize(2);
    assertThat(body.at("/parameter/0/part/0/resource/id"))
        .isNotEqualTo(body.at("/parameter/1/part/0/resource/id"));
    assertThat(PDEX.request("b-1", List.of(member("t-1"), member("t-2")))).isEqualTo(request);
  }

  @Test
  void whatAMemberLacksIsToldWithoutItsValues() throws IOException {
    ObjectNode lacking = Cases.member();
    Cases.resource(lacking, "MemberPatient").remove("gender");

    assertThat(PDEX.problems(Cases.member())).isEmpty();
    assertThat(PDEX.problems(lacking))
        .singleElement()
        .asString()
        .isEqualTo("MemberPatient.gender is missing, and there is no extension us-core-birthsex");
  }

  @Test
  void anAnswerIsReadForEachTransferOfTheRequest() throws IOException {
    GatewayRequest request = PDEX.request("b-1", List.of(member("t-1"), member("t-2")));
    JsonNode parameters = Cases.json(request.body()).path("parameter");
    ObjectNode matched = Cases.group("g", "match");
    Cases.entry(matched, "Patient/a", "#" + id(parameters, 0), "", patient(parameters, 0));
    Cases.entry(
        matched, "Patient/stranger", "#x", "", Cases.patient("x", "No", "One", "1990-01-01"));
    ObjectNode unmatched = Cases.group("", "nomatch");
    Cases.entry(unmatched, "", "#" + id(parameters, 1), "", patient(parameters, 1));

    Reading reading = PDEX.reading(2, prefix -> true);
    reading.add(stream(matched));
    reading.add(stream(unmatched));
    Result result = reading.result("b-1", List.of(member("t-1"), member("t-2")));

    assertThat(result.outcomes())
        .containsOnly(entry("t-1", Outcome.matched("g", "a")), entry("t-2", Outcome.NO_MATCH));
    assertThat(result.entries()).containsOnly(entry("g", 2));
  }

  @Test
  void whoIsLeftOfSeveralIsNotTakenForTheOnlyOneThatWasAskedFor() throws IOException {
    ObjectNode matched = Cases.group("g", "match");
    Cases.entry(matched, "Patient/a", "#1", "");

    for (int asked : new int[] {1, 2}) {
      Reading reading = PDEX.reading(asked, prefix -> true);
      reading.add(stream(matched));

      assertThat(reading.result("b-1", List.of(member("t-1"))).outcomes().get("t-1").kind())
          .isEqualTo(asked == 1 ? Kind.MATCHED : Kind.UNCORRELATED);
    }
  }

  @Test
  void eachGroupIsExportedByItself() {
    Matched one = new Matched("t-1", "g", "a", Optional.empty());
    Matched two = new Matched("t-2", "h", "b", Optional.of(MAY));
    Matched three = new Matched("t-3", "h", "c", Optional.empty());

    assertThat(PDEX.exports(List.of(one, two, three), Map.of("g", 1, "h", 2)))
        .containsExactly(
            new Export("g", List.of(one), Optional.empty(), false),
            new Export("h", List.of(three), Optional.empty(), true),
            new Export("h", List.of(two), Optional.of(MAY), true));
    assertThat(pdex(PatientJoin.NONE).exports(List.of(one, two, three), Map.of("g", 1, "h", 2)))
        .containsExactly(
            new Export("g", List.of(one), Optional.empty(), false),
            new Export("h", List.of(two, three), Optional.empty(), false));
  }

  @Test
  void anExportIsStartedByParametersWithAllThatItIsLimitedTo() throws IOException {
    GatewayRequest kickoff =
        PDEX.kickoff(
            "g:1",
            new ExportLimits(MAY, "Encounter", "Encounter?date=ge2021-01-01"),
            List.of("a", "b"));

    assertThat(kickoff.at(BASE))
        .hasToString("https://payer.example/fhir/Group/g%3A1/$davinci-data-export");
    assertThat(kickoff.method()).isEqualTo("POST");
    assertThat(kickoff.headers()).containsEntry("Prefer", "respond-async");
    JsonNode body = Cases.json(kickoff.body());
    assertThat(body.findValuesAsText("name"))
        .containsExactly("exportType", "_since", "_type", "_typeFilter", "patient", "patient");
    assertThat(body.findValuesAsText("reference")).containsExactly("Patient/a", "Patient/b");
  }

  @Test
  void aPayerThatTakesNoPatientIsAskedForTheGroup() throws IOException {
    GatewayRequest kickoff =
        pdex(PatientJoin.NONE).kickoff("g", ExportLimits.NONE, List.of("a", "b"));

    assertThat(Cases.json(kickoff.body()).findValuesAsText("name"))
        .containsExactly("exportType", "_type");
    assertThat(kickoff).isEqualTo(PDEX.kickoff("g", ExportLimits.NONE));
  }

  @Test
  void aFilterThatIsRefusedIsLeftOut() {
    ExportLimits filtered = new ExportLimits(MAY, "Encounter", "Encounter?x=1");
    ExportLimits whole = new ExportLimits(MAY, "Encounter", "");

    assertThat(PDEX.afterRefusal(400, filtered)).contains(whole);
    assertThat(PDEX.afterRefusal(422, filtered)).contains(whole);
    assertThat(PDEX.afterRefusal(403, filtered)).isEmpty();
    assertThat(PDEX.afterRefusal(422, whole)).isEmpty();
  }

  @Test
  void aJobIdStandsForAUrlOfItsKind() throws IOException {
    JsonNode answer = Cases.json("{\"jobId\": \"7\"}");

    assertThat(PDEX.matchJob(BASE, answer)).isEqualTo(new NamedJob("7", BASE + "/match/7"));
    assertThat(PDEX.job(BASE, answer, new byte[0]))
        .isEqualTo(new NamedJob("7", BASE + "/export/7"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'resourceType': 'Group'}",
        "{'resourceType': 'Bundle', 'entry': []}",
        "{'resourceType': 'Binary', 'data': ''}",
        "{'resourceType': 'Parameters', 'parameter': [{'name': 'MatchedMembers', 'resource': {}}]}",
        "{'parameter': [{'name': 'x', 'part': [{'name': 'MatchedMembers', 'resource': {}}]}]}",
        "{'jobId': '7', 'status': 'COMPLETED', 'output': {'resourceType': 'Parameters', 'parameter': [{'resource': {}}]}}"
      })
  void groupsAndWhatHoldsThemAreAResult(String answer) throws IOException {
    assertThat(PDEX.isResult(Cases.json(answer.replace('\'', '"')))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'output': [{'type': 'Group', 'url': 'x'}]}",
        "{'jobId': '7', 'status': 'IN_PROGRESS'}",
        "{'jobId': '7', 'status': 'COMPLETED', 'output': {}}",
        "{'resourceType': 'OperationOutcome'}",
        "{'resourceType': 'Parameters', 'parameter': [{'name': 'jobId', 'valueString': '7'}]}"
      })
  void aManifestAStatusAndAJobAreNone(String answer) throws IOException {
    assertThat(PDEX.isResult(Cases.json(answer.replace('\'', '"')))).isFalse();
  }

  @Test
  void theWordsOfAwsAreRead() throws IOException {
    assertThat(word("SUBMITTED")).isEqualTo(JobWord.AT_WORK);
    assertThat(word("IN_PROGRESS")).isEqualTo(JobWord.AT_WORK);
    assertThat(word("COMPLETED")).isEqualTo(JobWord.FINISHED);
    assertThat(word("FAILED")).isEqualTo(JobWord.FAILED);
    assertThat(PDEX.report(Cases.json("{}")).word()).isEqualTo(JobWord.NONE);
  }

  private static JobWord word(String status) throws IOException {
    return PDEX.report(Cases.json("{\"jobId\": \"7\", \"status\": \"%s\"}".formatted(status)))
        .word();
  }

  private static Member member(String transfer) throws IOException {
    return new Member(transfer, Cases.member());
  }

  private static String id(JsonNode parameters, int place) {
    return patient(parameters, place).path("id").asText();
  }

  private static JsonNode patient(JsonNode parameters, int place) {
    return parameters.path(place).path("part").path(0).path("resource");
  }

  private static ByteArrayInputStream stream(JsonNode resource) {
    return new ByteArrayInputStream(resource.toString().getBytes(UTF_8));
  }

  private static Pdex pdex(PatientJoin join) {
    return new Pdex(
        Cases.PARTIES,
        100,
        Duration.ofMinutes(1),
        Pdex.PAYER_TO_PAYER,
        new Pdex.StatusUrls("match/{jobId}", "export/{jobId}"),
        join,
        JsonLimits.mapper());
  }
}
