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
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.intake.IntakeProblem.Reason;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.support.PlainPayer;

class IntakeValidatorTest {
  private static final IntakeSource BISON_FOLDER = new IntakeSource("bison/x.json", "bison", null);
  private static final IntakeSource NOWHERE = new IntakeSource("x.json", null, null);

  @Test
  void theReferencePagesRequestIsTakenAsItIsPrinted() throws Exception {
    CanonicalRecord record = accepted(REFERENCE_PAGE, BISON_FOLDER);
    assertThat(record.payer()).isEqualTo("bison");
    assertThat(record.requestId()).isNull();
    assertThat(record.consentEnd()).isEqualTo(LocalDate.of(2099, 12, 31));
    assertThat(record.consentPolicy()).endsWith("hrex-consent.html#regular");
    JsonNode json = new ObjectMapper().readTree(record.requestJson());
    assertThat(json.path("id").asText()).isEqualTo("member-1");
    assertThat(json.findValuesAsText("resourceType"))
        .containsExactlyInAnyOrder("Parameters", "Patient", "Coverage", "Consent");
  }

  @Test
  void theSameRecordIsTheSameInEveryForm() {
    String key = accepted(REFERENCE_PAGE, BISON_FOLDER).sha256();
    assertThat(accepted(flat("member-1"), NOWHERE).sha256()).isEqualTo(key);
    assertThat(accepted(HEADER + "\n" + ROW, NOWHERE).sha256()).isEqualTo(key);
    String byUri =
        ROW.replace(
            "regular",
            "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#regular");
    assertThat(accepted(HEADER + "\n" + byUri, NOWHERE).sha256()).isEqualTo(key);
    assertThat(
            accepted(
                    "[" + REFERENCE_PAGE.replace("MemberPatient", "memberpatient") + "]",
                    BISON_FOLDER)
                .sha256())
        .isEqualTo(key);
    assertThat(accepted(flat("member-2"), NOWHERE).sha256()).isNotEqualTo(key);
    assertThat(accepted(REFERENCE_PAGE, new IntakeSource("x", "otter", null)).sha256())
        .isNotEqualTo(key);
  }

  @Test
  void whatElseARecordSaysIsKept() {
    String more =
        REFERENCE_PAGE
            .replace("\"birthDate\"", "\"multipleBirthInteger\": 2, \"birthDate\"")
            .replace(
                "\"parameter\": [",
                "\"parameter\": [{\"name\": \"extra\", \"valueDecimal\": 1.50},");
    assertThat(accepted(more, BISON_FOLDER).requestJson())
        .contains("\"multipleBirthInteger\":2")
        .contains("{\"name\":\"extra\",\"valueDecimal\":1.50}");
  }

  @Test
  void namesOfParametersAreSentAsTheStandardWritesThem() {
    String json =
        accepted(
                REFERENCE_PAGE
                    .replace("MemberPatient", "MEMBERPATIENT")
                    .replace("CoverageToMatch", "coveragetomatch")
                    .replace("\"name\": \"Consent\"", "\"name\": \"consent\""),
                BISON_FOLDER)
            .requestJson();
    assertThat(json).contains("\"MemberPatient\"", "\"CoverageToMatch\"", "\"name\":\"Consent\"");
  }

  @Test
  void parametersMayCarryPayerAndRequestIdWhichAreNotSentOn() {
    String own =
        REFERENCE_PAGE.replace(
            "\"parameter\": [",
            """
            "parameter": [{"name": "payer", "valueString": "otter"},
                {"name": "requestId", "valueString": "r-7"},
            """);
    CanonicalRecord record = accepted(own, NOWHERE);
    assertThat(record.payer()).isEqualTo("otter");
    assertThat(record.requestId()).isEqualTo("r-7");
    assertThat(record.requestJson()).doesNotContain("r-7", "otter");
    assertThat(record.sha256())
        .isEqualTo(accepted(REFERENCE_PAGE, new IntakeSource("x", "otter", null)).sha256());
  }

  @Test
  void thePayerIsTheRecordsElseTheSourcesElseTheDefault() {
    assertThat(accepted(flat("a"), NOWHERE).payer()).isEqualTo("bison");
    assertThat(accepted(flat("a"), BISON_FOLDER).payer()).isEqualTo("bison");
    assertThat(accepted(REFERENCE_PAGE, BISON_FOLDER).payer()).isEqualTo("bison");
    CheckedRecord byDefault =
        new IntakeValidator(payers(), "otter", Map.of(), CLOCK)
            .check(read(REFERENCE_PAGE), NOWHERE)
            .get(0);
    assertThat(byDefault.record().payer()).isEqualTo("otter");
  }

  @Test
  void aPayerThatIsMissingUnknownOrNotTheFoldersIsAProblem() {
    assertThat(problems(REFERENCE_PAGE, NOWHERE))
        .containsExactly(
            new IntakeProblem(
                Reason.MISSING, "payer", "is missing, and there is no default payer"));
    assertThat(problems(REFERENCE_PAGE, new IntakeSource("x", "lynx", null)))
        .extracting(IntakeProblem::reason)
        .containsExactly(Reason.UNKNOWN_PAYER);
    assertThat(problems(flat("a"), new IntakeSource("otter/x", "otter", null)))
        .extracting(IntakeProblem::reason)
        .containsExactly(Reason.PAYER_DISAGREES);
  }

