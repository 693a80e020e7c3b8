package org.payerexchange.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.dialect.ExportForm;
import org.payerexchange.dialect.ExportLimits;

class ExportScopeTest {
  @Test
  void anExportIsLimitedToTheTypesAndTheFilterWithoutTheirBlanks() {
    assertThat(new ExportScope(false, "Patient, Claim", " Claim?x=1 ").limits(Optional.empty()))
        .isEqualTo(new ExportLimits(null, "Patient,Claim", "Claim?x=1"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          `` | `` | `` | `` | true
          Patient | `` | `` | `` | true
          Patient | `` | Coverage,Patient | `` | true
          Patient,Claim | `` | Coverage,Patient | `` | false
          `` | `` | Patient | `` | false
          Patient | Patient?active=true | Patient | `` | true
          Patient | Patient?active=true | Patient | Patient?active=true | true
          Patient | Patient?active=true | Patient | Patient?gender=female | false
          Patient | `` | Patient | Patient?active=true | false
          """)
  void anExportAsksForMoreThanTheLastIfATypeOrAFilterIsAnother(
      String types, String filter, String typesBefore, String filterBefore, boolean within) {
    assertThat(
            new ExportScope(true, types, filter)
                .isWithin(new ExportScope(true, typesBefore, filterBefore).text()))
        .isEqualTo(within);
  }

  @ParameterizedTest
  @CsvSource({
    "'', true",
    "Claim, true",
    "'Claim,Patient,Specimen', false",
  })
  void anExportWithoutTypesHadTheUsualOnesWhetherOrNotThatWasKept(String types, boolean within) {
    ExportScope next = usually(types);

    assertThat(next.isWithin(usually("").text())).isEqualTo(within);
    assertThat(next.isWithin(" ")).isEqualTo(within);
  }

  private static ExportScope usually(String types) {
    return new ExportScope(true, types, "", ExportForm.PLAIN, "Patient,Claim");
  }

  /** What lies behind its end would never come. */
  @Test
  void nothingIsWithinAnExportThatLeftOutWhatWasChangedAfterATime() {
    ExportForm until =
        new ExportForm(
            ExportForm.Kickoff.GET, false, "", Instant.parse("2026-12-31T23:59:59Z"), false);

    assertThat(
            new ExportScope(true, "Patient", "")
                .isWithin(new ExportScope(false, "Patient", "", until, "").text()))
        .isFalse();
  }

  @Test
  void aTypeThatIsNoneIsRefused() {
    assertThatThrownBy(() -> new ExportScope(false, "Patient;Coverage", ""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
