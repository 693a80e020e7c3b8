package org.payerexchange.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.payerexchange.intake.Samples.CLOCK;
import static org.payerexchange.intake.Samples.HEADER;
import static org.payerexchange.intake.Samples.REFERENCE_PAGE;
import static org.payerexchange.intake.Samples.ROW;
import static org.payerexchange.intake.Samples.flat;
import static org.payerexchange.intake.Samples.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.payer.Payers;
import org.payerexchange.support.PlainPayer;

/** What is legal FHIR R4 is told at intake, with the element; CLOCK says 1 March 2026. */
class FhirLegalityTest {
  private static final IntakeSource BISON = new IntakeSource("bison/x.json", "bison", null);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "identifier": {"value": "i"}                        | MemberPatient.identifier
          "identifier": "i"                                   | MemberPatient.identifier
          "identifier": [["i"]]                               | MemberPatient.identifier
          "telecom": {"system": "phone", "value": "5"}        | MemberPatient.telecom
          "telecom": [{"use": "cell"}]                        | MemberPatient.telecom.use
          "telecom": [{"use": "HOME"}]                        | MemberPatient.telecom.use
          "gender": "Female"                                  | MemberPatient.gender
          "gender": ["female"]                                | MemberPatient.gender
          "active": "true"                                    | MemberPatient.active
          "multipleBirthInteger": "2"                         | MemberPatient.multipleBirthInteger
          "multipleBirthInteger": 2.5                         | MemberPatient.multipleBirthInteger
          "multipleBirth": 2                                  | MemberPatient.multipleBirth
          "multipleBirthInteger": 2, "multipleBirthBoolean": true | MemberPatient.multipleBirthInteger
          "nickname": "x"                                     | MemberPatient.nickname
          "managingOrganizationResource": {"display": "x"}    | MemberPatient.managingOrganizationResource
          "meta": {"lastUpdated": "2026-01-01"}               | MemberPatient.meta.lastUpdated
          "id": "a b"                                         | MemberPatient.id
          "contained": [{"resourceType": "Nothing"}]          | MemberPatient.contained
          "contained": [{"resourceType": "Organization", "name": 7}] | MemberPatient.contained.name
          "extension": [{"url": "x", "valueDecimal": "1.5"}]  | MemberPatient.extension.valueDecimal
          "extension": [{"url": "x", "valueThing": "1.5"}]    | MemberPatient.extension.valueThing
          "_birthDate": {"value": "x"}                        | MemberPatient._birthDate.value
          "_name": [{"id": "x"}]                              | MemberPatient._name
          "photo": [{"data": "???"}]                          | MemberPatient.photo.data
          "address": [{"line": [null]}]                       | MemberPatient.address.line
          """)
  void anElementThatIsNotLegalIsNamed(String elements, String field) {
    assertThat(problems(patient(elements)))
        .singleElement()
        .satisfies(problem -> assertThat(problem.field()).isEqualTo(field));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "telecom": []
          "telecom": [{}]
          "gender": null
          "_birthDate": {"extension": [{"url": "x", "valueString": "y"}]}
          "address": [{"line": [null, "b"], "_line": [{"id": "a"}, null]}]
          "extension": [{"url": "x", "valueDecimal": 1e999999999}]
          "managingOrganization": {"reference": "#o"}, "contained": [{"resourceType": "Organization", "id": "o"}]
          "text": {"status": "generated", "div": "<div>x</div>"}
          "multipleBirthInteger": 2
          """)
  void whatIsLegalIsTaken(String elements) {
    assertThat(problems(patient(elements))).isEmpty();
  }

  @Test
  void numbersAreRegisteredAsTheyAreWritten() {
    String record =
        patient(
            "\"extension\": [{\"url\": \"x\", \"valueDecimal\": 1e999999999}, {\"url\": \"y\", \"valueDecimal\": 1.50}]");
    assertThat(check(record).record().requestJson())
        .contains("\"valueDecimal\":1e999999999", "\"valueDecimal\":1.50");
  }

  @ParameterizedTest
  @CsvSource({
    "2026, 2027-01, ",
    "2026-01, 2026, ",
    "2026-01-01, 2026-03-01, ",
    "2026-01-01T00:00:00-05:00, 2027-01-31T23:59:60-05:00, ",
    "2026-01-01T00:00:00, 2027, start",
    "2026-01-01T00:00-05:00, 2027, start",
    "2026-13, 2027, start",
    "2026, 2026-02-30, end",
    "2026, 2026-02, end",
    "2026-04, 2027, start",
  })
  void datesOfAConsentFollowTheRulesOfFhir(String start, String end, String wrong) {
    String record = REFERENCE_PAGE.replace("2026-01-01", start).replace("2099-12-31", end);
    String csv = HEADER + "\n" + ROW.replace("2026-01-01", start).replace("2099-12-31", end);
    if (wrong == null) {
      assertThat(problems(record)).isEmpty();
      assertThat(problems(csv)).isEmpty();
    } else {
      assertThat(problems(record))
          .singleElement()
          .satisfies(
              problem ->
                  assertThat(problem.field()).isEqualTo("Consent.provision.period." + wrong));
      assertThat(problems(csv)).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"1980", "1980-04"})
  void aBirthDateIsAWholeDayAndNeverMadeOne(String date) {
    for (String record : List.of(REFERENCE_PAGE, HEADER + "\n" + ROW, flat("a"))) {
      assertThat(problems(record.replace("1980-04-05", date)))
          .singleElement()
          .satisfies(problem -> assertThat(problem.field()).endsWith("birthDate"));
    }
  }

  @Test
  void fiftyProblemsAreNamedAndTheOthersCounted() {
    String record = patient("\"telecom\": [" + "7,".repeat(200_000) + "7]");
    List<IntakeProblem> problems = problems(record);
    assertThat(problems).hasSize(51);
    assertThat(problems.get(50).text()).endsWith("and 199951 more");
  }

  @Test
  void theMemberIdOfAFlatRecordStandsWhereMatchersLookForIt() throws Exception {
    JsonNode request = request(HEADER + ",memberIdSystem\n" + ROW + ",urn:own");
    JsonNode identifier = request.at("/parameter/0/resource/identifier/0");
    assertThat(identifier.at("/type/coding/0/code").asText()).isEqualTo("MB");
    assertThat(identifier.path("system").asText()).isEqualTo("urn:own");
    assertThat(identifier.path("value").asText()).isEqualTo("member-1");
    JsonNode coverage = request.at("/parameter/1/resource");
    assertThat(coverage.path("subscriberId").asText()).isEqualTo("member-1");
    assertThat(coverage.path("identifier").toString())
        .isEqualTo("[{\"system\":\"urn:payer:coverage\",\"value\":\"cov-1\"}]");
    assertThat(coverage.has("relationship") || coverage.has("status")).isFalse();
    assertThat(request.path("parameter")).hasSize(3);
  }

  @Test
  void theOwnPlansIdsBecomeTheCoverageToLink() throws Exception {
    JsonNode request =
        request(HEADER + ",linkMemberId,linkCoverageId\n" + ROW + ",own-1,own-cov-1");
    assertThat(request.at("/parameter/2/name").asText()).isEqualTo("CoverageToLink");
    assertThat(request.at("/parameter/2/resource").toString())
        .isEqualTo(
            "{\"identifier\":[{\"value\":\"own-cov-1\"}],\"resourceType\":\"Coverage\",\"subscriberId\":\"own-1\"}");
  }

  @Test
  void anIdThatIsNoneForFhirIsAnIdentifier() throws Exception {
    JsonNode request =
        request(HEADER + "\n" + ROW.replace("member-1", "A 1/2").replace("consent-1", "C_1"));
    assertThat(request.has("id")).isFalse();
    assertThat(request.at("/parameter/0/resource/identifier/0/value").asText()).isEqualTo("A 1/2");
    assertThat(request.at("/parameter/2/resource/identifier/0/value").asText()).isEqualTo("C_1");
  }

  @Test
  void aPayersSystemsMakeNoOtherRecordOfIt() {
    CheckedRecord without =
        new IntakeValidator(payers(), "", Map.of(), CLOCK).check(read(flat("a")), BISON).get(0);
    assertThat(check(flat("a")).record().sha256()).isEqualTo(without.record().sha256());
    assertThat(check(flat("a").replace("{", "{\"memberIdSystem\":\"urn:x\",")).record().sha256())
        .isNotEqualTo(without.record().sha256());
  }

  @ParameterizedTest
  @CsvSource({"memberIdSystem, a b", "coverageSystem, a b", "linkMemberId, 'a\tb'"})
  void aWrongValueOfANewFieldIsNamed(String field, String value) {
    assertThat(
            problems(
                flat("a")
                    .replace("{", "{\"" + field + "\":\"" + value.replace("\t", "\\t") + "\",")))
        .singleElement()
        .satisfies(problem -> assertThat(problem.field()).isEqualTo(field));
  }

  @ParameterizedTest
  @ValueSource(strings = {"=\"0012345\"", "\"=\"\"0012345\"\"\""})
  void aCellThatIsWrittenAsAFormulaOfTextIsThatText(String cell) throws Exception {
    JsonNode request = request(HEADER + "\n" + ROW.replace("member-1", cell));
    assertThat(request.path("id").asText()).isEqualTo("0012345");
    assertThat(request.at("/parameter/1/resource/subscriberId").asText()).isEqualTo("0012345");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1.23457E+11", "1,23457E+11", "5E+14", "#N/A", "#REF!", "#NAME?", "########"})
  void whatASpreadsheetShowsInsteadOfAValueIsNotTakenForOne(String cell) {
    String quoted = "\"" + cell + "\"";
    for (String record : List.of(HEADER + "\n" + ROW.replace("member-1", quoted), flat(cell))) {
      assertThat(problems(record))
          .singleElement()
          .satisfies(problem -> assertThat(problem.field()).isEqualTo("memberId"))
          .satisfies(problem -> assertThat(problem.why()).contains("spreadsheet"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"NULL", "null", "(null)", "<NA>", "NaN", "None", "N/A", "NaT", "\\N", "undefined"})
  void aWordForNothingIsNoValue(String word) {
    String quoted = "\"" + word + "\"";
    for (String field : List.of("requestId", "coverageSystem", "linkMemberId", "linkCoverageId")) {
      String csv = field + "," + HEADER + "\n" + quoted + "," + ROW;
      String json = flat("M").replaceFirst("\\{", "{\"" + field + "\":\"\",");
      assertThat(problems(csv))
          .singleElement()
          .satisfies(problem -> assertThat(problem.field()).isEqualTo(field))
          .satisfies(problem -> assertThat(problem.why()).contains("word for nothing"));
      assertThat(problems(json)).isEmpty();
    }
    assertThat(problems(HEADER + "\n" + ROW.replace("Marlowe", quoted))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"12E10", "#12", "E+11", "=12", "1.5", "A#N/A"})
  void anIdThatOnlyLooksLikeThatIsTaken(String id) {
    assertThat(problems(HEADER + "\n" + ROW.replace("member-1", id))).isEmpty();
  }

  private static JsonNode request(String record) throws Exception {
    CheckedRecord checked = check(record);
    assertThat(checked.problems()).isEmpty();
    return new ObjectMapper().readTree(checked.record().requestJson());
  }

  private static String patient(String elements) {
    String changed = REFERENCE_PAGE.replace("\"birthDate\"", elements + ", \"birthDate\"");
    assertThat(changed).isNotEqualTo(REFERENCE_PAGE);
    return changed;
  }

  private static List<IntakeProblem> problems(String record) {
    return check(record).problems();
  }

  private static CheckedRecord check(String record) {
    IdentifierSystems systems =
        new IdentifierSystems(Optional.of("urn:payer:member"), Optional.of("urn:payer:coverage"));
    return new IntakeValidator(payers(), "", Map.of("bison", systems), CLOCK)
        .check(read(record), BISON)
        .get(0);
  }

  private static Payers payers() {
    return new Payers(
        List.of(PlainPayer.of("bison", URI.create("http://127.0.0.1/v1/bison"), new OneUp())));
  }
}
