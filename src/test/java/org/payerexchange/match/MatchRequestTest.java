package org.payerexchange.match;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.payerexchange.intake.JsonObjects;

class MatchRequestTest {
  private static final String TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/";
  private static final FhirContext FHIR = FhirContext.forR4Cached();

  @Test
  void theRecordOfTheReferencePageIsCompletedForBothReaders() throws IOException {
    assertThat(
            completed(
                """
                {"resourceType": "Parameters", "id": "m-1", "parameter": [
                  {"name": "MemberPatient", "resource": {"resourceType": "Patient",
                    "name": [{"given": ["Erika"], "family": "Müller"}], "birthDate": "1980-02-29"}},
                  {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage",
                    "identifier": [{"value": "c-1"}]}},
                  {"name": "Consent", "resource": {"resourceType": "Consent", "id": "consent-7",
                    "status": "active", "policy": [{"uri": "http://example.org/policy#regular"}],
                    "provision": {"type": "permit",
                      "period": {"start": "2026-01-01", "end": "2027-01-01"}}}}]}"""))
        .isEqualTo(
            json(
                """
                {"resourceType": "Parameters", "id": "m-1", "parameter": [
                  {"name": "MemberPatient", "resource": {"resourceType": "Patient", "id": "m-1",
                    "name": [{"family": "Müller", "given": ["Erika"]}], "birthDate": "1980-02-29"}},
                  {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage",
                    "id": "coverage-to-match",
                    "identifier": [{"value": "c-1"}],
                    "beneficiary": {"reference": "Patient/m-1"},
                    "payor": [{"display": "bison"}]}},
                  {"name": "Consent", "resource": {"resourceType": "Consent", "id": "consent-7",
                    "status": "active",
                    "scope": {"coding": [{"system": "%1$sconsentscope", "code": "patient-privacy"}]},
                    "category": [{"coding": [{"system": "%1$sv3-ActCode", "code": "IDSCL"}]}],
                    "patient": {"reference": "Patient/m-1"},
                    "performer": [{"reference": "Patient/m-1"}],
                    "policy": [{"uri": "http://example.org/policy#regular"}],
                    "provision": {"type": "permit",
                      "period": {"start": "2026-01-01", "end": "2027-01-01"},
                      "actor": [
                        {"role": {"coding": [
                          {"system": "%1$sprovenance-participant-type", "code": "performer"}]},
                         "reference": {"display": "bison"}},
                        {"role": {"coding": [
                          {"system": "%1$sv3-ParticipationType", "code": "IRCP"}]},
                         "reference": {"display": "requesting payer"}}],
                      "action": [{"coding": [
                        {"system": "%1$sconsentaction", "code": "disclose"}]}]}}}]}"""
                    .formatted(TERMINOLOGY)));
  }

  @Test
  void whatWasGivenStaysAsItWas() throws IOException {
    String given =
        """
        {"resourceType": "Parameters", "id": "request-1", "parameter": [
          {"name": "MemberPatient", "resource": {"resourceType": "Patient", "id": "p-9",
            "identifier": [{"system": "urn:x", "value": "i-9"}], "gender": "female",
            "telecom": [{"system": "phone", "value": "555"}]}},
          {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage", "id": "cov-9",
            "identifier": [{"value": "c-9"}], "status": "draft", "subscriberId": "s-9",
            "beneficiary": {"reference": "Patient/p-9"},
            "relationship": {"coding": [{"code": "child"}]},
            "payor": [{"identifier": {"value": "npi"}}]}},
          {"name": "CoverageToLink", "resource": {"resourceType": "Coverage", "id": "link-9",
            "identifier": [{"type": {"coding": [{"code": "MB"}]}, "value": "l-9"}],
            "status": "active", "beneficiary": {"reference": "Patient/p-9"},
            "relationship": {"coding": [{"code": "self"}]}}},
          {"name": "Consent", "resource": {"resourceType": "Consent", "id": "con-9",
            "status": "active", "scope": {"coding": [{"code": "research"}]},
            "category": [{"coding": [{"code": "other"}]}],
            "patient": {"reference": "Patient/p-9"},
            "performer": [{"reference": "RelatedPerson/r-9"}],
            "sourceReference": {"reference": "DocumentReference/d-9"},
            "policy": [{"uri": "http://example.org/policy#sensitive"}],
            "provision": {"type": "permit", "period": {"start": "2026-01-01", "end": "2027-01-01"},
              "actor": [{"role": {"coding": [{"code": "x"}]}, "reference": {"display": "y"}}],
              "action": [{"coding": [{"code": "disclose"}]}]}}},
          {"name": "Note", "valueString": "kept"}]}""";

    assertThat(completed(given)).isEqualTo(json(given));
  }

  @Test
  void aMemberWithoutAnIdTakesTheOneThatTheReferencesName() throws IOException {
    JsonNode request =
        completed(
            """
            {"resourceType": "Parameters", "id": "request-1", "parameter": [
              {"name": "MemberPatient", "resource": {"resourceType": "Patient"}},
              {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage",
                "beneficiary": {"reference": "Patient/p-9"}}},
              {"name": "Consent", "resource": {"resourceType": "Consent",
                "patient": {"reference": "Patient/p-9"}}}]}""");

    assertThat(request.at("/parameter/0/resource/id").asText()).isEqualTo("p-9");
    assertThat(request.at("/parameter/2/resource/performer/0/reference").asText())
        .isEqualTo("Patient/p-9");
  }

  @Test
  void aMemberWithoutAnyIdStillHasReferencesThatHold() throws IOException {
    JsonNode request =
        completed(
            """
            {"resourceType": "Parameters", "parameter": [
              {"name": "MemberPatient", "resource": {"resourceType": "Patient"}},
              {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage"}}]}""");

    assertThat(request.at("/parameter/0/resource/id").asText()).isEqualTo("member");
    assertThat(request.at("/parameter/1/resource/beneficiary/reference").asText())
        .isEqualTo("Patient/member");
  }

  private static JsonNode completed(String given) throws IOException {
    ObjectNode request = JsonObjects.parse(given.getBytes(UTF_8)).orElseThrow();
    String form = FHIR.newJsonParser().encodeResourceToString(MatchRequest.form(request, "bison"));
    return json(MatchRequest.complete(request, json(form)).toString());
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }
}
