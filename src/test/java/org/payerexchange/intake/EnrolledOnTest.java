package org.payerexchange.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.support.PlainPayer;

/** Since when the member is ours: in every form, for ourselves alone. */
class EnrolledOnTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-25T12:00:00Z"), ZoneOffset.UTC);

  private static final String FLAT =
      """
      {"payer": "bison", "requestId": "r-1", "memberId": "m1", "given": "Alma", "family": "Testperson",
       "birthDate": "1980-02-29", "coverageId": "C-1", "consentId": "con-1", "consentPolicy": "regular",
       "consentStart": "2026-01-01", "consentEnd": "2030-12-31"%s}""";

  private static final String CSV =
      """
      payer,requestId,memberId,given,family,birthDate,coverageId,consentId,consentPolicy,consentStart,consentEnd,EnrolledOn
      bison,r-1,m1,Alma,Testperson,1980-02-29,C-1,con-1,regular,2026-01-01,2030-12-31,%s
      """;

  private static final String PARAMETERS =
      """
      {"resourceType": "Parameters", "id": "m1", "parameter": [
        {"name": "payer", "valueString": "bison"}, {"name": "enrolledOn", %s},
        {"name": "MemberPatient", "resource": {"resourceType": "Patient",
          "name": [{"given": ["Alma"], "family": "Testperson"}], "birthDate": "1980-02-29"}},
        {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage",
          "identifier": [{"value": "C-1"}]}},
        {"name": "Consent", "resource": {"resourceType": "Consent", "id": "con-1", "status": "active",
          "policy": [{"uri": "http://example.org/policy#regular"}],
          "provision": {"type": "permit", "period": {"start": "2026-01-01", "end": "2030-12-31"}}}}]}""";

  @Test
  void everyFormHasItAndThePayerIsNotTold() {
    for (String record :
        List.of(
            FLAT.formatted(", \"enrolledOn\": \"2027-01-01\""),
            CSV.formatted("2027-01-01"),
            PARAMETERS.formatted("\"valueDate\": \"2027-01-01\""))) {
      CheckedRecord checked = check(record);
      assertThat(checked.problems()).isEmpty();
      assertThat(checked.record().enrolledOn()).isEqualTo(LocalDate.of(2027, 1, 1));
      assertThat(checked.record().requestJson()).doesNotContain("2027", "nrolledOn");
    }
  }

  @Test
  void aMembersBundleHasItsOwn() {
    CheckedRecord checked =
        check(
            PARAMETERS
                .formatted("\"valueDate\": \"2027-01-01\"")
                .replaceFirst("\\[", "[{\"name\": \"MemberBundle\", \"part\": [")
                .replaceFirst("]}$", "]}]}"));

    assertThat(checked.problems()).isEmpty();
    assertThat(checked.record().enrolledOn()).isEqualTo(LocalDate.of(2027, 1, 1));
  }

  @Test
  void itMayBeLeftOutAndIsAPartOfWhatTheSenderSaid() {
    CheckedRecord without = check(FLAT.formatted(""));
    CheckedRecord with = check(FLAT.formatted(", \"enrolledOn\": \"2026-11-20\""));
    CheckedRecord other = check(FLAT.formatted(", \"enrolledOn\": \"2026-11-21\""));

    assertThat(without.record().enrolledOn()).isNull();
    assertThat(Set.of(without.record().sha256(), with.record().sha256(), other.record().sha256()))
        .hasSize(3);
    assertThat(with.record().requestJson()).isEqualTo(without.record().requestJson());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2026", "2026-11", "2026-02-30", "11/20/2026", "2026-11-20T00:00:00Z", "20261120"})
  void whatIsNoDayOfTheCalendarIsRejectedWithTheField(String text) {
    for (String record :
        List.of(
            FLAT.formatted(", \"enrolledOn\": \"%s\"".formatted(text)),
            CSV.formatted(text),
            PARAMETERS.formatted("\"valueDate\": \"%s\"".formatted(text)))) {
      assertThat(check(record).problems())
          .extracting(IntakeProblem::field)
          .containsExactly("enrolledOn");
    }
  }

  @Test
  void aParameterOfAnotherTypeIsRejected() {
    assertThat(check(PARAMETERS.formatted("\"valueString\": \"2026-11-20\"")).problems())
        .extracting(IntakeProblem::field)
        .containsExactly("enrolledOn");
  }

  private static CheckedRecord check(String record) {
    Payer bison = PlainPayer.of("bison", URI.create("http://localhost/bison"), new OneUp());
    List<RawRecord> records = new ArrayList<>();
    new RecordReader(1 << 20)
        .read(new ByteArrayInputStream(record.getBytes(UTF_8)))
        .forEachRemaining(records::add);
    List<CheckedRecord> checked =
        new IntakeValidator(new Payers(List.of(bison)), "", Map.of(), CLOCK)
            .check(records, new IntakeSource("test", null, null));
    assertThat(checked).hasSize(1);
    return checked.get(0);
  }
}
