package org.payerexchange.dialect.hrex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.MatchedPatient;
import org.payerexchange.dialect.PatientData.Way;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** Who of those that a search by an identifier finds is the member, and how data is had. */
class HrexTest {
  private static final String NUMBER = "10442";

  private static final String ADA =
      """
      "name":[{"family":"Person","given":["Ada"]}],"birthDate":"1974-12-25","gender":"female"
      """;

  private static final String EVE =
      """
      "name":[{"family":"Stranger","given":["Eve"]}],"birthDate":"1950-01-01","gender":"female"
      """;

  private final Hrex hrex = new Hrex(null, HrexVersion.V1_1, Optional.empty());

  private List<String> found(String system, String... patients) throws IOException {
    return hrex.found(
        json("{\"entry\":[%s]}".formatted(String.join(",", patients))),
        new MatchedPatient("", system, NUMBER),
        json(
            """
            {"resourceType":"Parameters","parameter":[
              {"name":"MemberPatient","resource":{"resourceType":"Patient",%s}}]}"""
                .formatted(ADA)));
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  private static String patient(String id, String identifier, String facts) {
    return """
    {"resource":{"resourceType":"Patient","id":"%s",
      "identifier":[{%s"value":"%s"}]%s}}"""
        .formatted(id, identifier, NUMBER, facts.isEmpty() ? "" : "," + facts);
  }

  private static String system(String system) {
    return "\"system\":\"%s\",".formatted(system);
  }

  private static String type(String code) {
    return "\"type\":{\"coding\":[{\"code\":\"%s\"}]},".formatted(code);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "urn:umb"})
  void anotherPersonWithTheIdentifierIsNotTheMember(String system) {
    String stranger = patient("p1", system("urn:umb") + type("UMB"), EVE);

    assertThatThrownBy(() -> found(system, stranger))
        .isInstanceOfSatisfying(
            TransferException.class,
            failed -> assertThat(failed.reason()).isEqualTo(FailureReason.BAD_ANSWER))
        .hasMessageContaining("another person");
  }

  /** Nothing that is known of the Patient tells who it is. */
  @ParameterizedTest
  @ValueSource(strings = {"\"type\":{\"coding\":[{\"code\":\"MR\"}]},", ""})
  void aNumberOfAnotherKindIsNotTheMembersForItsValueAlone(String type) throws Exception {
    assertThat(found("", patient("p1", system("urn:mrn") + type, ""))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"MB", "UMB"})
  void aMemberNumberWithoutASystemIsThatOfAnySystem(String code) throws Exception {
    assertThat(found("", patient("p1", system("urn:umb") + type(code), ""))).containsExactly("p1");
  }

  @Test
  void anIdentifierWithoutASystemIsOneWithoutASystem() throws Exception {
    assertThat(found("", patient("p1", "", ""))).containsExactly("p1");
  }

  @Test
  void whoHasTheNumberIsTheMemberByNameAndBirthDate() throws Exception {
    assertThat(
            found(
                "",
                patient("p1", system("urn:members"), ADA),
                patient("p2", system("urn:mrn"), EVE)))
        .containsExactly("p1");
  }

  /** That one of them is another person does not make the other one the member. */
  @Test
  void twoWithTheIdentifierStayTwo() throws Exception {
    assertThat(
            found(
                "urn:umb",
                patient("p1", system("urn:umb"), ""),
                patient("p2", system("urn:umb"), EVE)))
        .containsExactly("p1", "p2");
  }

  /** What stands at the server is a Patient's where its name or its definition says so. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'name':'patient-everything'}; {}; EVERYTHING",
        "{'name':'export'},{'name':'patient-everything'}; {'name':'patient-export'}; EVERYTHING",
        "{'name':'everything','definition':'https://x/OperationDefinition/Patient-everything|4.0.1'}; {}; EVERYTHING",
        "{'name':'everything','definition':'OperationDefinition/Patient-it-everything'}; {}; EVERYTHING",
        "{'name':'everything','definition':'https://x/OperationDefinition/Encounter-everything'}; {}; SEARCH",
        "{'name':'everything'}; {}; SEARCH",
        "{'name':'$patient-export'}; {}; EXPORT",
        "{'name':'export','definition':'http://x/OperationDefinition/patient-export'}; {}; EXPORT",
        "{'name':'export','definition':'http://x/OperationDefinition/export'}; {}; SEARCH",
        "{'name':'export','definition':'http://x/OperationDefinition/group-export'}; {}; SEARCH",
        "{}; {'name':'everything'}; EVERYTHING",
        "{}; {'name':'$export'}; EXPORT",
        "{}; {'name':'member-match'}; SEARCH",
      })
  void thePayersWayIsTheFirstThatItListsForAPatientAnywhere(
      String ofServer, String ofPatient, Way way) throws Exception {
    String statement =
        "{'rest':[{'resource':[{'type':'Patient','operation':[%s]}],'operation':[%s]}]}"
            .formatted(ofPatient, ofServer);

    assertThat(hrex.way(json(statement.replace('\'', '"')))).isEqualTo(way);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{}; EVERYTHING",
        "{'rest':[{'operation':[{'name':'export'}]}]}; EVERYTHING",
        "{'rest':[{'operation':[{'name':'patient-export'}]}]}; EXPORT",
      })
  void aPayerThatListsNoPatientIsAskedForEverythingUnlessItHasAnExport(String statement, Way way)
      throws Exception {
    assertThat(hrex.way(json(statement.replace('\'', '"')))).isEqualTo(way);
  }
}
