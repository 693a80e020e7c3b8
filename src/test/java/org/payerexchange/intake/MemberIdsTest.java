package org.payerexchange.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemberIdsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'id':'c'; s:c",
        "'identifier':[{'value':'c'}]; s:c",
        "'note':'none'; x:1",
      })
  void aReferenceSaysWhoseAConsentIsOnlyWhereNothingElseDoes(String more, String id)
      throws Exception {
    String consent =
        "{'resourceType':'Consent','patient':{'reference':'Patient/1'},%s}".formatted(more);

    assertThat(MemberIds.ofConsent(new ObjectMapper().readTree(consent.replace('\'', '"'))))
        .isEqualTo(Set.of(id));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'identifier':[{'value':'M-1'}]; m:M-1",
        "'identifier':[{'system':'urn:s'}]; m:member-match-in",
        "'active':true; m:member-match-in",
      })
  void theIdOfTheParametersIsTheMembersOnlyWhereThePatientHasNone(String more, String id)
      throws Exception {
    String parameters =
        """
        {'id':'member-match-in','parameter':[{'name':'MemberPatient','resource':
        {'name':[{'family':' Lee','given':['Ann','B']}],'birthDate':'1990-01-01',%s}}]}"""
            .formatted(more);

    assertThat(MemberIds.of(new ObjectMapper().readTree(parameters.replace('\'', '"'))))
        .isEqualTo(Set.of(id));
  }
}
