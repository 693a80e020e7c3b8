package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExportRequestTest {
  private static final Instant SINCE = Instant.parse("2026-08-01T00:00:00Z");
  private static final Instant UNTIL = Instant.parse("2026-11-01T00:00:00Z");

  @Test
  void theFirstRunAsksForAllTypesOfAllTime() throws IOException {
    ExportRequest request = of("", "", Optional.empty(), List.of(), false);

    assertThat(request.parameters())
        .isEqualTo(
            Cases.json(
                """
                {"resourceType": "Parameters", "parameter": [
                  {"name": "exportType", "valueCanonical": "hl7.fhir.us.davinci-pdex#payertopayer"},
                  {"name": "_type", "valueString": "%s"}]}"""
                    .formatted(ExportRequest.TYPES)));
    assertThat(ExportRequest.TYPES.split(","))
        .hasSize(23)
        .allMatch(type -> FhirContext.forR4Cached().getResourceTypes().contains(type));
  }

  @Test
  void everythingThatIsAskedForStandsInTheBodyOnce() throws IOException {
    ExportRequest request =
        new ExportRequest(
            "hl7.fhir.us.davinci-pdex.p2p",
            "Patient,Encounter",
            "Encounter?date=ge2021-08-01",
            Optional.of(SINCE),
            Optional.of(UNTIL),
            List.of("a", "b"),
            false);

    assertThat(request.parameters())
        .isEqualTo(
            Cases.json(
                """
                {"resourceType": "Parameters", "parameter": [
                  {"name": "exportType", "valueCanonical": "hl7.fhir.us.davinci-pdex.p2p"},
                  {"name": "_since", "valueInstant": "2026-08-01T00:00:00Z"},
                  {"name": "_until", "valueInstant": "2026-11-01T00:00:00Z"},
                  {"name": "_type", "valueString": "Patient,Encounter"},
                  {"name": "_typeFilter", "valueString": "Encounter?date=ge2021-08-01"},
                  {"name": "patient", "valueReference": {"reference": "Patient/a"}},
                  {"name": "patient", "valueReference": {"reference": "Patient/b"}}]}"""));
    FhirContext.forR4Cached()
        .newJsonParser()
        .setParserErrorHandler(new StrictErrorHandler())
        .parseResource(request.parameters().toString());
  }

  @Test
  void patientsStandInOneValueWhereThePayerWantsThat() {
    assertThat(
            of("Patient", "", Optional.of(SINCE), List.of("a", "b"), true)
                .parameters()
                .findValuesAsText("reference"))
        .containsExactly("Patient/a,Patient/b");
    assertThat(
            of("Patient", "", Optional.of(SINCE), List.of(), true)
                .parameters()
                .findValuesAsText("name"))
        .doesNotContain("patient");
  }

  @Test
  void whatCannotBeSentIsNotAccepted() {
    assertThatThrownBy(() -> of("", "", Optional.empty(), List.of("a,Patient/b"), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("Patient/b");
    assertThatThrownBy(
            () ->
                new ExportRequest(
                    " ", "", "", Optional.empty(), Optional.empty(), List.of(), false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ExportRequest of(
      String types, String filter, Optional<Instant> since, List<String> patients, boolean joined) {
    return new ExportRequest(
        ExportRequest.PAYER_TO_PAYER, types, filter, since, Optional.empty(), patients, joined);
  }
}
