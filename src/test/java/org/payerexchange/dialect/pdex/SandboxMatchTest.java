package org.payerexchange.dialect.pdex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.payerexchange.dialect.BulkMatch.Kind;
import org.payerexchange.dialect.BulkMatch.Outcome;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.dialect.member.MemberId;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.MatchForm;
import org.payerexchange.sandbox.MatchScenario;
import org.payerexchange.sandbox.PdexClient;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.PdexOptions;
import org.payerexchange.sandbox.ResultFile;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.step.TransferException;

/** What is written here is taken by a strict gateway, and what that answers is read, over HTTP. */
class SandboxMatchTest {
  private Sandbox sandbox;
  private PdexClient client;

  @AfterEach
  void stop() {
    sandbox.close();
  }

  static Stream<Arguments> forms() {
    return Arrays.stream(MatchForm.values())
        .flatMap(form -> Arrays.stream(ResultFile.values()).map(file -> Arguments.of(form, file)));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void eachFormOfAnAnswerSaysTheSame(MatchForm form, ResultFile file) throws IOException {
    start(form, file);

    assertThat(
            kinds(
                member(1, MatchScenario.PLAIN),
                member(2, MatchScenario.UNKNOWN),
                member(3, MatchScenario.CONSENT_CONSTRAINED)))
        .containsExactly(Kind.MATCHED, Kind.NO_MATCH, Kind.CONSENT_CONSTRAINED);
  }

  @Test
  void noMemberGetsWhatIsNotItsOwnForCertain() throws IOException {
    start(MatchForm.GROUPS, ResultFile.NDJSON);

    assertThat(
            kinds(
                member(1, MatchScenario.NO_BUCKET),
                member(2, MatchScenario.TWO_BUCKETS),
                member(3, MatchScenario.TWICE),
                member(6, MatchScenario.PLAIN),
                member(7, MatchScenario.SAME_PATIENT),
                member(8, MatchScenario.WITHOUT_PATIENT),
                member(9, MatchScenario.STRANGER),
                member(10, MatchScenario.PLAIN)))
        .containsExactly(
            Kind.UNCORRELATED,
            Kind.UNCORRELATED,
            Kind.MATCHED,
            Kind.AMBIGUOUS,
            Kind.AMBIGUOUS,
            Kind.MATCHED,
            Kind.UNCORRELATED,
            Kind.MATCHED);
  }

  @Test
  void anIdOfTheRequestBeforeIsNobodysHere() throws IOException {
    start(MatchForm.GROUPS, ResultFile.NDJSON);
    assertThat(kinds(member(1, MatchScenario.PLAIN))).containsExactly(Kind.MATCHED);

    assertThat(kinds(member(2, MatchScenario.STRANGER), member(3, MatchScenario.PLAIN)))
        .containsExactly(Kind.UNCORRELATED, Kind.MATCHED);
  }

  @Test
  void membersAreToldApartThoughTheirIdsAreOthers() throws IOException {
    start(MatchForm.GROUPS, ResultFile.NDJSON);
    fault(Fault.RENUMBERED_IDS);

    Map<String, Outcome> outcomes =
        outcomes(member(1, MatchScenario.PLAIN), member(2, MatchScenario.PLAIN));

    assertThat(outcomes.values())
        .extracting(Outcome::patientId)
        .containsExactly("pdex-000000001", "pdex-000000002");
  }

  @Test
  void whereNothingDecidesNobodyIsMatched() throws IOException {
    start(MatchForm.GROUPS, ResultFile.NDJSON);
    sandbox.faults().rates(Map.of(Fault.RENUMBERED_IDS, 1.0, Fault.WITHOUT_PATIENTS, 1.0));

    assertThat(kinds(member(1, MatchScenario.PLAIN), member(2, MatchScenario.PLAIN)))
        .containsExactly(Kind.UNCORRELATED, Kind.UNCORRELATED);
    assertThat(kinds(member(1, MatchScenario.PLAIN))).containsExactly(Kind.MATCHED);
  }

  @Test
  void aGroupWithoutCodeMatchesNobody() throws IOException {
    start(MatchForm.GROUPS, ResultFile.NDJSON);
    fault(Fault.WITHOUT_CODE);

    assertThat(kinds(member(1, MatchScenario.PLAIN))).containsExactly(Kind.UNCORRELATED);
  }

  @Test
  void thousandMembersFitIntoTheBodyOfAnAnswer() throws IOException {
    start(pdex -> pdex.answering(MatchForm.AT_ONCE, ResultFile.NDJSON).upTo(1000, 10_000_000));
    List<PdexMember> members =
        IntStream.range(0, 1000).mapToObj(number -> PdexMember.of("bison", number)).toList();

    String body = client.bulkMatch(request(members)).body();

    assertThatCode(() -> JsonLimits.mapper().readTree(body)).doesNotThrowAnyException();
    BulkMatchAnswer answer = Cases.answer(members.size());
    answer.add(new ByteArrayInputStream(body.getBytes(UTF_8)));
    assertThat(answer.groups().get(0).members()).hasSize(members.size());
  }

  @Test
  void anAnswerOfAHundredThousandEndsWithAReason() {
    start(MatchForm.GROUPS, ResultFile.NDJSON);
    fault(Fault.CROWD);

    assertThatThrownBy(() -> outcomes(member(1, MatchScenario.PLAIN)))
        .isInstanceOf(TransferException.class);
  }

  private void start(MatchForm form, ResultFile file) {
    start(pdex -> pdex.answering(form, file));
  }

  private void start(Consumer<PdexOptions.Builder> pdex) {
    sandbox = Sandbox.start(SandboxOptions.builder().pdex(pdex).build());
    client = new PdexClient(sandbox);
  }

  private void fault(Fault fault) {
    sandbox.faults().rates(Map.of(fault, 1.0));
  }

  private static PdexMember member(int number, MatchScenario scenario) {
    return new PdexMember("bison", number, scenario);
  }

  private List<Kind> kinds(PdexMember... members) throws IOException {
    return outcomes(members).values().stream().map(Outcome::kind).toList();
  }

  private Map<String, Outcome> outcomes(PdexMember... members) throws IOException {
    List<MemberBundle> bundles = bundles(List.of(members));
    HttpResponse<String> started = client.bulkMatch(request(List.of(members)));
    HttpResponse<String> last = started.statusCode() == 202 ? client.result(started) : started;
    assertThat(last.statusCode()).as(last.body()).isEqualTo(200);
    BulkMatchAnswer answer = Cases.answer(members.length);
    JsonNode body = PdexClient.json(last);
    if (body.has("output")) {
      List<JsonNode> output =
          StreamSupport.stream(body.path("output").spliterator(), false).toList();
      for (int place :
          ResultFiles.of(output.stream().map(file -> file.path("type").asText()).toList())) {
        HttpResponse<String> content =
            client.get(output.get(place).path("url").asText(), "Accept", "*/*");
        answer.add(new ByteArrayInputStream(content.body().getBytes(UTF_8)));
      }
    } else {
      answer.add(new ByteArrayInputStream(last.body().getBytes(UTF_8)));
    }
    return new Correlation(bundles.size(), bundles.stream().map(MemberBundle::asked).toList())
        .outcomes(answer.groups());
  }

  private JsonNode request(List<PdexMember> members) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    new BulkMatchRequest(JsonLimits.mapper()).write(bundles(members).iterator(), body);
    return Cases.json(body.toString(UTF_8));
  }

