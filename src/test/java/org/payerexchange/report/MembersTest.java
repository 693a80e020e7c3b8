package org.payerexchange.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who a request asks for. */
class MembersTest {
  private static final String PATIENT =
      """
      {"resourceType": "Parameters", "id": "m-1", "parameter": [{"name": "MemberPatient",
        "resource": {"resourceType": "Patient", "identifier": [%s]}}]}""";

  @Test
  void theMembersNumberGoesBeforeOtherIdentifiersAndTheRequestsId() {
    String other = "{\"value\": \"other\"}";
    String number =
        "{\"type\": {\"coding\": [{\"code\": \"MB\"}]}, \"system\": \"urn:x\", \"value\": \"M1\"}";

    assertThat(Members.id(PATIENT.formatted(other + "," + number))).isEqualTo("M1");
    assertThat(Members.id(PATIENT.formatted(other))).isEqualTo("other");
    assertThat(Members.id(PATIENT.formatted(""))).isEqualTo("m-1");
    assertThat(Members.id("{}")).isNull();
    assertThat(Members.id("no JSON")).isNull();
  }
}