  @Test
  void aPayerThatIsNamedAsPeopleNameItIsToldTheFormOfIds() {
    String form = "; payer ids are made of lower-case letters, digits and dashes";
    String named = flat("a").replace("\"bison\"", "\"Bison\"");
    assertThat(problems(named, NOWHERE))
        .extracting(IntakeProblem::text)
        .containsExactly("payer is not a configured payer" + form);
    assertThat(problems(named, BISON_FOLDER))
        .extracting(IntakeProblem::text)
        .containsExactly(
            "payer is not the payer of the folder or message that the record came in" + form);
    assertThat(problems(flat("a").replace("bison", "lynx"), NOWHERE))
        .extracting(IntakeProblem::text)
        .containsExactly("payer is not a configured payer");
  }

  @Test
  void aResourceOfAnotherTypeIsToldWhichIsExpectedAndNothingElseOfIt() {
    assertThat(problems("{\"resourceType\": \"Bundle\", \"entry\": []}", BISON_FOLDER))
        .extracting(IntakeProblem::text)
        .containsExactly(
            "Parameters must be the resourceType of a FHIR record; a flat record has no"
                + " resourceType");
    String wrongPart =
        REFERENCE_PAGE.replace("\"resourceType\": \"Consent\"", "\"resourceType\": \"Patient\"");
    assertThat(problems(wrongPart, BISON_FOLDER).get(0).text())
        .isEqualTo("Consent must hold a resource whose resourceType is Consent");
  }

  @Test
  void theRequestIdOfAMessageIsThatOfItsOneRecordAndOfNoneAmongSeveral() {
    IntakeSource message = new IntakeSource("jms:1", null, "r-1");
    assertThat(validator().check(read(flat("a")), message))
        .extracting(record -> record.record().requestId())
        .containsExactly("r-1");
    assertThat(validator().check(read(flat("a") + "\n" + flat("b")), message))
        .flatExtracting(CheckedRecord::problems)
        .extracting(IntakeProblem::text)
        .hasSize(2)
        .containsOnly(
            "requestId came beside several records, which cannot share it: give each its own");
  }

  @ParameterizedTest
  @ValueSource(strings = {"withdraw", "Withdraw"})
  void parametersThatWithdrawAreNoRequestAndSayWhatWithdraws(String name) {
    String withdraws =
        REFERENCE_PAGE.replace(
            "\"parameter\": [",
            "\"parameter\": [{\"name\": \"%s\", \"valueBoolean\": true},".formatted(name));
    assertThat(problems(withdraws, BISON_FOLDER))
        .extracting(IntakeProblem::text)
        .containsExactly(
            "withdraw is not taken in Parameters: send the Consent alone, inactive or rejected, or a flat record");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          family        | ''          | MISSING
          given         | ' '         | MISSING
          birthDate     | ''          | MISSING
          birthDate     | 2026-02-30  | INVALID
          birthDate     | 05/04/1980  | INVALID
          birthDate     | 1980-04     | INVALID
          birthDate     | 2026-03-02  | INVALID
          memberId      | ''          | MISSING
          coverageId    | ''          | MISSING
          consentId     | ''          | MISSING
          consentPolicy | ''          | MISSING
          consentPolicy | everything  | INVALID
          consentPolicy | x#regular   | INVALID
          consentStart  | ''          | MISSING
          consentStart  | 2026-13-01  | INVALID
          consentStart  | 2026-03-02  | NO_CONSENT
          consentEnd    | ''          | MISSING
          consentEnd    | 2026-02-28  | NO_CONSENT
          consentEnd    | 2025-12-31  | INVALID
          consentEnd    | 2099-02-29  | INVALID
          payer         | lynx        | UNKNOWN_PAYER
          gender        | F           | INVALID
          requestId     | "a\\u0000b" | INVALID
          """)
  void aFlatRecordsProblemNamesItsFieldAndNeverTheValue(String field, String value, Reason reason)
      throws Exception {
    String text = value.startsWith("\"") ? value : "\"" + value + "\"";
    String record =
        flat("a").contains("\"" + field + "\"")
            ? flat("a")
                .replaceFirst(
                    "\"" + field + "\":\"[^\"]*\"",
                    "\"" + field + "\":" + text.replace("\\", "\\\\"))
            : flat("a").replace("{", "{\"" + field + "\":" + text + ",");
    assertThat(problems(record, NOWHERE))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.field()).isEqualTo(field);
              assertThat(problem.reason()).isEqualTo(reason);
              if (!value.isBlank()) {
                assertThat(problem.text()).doesNotContain(value);
              }
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "family": "Marlowe"     | "family": ""                  | MemberPatient.name.family     | MISSING
          "family": "Marlowe"     | "family": 7                   | MemberPatient.name.family     | INVALID
          "given": ["Ada"],       |                               | MemberPatient.name.given      | MISSING
          "given": ["Ada"]        | "given": "Ada"                | MemberPatient.name.given      | INVALID
          "1980-04-05"            | "1980-02-30"                  | MemberPatient.birthDate       | INVALID
          "birthDate":            | "gender": "f", "birthDate":   | MemberPatient.gender          | INVALID
          "value" : "cov-1"       | "value" : null                | CoverageToMatch.identifier.value | MISSING
          "status": "active"      | "status": "draft"             | Consent.status                | NO_CONSENT
          "status": "active",     |                               | Consent.status                | MISSING
          "type": "permit"        | "type": "deny"                | Consent.provision.type        | NO_CONSENT
          "2099-12-31"            | "2026-02-28"                  | Consent.provision.period.end  | NO_CONSENT
          "2026-01-01"            | "2026-01-01T25:00:00Z"        | Consent.provision.period.start | INVALID
          "name": "MemberPatient" | "name": "Someone"             | MemberPatient                 | MISSING
          "name" : "CoverageToMatch" | "name" : "Consent"         | CoverageToMatch               | MISSING
          "resourceType": "Consent" | "resourceType": "Patient"   | Consent                       | INVALID
          "resourceType": "Parameters" | "resourceType": "Bundle" | Parameters                    | INVALID
          """)
  void aParametersProblemNamesItsPath(String from, String to, String field, Reason reason) {
    String changed = REFERENCE_PAGE.replace(from, to == null ? "" : to);
    assertThat(changed).isNotEqualTo(REFERENCE_PAGE);
    assertThat(problems(changed, BISON_FOLDER))
        .anySatisfy(
            problem -> {
              assertThat(problem.field()).isEqualTo(field);
              assertThat(problem.reason()).isEqualTo(reason);
            });
  }

