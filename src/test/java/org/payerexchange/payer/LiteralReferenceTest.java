package org.payerexchange.payer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LiteralReferenceTest {

  @ParameterizedTest
  @CsvSource({
    "Patient/1, '', true",
    "/Patient/1, /, true",
    "Patient/1/, '', true",
    "Patient/1/_history/7, '', false",
    "Patient/1/_history/7/, '', false",
    "Patient/1/_history, '', false",
    "Patient/1#x?y=/z, '', false",
    "https://payer.example/_historyOf/Patient/1, https://payer.example/_historyOf/, true",
    "https://payer.example/fhir/Patient/1, https://payer.example/fhir/, true"
  })
  void aReferenceNamesATypeAndAnId(String text, String prefix, boolean whole) {
    assertThat(LiteralReference.of(text))
        .contains(new LiteralReference(prefix, "Patient", "1", whole));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "1",
        "#1",
        "patient/1",
        "P/1",
        "Patient/",
        "Patient/1 2",
        "Patient/_search",
        "Patient/$everything",
        "Patient/_history/1",
        "Patient?identifier=1",
        "Patient/1?x=Patient/2",
        "Patient/1/_history/Patient/2",
        "Patient/1/_history/7/Patient/2",
        "Patient/1/_history/7/_history/8"
      })
  void whatNamesNoneOrMoreThanOneIsNoReference(String text) {
    assertThat(LiteralReference.of(text)).isEmpty();
  }

  @Test
  void whatIsToldOfItHoldsNoId() {
    assertThat(LiteralReference.of("Patient/4711").orElseThrow()).asString().doesNotContain("4711");
  }
}