  private List<MemberBundle> bundles(List<PdexMember> members) {
    return members.stream()
        .map(
            member ->
                new MemberBundle(
                    record(member),
                    MemberId.of("batch-" + members.get(0).number(), member.coverageId()),
                    Cases.PARTIES))
        .toList();
  }

  /** As the intake has it of a row of a CSV file: no more than that tells. */
  private static ObjectNode record(PdexMember member) {
    ObjectNode record = FhirJson.resource("Parameters");
    ObjectNode patient = resource(record, "MemberPatient", "Patient");
    patient
        .putArray("name")
        .addObject()
        .put("family", member.family())
        .putArray("given")
        .add(member.given());
    patient.put("gender", member.gender()).put("birthDate", member.birthDate().toString());
    resource(record, "CoverageToMatch", "Coverage")
        .put("subscriberId", member.memberId())
        .putArray("identifier")
        .addObject()
        .put("value", member.coverageId());
    ObjectNode consent = resource(record, "Consent", "Consent").put("status", "active");
    consent
        .putArray("policy")
        .addObject()
        .put(
            "uri",
            "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#sensitive");
    consent
        .putObject("provision")
        .put("type", "permit")
        .putObject("period")
        .put("start", "2020-01-01")
        .put("end", "2099-12-31");
    return record;
  }

  private static ObjectNode resource(ObjectNode record, String name, String type) {
    return record
        .withArrayProperty("parameter")
        .addObject()
        .put("name", name)
        .putObject("resource")
        .put("resourceType", type);
  }
}
