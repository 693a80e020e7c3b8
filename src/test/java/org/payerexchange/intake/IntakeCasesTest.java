package org.payerexchange.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.support.PlainPayer;

/** Inputs that people have met, each a file of {@code cases}, on one day for ever. */
class IntakeCasesTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-25T12:00:00Z"), ZoneOffset.UTC);

  private static final IntakeSource SOURCE = new IntakeSource("case", null, null);
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource({
    "csv-sep-line/members.csv, 2",
    "csv-sep-line/members-comma.csv, 1",
    "csv-sep-line/members-quoted.csv, 1",
    "csv-no-break-space/members.csv, 1",
    "csv-no-break-space/cells.csv, 2",
    "csv-trailing-separators/rows.csv, 3",
    "csv-trailing-separators/both.csv, 1",
    "consent-partial-dates/endmonth.json, 1",
    "consent-partial-dates/endyear.json, 1",
    "consent-partial-dates/today.json, 1",
    "consent-partial-dates/offset.json, 1",
    "dependents-coverage/one.json, 1",
    "dependents-coverage/dependent.json, 1",
  })
  void everyRecordIsATransfer(String file, int records) throws IOException {
    assertThat(check(file))
        .hasSize(records)
        .allSatisfy(record -> assertThat(record.problems()).isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "consent-partial-dates/local.json, Consent.provision.period.start",
    "consent-partial-dates/minute.json, Consent.provision.period.start",
    "birthdate-partial/year.json, MemberPatient.birthDate",
    "birthdate-partial/month.json, MemberPatient.birthDate",
    "birthdate-partial/flat.csv, birthDate",
    "not-quite-fhir/name.json, MemberPatient.name",
    "not-quite-fhir/identifier.json, MemberPatient.identifier",
    "not-quite-fhir/text.json, MemberPatient.identifier",
    "not-quite-fhir/telecom-use-code.json, MemberPatient.telecom.use",
    "not-quite-fhir/coverage.json, CoverageToMatch.identifier",
    "not-quite-fhir/coverage-status-case.json, CoverageToMatch.status",
  })
  void theRecordIsRejectedWithTheField(String file, String field) throws IOException {
    assertThat(check(file))
        .singleElement()
        .satisfies(
            record ->
                assertThat(record.problems()).extracting(IntakeProblem::field).contains(field));
  }

  @Test
  void nothingStandsBehindAName() throws IOException {
    JsonNode request = request("csv-no-break-space/cells.csv", 1);
    assertThat(request.at("/parameter/0/resource/name/0/given/0").asText()).isEqualTo("Alma");
  }

  @ParameterizedTest
  @ValueSource(strings = {"one.json", "dependent.json"})
  void everyElementIsKeptAsItWasSentAndNothingIsSaidThatNobodySaid(String file) throws IOException {
    String path = "dependents-coverage/" + file;
    try (InputStream sent = open(path)) {
      assertThat(request(path, 0)).isEqualTo(JSON.readTree(sent));
    }
  }

  private static JsonNode request(String file, int record) throws IOException {
    return JSON.readTree(check(file).get(record).record().requestJson());
  }

  private static List<CheckedRecord> check(String file) throws IOException {
    List<RawRecord> records = new ArrayList<>();
    try (InputStream input = open(file)) {
      new RecordReader(1 << 20).read(input).forEachRemaining(records::add);
    }
    Payer plain = PlainPayer.of("plain", URI.create("http://127.0.0.1/v1/plain"), new OneUp());
    return new IntakeValidator(new Payers(List.of(plain)), "plain", Map.of(), CLOCK)
        .check(records, SOURCE);
  }

  private static InputStream open(String file) {
    return IntakeCasesTest.class.getResourceAsStream("/cases/" + file);
  }
}
