package org.payerexchange.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExportScopeTest {
  private static final Duration OVERLAP = Duration.ofHours(1);
  private static final Optional<String> DELIVERED = Optional.of("2026-11-23T00:30:00.000-05:00");

  @Test
  void withoutLimitsThereIsNoQuery() {
    assertThat(ExportScope.EVERYTHING.query(DELIVERED, OVERLAP)).isEmpty();
  }

  @Test
  void sinceIsTheLastDeliveredTimeLessTheOverlap() {
    assertThat(new ExportScope(true, "", "").query(DELIVERED, OVERLAP))
        .isEqualTo("?_since=2026-11-23T04%3A30%3A00Z");
  }

  @Test
  void theFirstExportAndOneAfterATimeThatIsNoneAskForAll() {
    ExportScope incremental = new ExportScope(true, "", "");
    assertThat(incremental.query(Optional.empty(), OVERLAP)).isEmpty();
    assertThat(incremental.query(Optional.of("yesterday"), OVERLAP)).isEmpty();
  }

  @Test
  void typesAndFiltersAreEncoded() {
    assertThat(
            new ExportScope(false, "Patient, Observation", "Observation?category=a b&x=1")
                .query(DELIVERED, OVERLAP))
        .isEqualTo(
            "?_type=Patient%2CObservation&_typeFilter=Observation%3Fcategory%3Da%20b%26x%3D1");
  }

  @Test
  void aTypeThatIsNoneIsRefused() {
    assertThatThrownBy(() -> new ExportScope(false, "Patient;Coverage", ""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
