package org.payerexchange.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.step.FailureReason;

class MatchedGroupsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'groupId': 'g-1'}",
        "{'groupId': 'Group/g-1'}",
        "{'resourceType': 'Parameters', 'parameter': [{'name': 'groupId', 'valueString': 'g-1'}]}",
        "{'resourceType': 'Parameters', 'parameter': [{'name': 'GroupID', 'valueId': 'g-1'}]}",
        "{'parameter': [{'name': 'groupId', 'valueReference': {'reference': 'Group/g-1'}}]}",
        "{'parameter': [{'name': 'groupId', 'valueIdentifier': {'value': 'g-1'}}]}",
        "{'parameter': [{'name': 'group', 'valueReference': {'reference': 'Group/g-1'}}]}",
        "{'parameter': [{'name': 'group', 'valueReference':"
            + " {'reference': 'https://gateway.1up.health/v1/bison/Group/g-1/_history/2'}}]}",
        "{'parameter': [{'name': 'match', 'part': [{'name': 'groupId', 'valueString': 'g-1'}]}]}",
        "{'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1'}}]}",
        "{'parameter': [{'name': 'group', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'code': {'coding': [{'code': 'match'}]}}}]}",
        "{'resourceType': 'Group', 'id': 'g-1', 'code': {'coding': [{'code': 'match'}]}}",
        "{'resourceType': 'Bundle', 'entry': [{'resource': {'resourceType': 'Group', 'id': 'g-1', 'code': {'coding': [{'code': 'match'}]}}}]}",
        "{'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'member': [{'entity': {'reference': 'Patient/1'}}, {'entity': {'reference': 'Patient/1'}}]}}, {'name': 'NonMatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-2'}}, {'name': 'ConsentConstrainedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-3'}}]}",
        "{'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'member': [{'entity': {'reference': 'Patient/1'}}, {'entity': {'reference': 'Patient/1/_history/2'}}]}}]}",
        "{'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'member': [{'entity': {'reference': 'Patient/1'}}, {'entity': {'reference': 'https://payer.example/fhir/Patient/1'}}]}}]}",
        "{'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'member': [{'entity': {'reference': 'Patient/1'}}, {'entity': {'reference': 'Patient/2'}, 'inactive': true}]}}]}",
        "{'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'member': [{'entity': {'identifier': {'system': 'urn:m', 'value': 'm-1'}}}]}}]}",
        "{'groupId': 'g-1', 'parameter': [{'name': 'NonMatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-2'}}]}",
        "{'groupId': 'g-1', 'parameter': [{'name': 'groupId', 'valueString': 'g-1'}]}",
      })
  void theGroupIsFoundWhereverAPayerPutsIt(String answer) throws IOException {
    assertThat(groups(answer)).containsExactly("g-1");
  }

  @Test
  void severalGroupsAreSeveralInTheirOrder() throws IOException {
    assertThat(
            groups(
                "{'groupId': ['g-2', 'g-1'], 'parameter': [{'name': 'groupId', 'valueString':"
                    + " 'g-3'}, {'name': 'groupId', 'valueString': 'g-2'}]}"))
        .containsExactly("g-2", "g-1", "g-3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'groupId': null}",
        "{'groupId': ''}",
        "{'groupId': '..'}",
        "{'groupId': '../../other'}",
        "{'groupId': 'a b'}",
        "{'groupId': {'deep': 'g-1'}}",
        "{'parameter': [{'name': 'MemberIdentifier', 'valueIdentifier': {'value': 'm-1'}}]}",
        "{'parameter': [{'name': 'member', 'valueReference': {'reference': 'Patient/p-1'}}]}",
        "{'parameter': [{'name': 'member', 'valueReference': {'reference': 'SubGroup/p-1'}}]}",
        "{'resourceType': 'Patient', 'id': 'p-1'}",
        "{'resourceType': 'Group', 'id': 'g-1'}",
        "{'parameter': [{'name': 'group', 'resource': {'resourceType': 'Group', 'id': 'g-1'}}]}",
        "{'parameter': [{'name': 'group', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'code': {'coding': [{'system': 'urn:other', 'code': 'match'}]}}}]}",
      })
  void whatNamesNoGroupIsNotGuessedAt(String answer) throws IOException {
    assertThat(groups(answer)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "NO_MATCH | {'parameter': [{'name': 'NonMatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'code': {'coding': [{'code': 'nomatch'}]}}}]}",
        "NO_MATCH | {'parameter': [{'name': 'NonMatchedMembers', 'valueReference': {'reference': 'Group/g-1'}}]}",
        "NO_MATCH | {'parameter': [{'name': 'NonMatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'code': {'coding': [{'code': 'match'}]}}}]}",
        "NO_MATCH | {'resourceType': 'Group', 'id': 'g-1', 'code': {'coding': [{'code': 'nomatch'}]}}",
        "NO_MATCH | {'resourceType': 'Group', 'id': 'g-1', 'code': {'coding': [{'code': 'match'}, {'code': 'nomatch'}]}}",
        "NO_MATCH | {'groupId': 'g-1', 'parameter': [{'name': 'NonMatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1'}}]}",
        "NO_MATCH | {'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'quantity': 0}}]}",
        "NO_MATCH | {'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1'}}, {'name': 'NonMatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-2'}}]}",
        "CONSENT_CONSTRAINED | {'parameter': [{'name': 'ConsentConstrainedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1'}}]}",
        "CONSENT_CONSTRAINED | {'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1'}}, {'name': 'NonMatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-2'}}, {'name': 'ConsentConstrainedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-3', 'member': [{'entity': {'reference': '#1'}}]}}]}",
        "CONSENT_CONSTRAINED | {'resourceType': 'Group', 'id': 'g-1', 'code': {'coding': [{'code': 'consentconstraint'}]}}",
        "NO_MATCH | {'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'member': [{'entity': {'reference': 'Patient/1'}, 'inactive': true}]}}]}",
        "AMBIGUOUS_MATCH | {'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'member': [{'entity': {'identifier': {'value': 'm-1', 'system': 'https://payer.example/ids/m'}}}, {'entity': {'identifier': {'value': 'm-2', 'system': 'https://payer.example/ids/m'}}}]}}]}",
        "AMBIGUOUS_MATCH | {'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'member': [{'entity': {'reference': 'Patient/1'}}, {'entity': {'identifier': {'value': 'm-2'}}}]}}]}",
        "AMBIGUOUS_MATCH | {'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'member': [{'entity': {'reference': 'https://a.example/fhir/Patient/1'}}, {'entity': {'reference': 'https://b.example/fhir/Patient/1'}}]}}]}",
        "AMBIGUOUS_MATCH | {'parameter': [{'name': 'MatchedMembers', 'resource': {'resourceType': 'Group', 'id': 'g-1', 'member': [{'entity': {'reference': 'Patient/1'}}, {'entity': {'reference': 'Patient/2'}}]}}]}",
      })
  void aGroupThatDoesNotHoldTheMemberAloneIsNotExported(String reason, String answer)
      throws IOException {
    MatchOutcome read = MatchedGroups.in(json(answer));

    assertThat(read.groupIds()).isEmpty();
    assertThat(read.noMatch()).contains(FailureReason.valueOf(reason));
  }

  private static List<String> groups(String answer) throws IOException {
    return MatchedGroups.in(json(answer)).groupIds();
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }
}
