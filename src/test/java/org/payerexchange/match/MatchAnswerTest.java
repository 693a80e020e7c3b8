package org.payerexchange.match;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatchAnswerTest {
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
        "{'parameter': [{'name': 'group', 'resource': {'resourceType': 'Group', 'id': 'g-1'}}]}",
        "{'resourceType': 'Group', 'id': 'g-1'}",
        "{'resourceType': 'Bundle', 'entry': [{'resource': {'resourceType': 'Group', 'id': 'g-1'}}]}",
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
      })
  void whatNamesNoGroupIsNotGuessedAt(String answer) throws IOException {
    assertThat(groups(answer)).isEmpty();
  }

  @Test
  void aRedactedBodyShowsItsShapeAndNoValue() throws IOException {
    String redacted =
        RedactedJson.of(
            json(
                "{'resourceType': 'Parameters', 'parameter': [{'name': 'MemberIdentifier',"
                    + " 'valueIdentifier': {'value': 'M-4711', 'system': 'urn:x'}}],"
                    + " 'M-4711': 1, 'empty': {}, 'none': []}"));

    assertThat(redacted)
        .isEqualTo(
            "{resourceType: Parameters, parameter: [{name: …, valueIdentifier: {value: …,"
                + " system: …}}], …: …, …: {}, …: []}");
  }

  @Test
  void aRedactedBodyIsShort() throws IOException {
    assertThat(RedactedJson.of(json("{'a': [" + "{'b': 1},".repeat(1000) + "1]}")))
        .hasSizeLessThan(510);
  }

  private static List<String> groups(String answer) throws IOException {
    return MatchAnswer.read(json(answer)).groupIds();
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text.replace('\'', '"'));
  }
}
