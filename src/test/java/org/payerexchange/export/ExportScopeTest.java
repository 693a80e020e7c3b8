package org.payerexchange.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExportScopeTest {
  @Test
  void withoutLimitsThereIsNoQuery() {
    assertThat(ExportScope.EVERYTHING.query(Optional.empty())).isEmpty();
  }

  @Test
  void sinceIsAnInstant() {
    assertThat(
            new ExportScope(true, "", "").query(Optional.of(Instant.parse("2026-11-23T04:30:00Z"))))
        .isEqualTo("?_since=2026-11-23T04%3A30%3A00Z");
  }

  @Test
  void typesAndFiltersAreEncoded() {
    assertThat(
            new ExportScope(false, "Patient, Observation", "Observation?category=a b&x=1")
                .query(Optional.empty()))
        .isEqualTo(
            "?_type=Patient%2CObservation&_typeFilter=Observation%3Fcategory%3Da%20b%26x%3D1");
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

  @Test
  void aTypeThatIsNoneIsRefused() {
    assertThatThrownBy(() -> new ExportScope(false, "Patient;Coverage", ""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