  @Test
  void aSecondParameterOfOneNameIsAProblem() {
    String link = "{\"name\": \"CoverageToLink\", \"resource\": {\"subscriberId\": \"s\"}},";
    String one = REFERENCE_PAGE.replace("\"parameter\": [", "\"parameter\": [" + link);
    String two = REFERENCE_PAGE.replace("\"parameter\": [", "\"parameter\": [" + link + link);
    assertThat(problems(one, BISON_FOLDER)).isEmpty();
    assertThat(problems(two, BISON_FOLDER))
        .containsExactly(
            new IntakeProblem(Reason.REPEATED, "CoverageToLink", "is given more than once"));
  }

  @Test
  void aCoverageMayBeNamedByItsSubscriber() {
    String bySubscriber =
        REFERENCE_PAGE.replaceFirst(
            "\"identifier\" : \\[\\s*\\{\\s*\"value\" : \"cov-1\"\\s*}\\s*]",
            "\"subscriberId\": \"s-1\"");
    assertThat(bySubscriber).isNotEqualTo(REFERENCE_PAGE);
    assertThat(problems(bySubscriber, BISON_FOLDER)).isEmpty();
  }

  @Test
  void aConsentIsInForceOnItsFirstAndItsLastDay() {
    assertThat(problems(flat("a").replace("2026-01-01", "2026-03-01"), NOWHERE)).isEmpty();
    assertThat(problems(flat("a").replace("2099-12-31", "2026-03-01"), NOWHERE)).isEmpty();
  }

  @Test
  void everyProblemOfARecordIsNamedAtOnce() {
    assertThat(problems("{\"payer\":\"bison\"}", NOWHERE))
        .extracting(IntakeProblem::field)
        .containsExactlyInAnyOrder(
            "memberId",
            "given",
            "family",
            "birthDate",
            "coverageId",
            "consentId",
            "consentPolicy",
            "consentStart",
            "consentEnd");
  }

  @Test
  void valuesThatAreTooLongAreNotTaken() {
    assertThat(problems(flat("m".repeat(129)), NOWHERE))
        .containsExactly(
            new IntakeProblem(Reason.TOO_LONG, "memberId", "is longer than 128 characters"));
  }

  @Test
  void nothingThatIsPrintedHoldsAValue() {
    CheckedRecord checked = validator().check(read(flat("a")), NOWHERE).get(0);
    assertThat(checked + " " + checked.raw() + checked.record())
        .doesNotContain("Marlowe", "Ada", "1980", "cov-1");
  }

  private static CanonicalRecord accepted(String text, IntakeSource source) {
    List<CheckedRecord> checked = validator().check(read(text), source);
    assertThat(checked).hasSize(1);
    assertThat(checked.get(0).problems()).isEmpty();
    return checked.get(0).record();
  }

  private static List<IntakeProblem> problems(String text, IntakeSource source) {
    return validator().check(read(text), source).get(0).problems();
  }

  private static IntakeValidator validator() {
    return new IntakeValidator(payers(), "", Map.of(), CLOCK);
  }

  private static Payers payers() {
    return new Payers(List.of(payer("bison"), payer("otter")));
  }

  private static Payer payer(String id) {
    return PlainPayer.of(id, URI.create("http://127.0.0.1/v1/" + id), new OneUp());
  }
}
