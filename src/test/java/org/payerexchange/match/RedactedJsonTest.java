package org.payerexchange.match;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class RedactedJsonTest {
  private static final FieldNames NAMES = FieldNames.of(FhirContext.forR4Cached());

  @Test
  void aRedactedBodyShowsItsShapeAndNoValue() throws IOException {
    String redacted =
        RedactedJson.of(
            json(
                "{'resourceType': 'Parameters', 'parameter': [{'name': 'MemberIdentifier',"
                    + " 'valueIdentifier': {'value': 'M-4711', 'system': 'urn:x'}}],"
                    + " 'M-4711': 1, 'groupId': {}, 'Loadina': [], 'Miller-1980-02-29': {'given': 'x',"
                    + " 'Patient': 1}, 'payorResource': 1, 'value[x]': 2}"),
            NAMES);

    assertThat(redacted)
        .isEqualTo(
            "{resourceType: Parameters, parameter: [{name: …, valueIdentifier: {value: …,"
                + " system: …}}], …3: …, groupId: {}, …5: [], …6: {given: …, …2: …}, …7: …, …8: …}");
  }

  @Test
  void aRedactedBodyIsShort() throws IOException {
    assertThat(RedactedJson.of(json("{'a': [" + "{'b': 1},".repeat(1000) + "1]}"), NAMES))
        .hasSizeLessThan(510);
  }

  @Test
  void theNamesThatAreToldAreThoseOfFhirAndOfTheGateway() {
    assertThat(NAMES.fields())
        .contains("subscriberId", "beneficiary", "valueCodeableConcept", "multipleBirthInteger")
        .contains("groupId", "requiresAccessToken", "transactionTime", "resourceType")
        .doesNotContain("Patient", "memberName", "ssn")
        .allMatch(name -> name.matches("[a-z][A-Za-z0-9]*"));
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }
}
