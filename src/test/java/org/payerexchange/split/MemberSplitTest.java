package org.payerexchange.split;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.split.SplitCase.Outcome;

/** Each rule of the split alone. */
class MemberSplitTest {
  @TempDir Path folder;
  private SplitCase export;

  @BeforeEach
  void membersAAndB() {
    export = new SplitCase(folder, "a", "b");
  }

  @Test
  void aLineGoesToItsOwnerAndNowhereElse() throws IOException {
    Outcome split =
        export
            .has("Patient/b")
            .has("Patient/a")
            .has("Observation/1", "subject", "Patient/a", "performer", "Patient/b")
            .has("Observation/2", "subject", "Patient/b", "hasMember", "Observation/1")
            .has("Immunization/3", "patient", "Patient/a")
            .split();

    assertThat(split.of("a")).containsExactly("Immunization/3", "Observation/1", "Patient/a");
    assertThat(split.of("b")).containsExactly("Observation/2", "Patient/b");
    assertThat(split.ofNobody()).isEmpty();
  }

  @Test
  void linesAreHandedOnAsTheyStandInTheOrderInWhichTheyCame() throws IOException {
    String spaced =
        "{ \"resourceType\" : \"Goal\",\"x\":\"\u00e9\\u00e9\",\"subject\":{\"reference\":\"Patient/a\"} }";
    Outcome split =
        export
            .text("Goal", "\ufeff" + spaced + "\r\n\n  \n")
            .has("Goal/2", "subject", "Patient/b")
            .has("Goal/1", "subject", "Patient/a")
            .otherFiles()
            .text("Goal", "{\"resourceType\":\"Goal\",\"subject\":{\"reference\":\"Patient/a\"}}")
            .split();

    assertThat(split.folders().get("a").get("Goal"))
        .containsExactly(
            spaced,
            "{\"resourceType\":\"Goal\",\"id\":\"1\",\"subject\":{\"reference\":\"Patient/a\"}}",
            "{\"resourceType\":\"Goal\",\"subject\":{\"reference\":\"Patient/a\"}}");
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 300, 1 << 20})
  void noLineIsTooLongForWhatIsGathered(int gathered) throws IOException {
    export.gathered = gathered;
    String note = "x".repeat(100_000);
    for (int i = 0; i < 20; i++) {
      String owner = i % 3 == 0 ? "a" : "b";
      export.line(
          "Goal",
          "{\"resourceType\":\"Goal\",\"id\":\"%d\",\"subject\":{\"reference\":\"Patient/%s\"},\"note\":\"%s\"}"
              .formatted(i, owner, i % 2 == 0 ? note : ""));
    }
    Outcome split = export.split();

    assertThat(split.of("a"))
        .containsExactly("Goal/0", "Goal/3", "Goal/6", "Goal/9", "Goal/12", "Goal/15", "Goal/18");
    assertThat(split.of("b")).hasSize(13);
  }

  @Test
  void whoIsNoMemberIsAStranger() throws IOException {
    Outcome split =
        export
            .has("Patient/c")
            .has("Patient/A")
            .has("Observation/1", "subject", "Patient/c", "performer", "Patient/a")
            .has("Observation/2", "subject", "https://other.example/fhir/Patient/a")
            .split();

    assertThat(split.of("a")).isEmpty();
    assertThat(split.of("b")).isEmpty();
    assertThat(split.ofNobody()).containsExactly("Observation STRANGER 2", "Patient STRANGER 2");
  }

  @Test
  void aCoverageIsItsBeneficiarysAlone() throws IOException {
    Outcome split =
        export
            .has(
                "Coverage/1",
                "policyHolder",
                "Patient/a",
                "subscriber",
                "Patient/a",
                "beneficiary",
                "Patient/b",
                "payor",
                "Patient/a")
            .has("Coverage/2", "subscriber", "Patient/a", "beneficiary", "Patient/c")
            .has("Coverage/3", "subscriber", "Patient/a", "payor", "Patient/a")
            .split();

    assertThat(split.of("a")).isEmpty();
    assertThat(split.of("b")).containsExactly("Coverage/1");
    assertThat(split.ofNobody()).containsExactly("Coverage NO_OWNER 1", "Coverage STRANGER 1");
  }

  @Test
  void anOwnerIsNamedByAnyFormThatLeadsToThePatient() throws IOException {
    Outcome split =
        export
            .has("Goal/1", "subject", "Patient/a/_history/3")
            .has("Goal/2", "subject", "https://payer.example/fhir/r4/Patient/a")
            .has("Goal/3", "subject", "/Patient/a")
            .split();

    assertThat(split.of("a")).containsExactly("Goal/1", "Goal/2", "Goal/3");
  }

  @Test
  void whoIsOnlyDescribedOwnsNothing() throws IOException {
    Outcome split =
        export
            .has("Goal/1", "subject", "urn:uuid:a")
            .has("Goal/2", "subject", "#a")
            .has("Goal/3", "subject", "Patient?identifier=x|a")
            .has("Goal/4", "subject", "Group/a")
            .line(
                "Goal",
                "{\"resourceType\":\"Goal\",\"subject\":{\"type\":\"Patient\",\"identifier\":{\"value\":\"a\"}}}")
            .line("Goal", "{\"resourceType\":\"Goal\",\"id\":\"6\"}")
            .split();

    assertThat(split.of("a")).isEmpty();
    assertThat(split.ofNobody()).containsExactly("Goal NO_OWNER 5", "Goal STRANGER 1");
  }

  @Test
  void whatSeveralOwnIsNobodys() throws IOException {
    Outcome split =
        export
            .line("Account", account("1", "Patient/a", "Patient/b"))
            .line("Account", account("2", "Patient/a", "Patient/c"))
            .line("Account", account("3", "Patient/a", "urn:uuid:b"))
            .line("Account", account("4", "Patient/a", "#b"))
            .line("Account", account("5", "Patient/a", "Patient/a/_history/2"))
            .line("Account", account("6", "Patient/a", "Practitioner/p"))
            .has("Goal/7", "subject", "Patient/a", "subject", "Patient/b")
            .line(
                "Account",
                "{\"resourceType\":\"Account\",\"id\":\"8\",\"subject\":[{\"reference\":\"Patient/a\"},{\"identifier\":{\"value\":\"BOB-77\"}}]}")
            .split();

    assertThat(split.of("a")).containsExactly("Account/5", "Account/6");
    assertThat(split.of("b")).isEmpty();
    assertThat(split.ofNobody())
        .containsExactly("Account SEVERAL_OWNERS 5", "Goal SEVERAL_OWNERS 1");
  }

  private static String account(String id, String one, String other) {
    return "{\"resourceType\":\"Account\",\"id\":\"%s\",\"subject\":[{\"reference\":\"%s\"},{\"reference\":\"%s\"}]}"
        .formatted(id, one, other);
  }

  @Test
  void whoeverElseIsInALineDoesNotKeepItFromItsOwner() throws IOException {
    Outcome split =
        export
            .line(
                "Coverage",
                "{\"resourceType\":\"Coverage\",\"id\":\"1\",\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"b\"}],\"beneficiary\":{\"reference\":\"Patient/a\"},\"subscriber\":{\"reference\":\"#b\"}}")
            .split();

    assertThat(split.of("a")).containsExactly("Coverage/1");
    assertThat(split.of("b")).isEmpty();
  }

  @Test
  void twoLinesOfOneIdGoToWhomEachNames() throws IOException {
    Outcome split =
        export
            .has("Goal/1", "subject", "Patient/a")
            .has("Goal/1", "subject", "Patient/a")
            .otherFiles()
            .has("Goal/1", "subject", "Patient/b")
            .split();

    assertThat(split.of("a")).containsExactly("Goal/1", "Goal/1");
    assertThat(split.of("b")).containsExactly("Goal/1");
  }

  @Test
  void ofTypesThatAreNobodysOwnNobodyGetsALine() throws IOException {
    Outcome split =
        export
            .has("Group/1", "member", "Patient/a")
            .has("List/1", "subject", "Patient/a")
            .has("Bundle/1")
            .has("OperationOutcome/1")
            .has("Subscription/1", "patient", "Patient/a")
            .split();

    assertThat(split.of("a")).isEmpty();
    assertThat(split.ofNobody())
        .containsExactly(
            "Bundle OTHER_TYPE 1",
            "Group OTHER_TYPE 1",
            "List OTHER_TYPE 1",
            "OperationOutcome OTHER_TYPE 1",
            "Subscription OTHER_TYPE 1");
  }

  @Test
  void whatCanBeSharedGoesToAllWhoReferToItAndOnceToEach() throws IOException {
    Outcome split =
        export
            .has("Practitioner/p")
            .has("Practitioner/q")
            .has("Goal/1", "subject", "Patient/a", "expressedBy", "Practitioner/p")
            .has("Goal/2", "subject", "Patient/a", "expressedBy", "Practitioner/p/_history/2")
            .has(
                "Goal/3",
                "subject",
                "Patient/b",
                "expressedBy",
                "https://payer.example/fhir/r4/Practitioner/p")
            .has("Goal/4", "subject", "Patient/b", "expressedBy", "urn:uuid:q")
            .split();

    assertThat(split.of("a")).containsExactly("Goal/1", "Goal/2", "Practitioner/p");
    assertThat(split.of("b"))
        .containsExactly("Goal/3", "Goal/4", "Practitioner/p", "Practitioner/q");
    assertThat(split.ofNobody()).isEmpty();
  }

  @Test
  void itBringsWhatItRefersToThroughAnyNumberOfOthersAndRound() throws IOException {
    Outcome split =
        export
            .has("PractitionerRole/r", "practitioner", "Practitioner/p", "location", "Location/l")
            .has("Practitioner/p")
            .has("Location/l", "managingOrganization", "Organization/1")
            .has("Organization/1", "partOf", "Organization/2")
            .has("Organization/2", "partOf", "Organization/3", "endpoint", "Endpoint/e")
            .has("Organization/3", "partOf", "Organization/1")
            .has("Organization/4", "partOf", "Organization/4")
            .has("Endpoint/e", "managingOrganization", "Organization/3")
            .has("Goal/1", "subject", "Patient/a", "expressedBy", "PractitionerRole/r")
            .has("Goal/2", "subject", "Patient/b", "expressedBy", "Organization/3")
            .split();

    assertThat(split.of("a"))
        .containsExactly(
            "Endpoint/e",
            "Goal/1",
            "Location/l",
            "Organization/1",
            "Organization/2",
            "Organization/3",
            "Practitioner/p",
            "PractitionerRole/r");
    assertThat(split.of("b"))
        .containsExactly(
            "Endpoint/e", "Goal/2", "Organization/1", "Organization/2", "Organization/3");
    assertThat(split.ofNobody()).containsExactly("Organization NOT_REFERRED_TO 1");
  }

  @Test
  void whatOnlyStrangersAndNobodysLinesReferToIsNotHandedOut() throws IOException {
    Outcome split =
        export
            .has("Practitioner/p")
            .has("Practitioner/q")
            .has("Location/l")
            .line("Location", "{\"resourceType\":\"Location\"}")
            .has("Goal/1", "subject", "Patient/c", "expressedBy", "Practitioner/p")
            .has("Goal/2", "expressedBy", "Practitioner/q")
            .split();

    assertThat(split.of("a")).isEmpty();
    assertThat(split.ofNobody())
        .containsExactly(
            "Goal NO_OWNER 1",
            "Goal STRANGER 1",
            "Location NOT_REFERRED_TO 2",
            "Practitioner NOT_REFERRED_TO 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"x\":{\"reference\":\"Patient/a\"}",
        "\"x\":{\"reference\":\"https://other.example/Patient/1\"}",
        "\"x\":{\"reference\":\"Patient?identifier=1\"}",
        "\"x\":{\"reference\":\"urn:uuid:1\"}",
        "\"x\":{\"reference\":\"patient/1\"}",
        "\"x\":{\"reference\":\"RelatedPerson/1\"}",
        "\"x\":{\"reference\":\"Observation/1\"}",
        "\"extension\":[{\"url\":\"u\",\"valueReference\":{\"reference\":\"Patient/a\"}}]",
        "\"x\":{\"type\":\"Patient\",\"identifier\":{\"value\":\"1\"}}",
        "\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"1\"}]",
        "\"contained\":[{\"resourceType\":\"Organization\",\"x\":{\"reference\":\"Patient/a\"}}]"
      })
  void whatCouldBeSharedIsNobodysIfItIsAboutAPatient(String element) throws IOException {
    Outcome split =
        export
            .line("Location", "{\"resourceType\":\"Location\",\"id\":\"l\",%s}".formatted(element))
            .has("Goal/1", "subject", "Patient/a", "x", "Location/l")
            .split();

    assertThat(split.of("a")).containsExactly("Goal/1");
    assertThat(split.ofNobody()).containsExactly("Location ABOUT_A_PATIENT 1");
  }

  @Test
  void ofSharedLinesOfOneIdTheNewestGoes() throws IOException {
    Outcome split =
        export
            .line("Location", version("l", "1", "first"))
            .line("Location", version("l", "3", "newest"))
            .otherFiles()
            .line("Location", version("l", "2", "late"))
            .line("Location", version("l", "3", "repeated"))
            .has("Goal/1", "subject", "Patient/a", "x", "Location/l")
            .has("Organization/newest")
            .has("Organization/late")
            .split();

    assertThat(split.folders().get("a").get("Location"))
        .containsExactly(version("l", "3", "newest"));
    assertThat(split.of("a")).containsExactly("Goal/1", "Location/l", "Organization/newest");
    assertThat(split.ofNobody())
        .containsExactly("Location REPEATED 3", "Organization NOT_REFERRED_TO 1");
  }

  private static String version(String id, String version, String organization) {
    return "{\"resourceType\":\"Location\",\"id\":\"%s\",\"meta\":{\"versionId\":\"%s\"},\"managingOrganization\":{\"reference\":\"Organization/%s\"}}"
        .formatted(id, version, organization);
  }

  @Test
  void aDeviceIsThePatientsWhomItNames() throws IOException {
    Outcome split =
        export
            .has("Device/1", "patient", "Patient/a")
            .has("Device/2", "patient", "Patient/c")
            .has("Device/3")
            .has("Device/4", "patient", "Patient/a", "x", "Patient/b")
            .has("Device/5", "patient", "https://other.example/Patient/a")
            .has("Device/6", "patient", "urn:uuid:a")
            .has("Device/7", "patient", "Patient/b", "owner", "Organization/o")
            .has("Organization/o")
            .split();

    assertThat(split.of("a")).containsExactly("Device/1");
    assertThat(split.of("b")).containsExactly("Device/7", "Organization/o");
    assertThat(split.ofNobody())
        .containsExactly("Device NOT_ONE_MEMBERS 4", "Device NOT_REFERRED_TO 1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Device     | 'patient':{'identifier':{'value':'BOB-77'},'display':'Bob B'}",
        "Device     | 'patient':{'display':'Bob B'}",
        "Device     | 'contained':[{'resourceType':'Device','patient':{'display':'Bob'}}]",
        "Binary     | 'securityContext':{'identifier':{'value':'BOB-77'}}",
        "Provenance | 'target':[{'reference':'Goal/1'},{'identifier':{'value':'BOB-77'}}]",
        "Provenance | 'target':[{'reference':'Goal/1'},{'type':'Goal','display':'Bob B'}]"
      })
  void whatTellsOfSomebodyWithoutAReferenceIsNobodysWhoeverRefersToIt(String type, String whose)
      throws IOException {
    Outcome split =
        export
            .line(
                type, "{'resourceType':'%s','id':'1',%s}".formatted(type, whose).replace('\'', '"'))
            .has("Goal/1", "subject", "Patient/a", "x", type + "/1")
            .split();

    assertThat(split.of("a")).containsExactly("Goal/1");
    assertThat(split.ofNobody()).containsExactly(type + " NOT_ONE_MEMBERS 1");
  }

  @Test
  void whatWouldBeSharedIsNobodysIfItHoldsADeviceOfSomebodyWhoIsOnlyDescribed() throws IOException {
    Outcome split =
        export
            .line(
                "Location",
                "{\"resourceType\":\"Location\",\"id\":\"l\",\"contained\":[{\"resourceType\":\"Device\",\"patient\":{\"display\":\"Bob B\"}}]}")
            .has("Goal/1", "subject", "Patient/a", "x", "Location/l")
            .split();

    assertThat(split.of("a")).containsExactly("Goal/1");
    assertThat(split.ofNobody()).containsExactly("Location ABOUT_A_PATIENT 1");
  }

  @Test
  void aProvenanceWithATargetOfASharedTypeThatIsOnlyDescribedIsTheMembers() throws IOException {
    Outcome split =
        export
            .line(
                "Provenance",
                "{\"resourceType\":\"Provenance\",\"id\":\"1\",\"target\":[{\"reference\":\"Goal/1\"},{\"type\":\"Practitioner\",\"display\":\"Dr. D\"}]}")
            .has("Goal/1", "subject", "Patient/a")
            .split();

    assertThat(split.of("a")).containsExactly("Goal/1", "Provenance/1");
  }

  @Test
  void aDeviceIsAMembersIfAllThatRefersToItIs() throws IOException {
    Outcome split =
        export
            .has("Device/mine")
            .has("Device/ours")
            .has("Device/lent", "patient", "Patient/a")
            .has("Device/seen")
            .has("Device/listed")
            .has("Device/placed")
            .has("Location/l", "x", "Device/placed")
            .has("Location/m", "x", "Device/placed", "y", "Patient/a")
            .has("Procedure/1", "subject", "Patient/a", "x", "Device/mine", "y", "Device/ours")
            .has("Procedure/2", "subject", "Patient/a", "x", "Device/seen", "y", "Device/listed")
            .has("Procedure/3", "subject", "Patient/b", "x", "Device/ours", "y", "Device/lent")
            .has("Procedure/4", "subject", "Patient/c", "x", "Device/seen")
            .has("Procedure/5", "subject", "Patient/a", "x", "Device/placed")
            .has("List/6", "x", "Device/listed")
            .split();

    assertThat(split.of("a"))
        .containsExactly("Device/mine", "Procedure/1", "Procedure/2", "Procedure/5");
    assertThat(split.of("b")).containsExactly("Procedure/3");
    assertThat(split.ofNobody()).contains("Device NOT_ONE_MEMBERS 5", "Location ABOUT_A_PATIENT 1");
  }

  @Test
  void aBinaryIsAMembersByTheAttachmentsThatLeadToIt() throws IOException {
    Outcome split =
        export
            .has("Binary/1")
            .has("Binary/2")
            .has("Binary/3", "securityContext", "Patient/a")
            .has("Binary/4", "securityContext", "DocumentReference/a1")
            .has("Binary/5", "securityContext", "DocumentReference/b1")
            .line("DocumentReference", document("a1", "a", "Binary/1", "Binary/5"))
            .line(
                "DocumentReference",
                document("b1", "b", "Binary/2", "https://payer.example/fhir/r4/Binary/2"))
            .split();

    assertThat(split.of("a"))
        .containsExactly("Binary/1", "Binary/3", "Binary/4", "DocumentReference/a1");
    assertThat(split.of("b")).containsExactly("Binary/2", "DocumentReference/b1");
    assertThat(split.ofNobody()).containsExactly("Binary NOT_ONE_MEMBERS 1");
  }

  private static String document(String id, String owner, String one, String other) {
    return "{\"resourceType\":\"DocumentReference\",\"id\":\"%s\",\"subject\":{\"reference\":\"Patient/%s\"},\"content\":[{\"attachment\":{\"url\":\"%s\"}},{\"attachment\":{\"url\":\"%s\"}}]}"
        .formatted(id, owner, one, other);
  }

  @Test
  void aProvenanceIsAMembersIfAllItsTargetsAre() throws IOException {
    Outcome split =
        export
            .line("Provenance", provenance("1", "Goal/a1", "Goal/a2"))
            .line("Provenance", provenance("2", "Goal/a1", "Patient/a"))
            .line("Provenance", provenance("3", "Goal/a1", "Practitioner/p"))
            .line("Provenance", provenance("4", "Goal/a1", "Goal/b1"))
            .line("Provenance", provenance("5", "Goal/a1", "Goal/gone"))
            .line("Provenance", provenance("6", "Goal/a1", "Patient/b"))
            .line("Provenance", provenance("7", "Practitioner/p", "Practitioner/p"))
            .line("Provenance", provenance("8", "Goal/c1", "Goal/c1"))
            .line("Provenance", provenance("9", "Goal/a1", "https://other.example/Goal/1"))
            .line("Provenance", provenance("10", "Goal/a1", "Goal/twice"))
            .line("Provenance", provenance("11", "Goal/b1/_history/1", "Provenance/11"))
            .has("Practitioner/p")
            .has("Goal/a1", "subject", "Patient/a")
            .has("Goal/a2", "subject", "Patient/a")
            .has("Goal/b1", "subject", "Patient/b")
            .has("Goal/c1", "subject", "Patient/c")
            .has("Goal/twice", "subject", "Patient/a")
            .has("Goal/twice", "subject", "Patient/b")
            .split();

    assertThat(split.of("a"))
        .containsExactly(
            "Goal/a1",
            "Goal/a2",
            "Goal/twice",
            "Practitioner/p",
            "Provenance/1",
            "Provenance/2",
            "Provenance/3");
    assertThat(split.of("b")).containsExactly("Goal/b1", "Goal/twice", "Provenance/11");
    assertThat(split.ofNobody())
        .containsExactly(
            "Goal STRANGER 1", "Provenance NOT_ONE_MEMBERS 6", "Provenance NOT_REFERRED_TO 1");
  }

  private static String provenance(String id, String one, String other) {
    return "{\"resourceType\":\"Provenance\",\"id\":\"%s\",\"target\":[{\"reference\":\"%s\"},{\"reference\":\"%s\"}]}"
        .formatted(id, one, other);
  }

  @Test
  void whatAProvenanceNamesBesideItsTargetsCountsWhereItIsKnown() throws IOException {
    Outcome split =
        export
            .has("Provenance/1", "target", "Goal/a", "agent", "Patient/a")
            .has("Provenance/2", "target", "Goal/a", "agent", "Patient/b")
            .has("Provenance/3", "target", "Goal/a", "entity", "Goal/b")
            .has("Provenance/4", "target", "Goal/a", "entity", "DocumentReference/gone")
            .has("Provenance/5", "target", "Goal/b", "entity", "https://other.example/Goal/1")
            .has("Goal/a", "subject", "Patient/a")
            .has("Goal/b", "subject", "Patient/b")
            .split();

    assertThat(split.of("a")).containsExactly("Goal/a", "Provenance/1", "Provenance/4");
    assertThat(split.of("b")).containsExactly("Goal/b", "Provenance/5");
    assertThat(split.ofNobody()).containsExactly("Provenance NOT_ONE_MEMBERS 2");
  }

  @Test
  void aProvenanceWithoutAnIdIsKeptToo() throws IOException {
    String line = "{\"resourceType\":\"Provenance\",\"target\":[{\"reference\":\"Patient/%s\"}]}";
    Outcome split =
        export
            .line("Provenance", line.formatted("a"))
            .line("Provenance", line.formatted("b"))
            .line("Provenance", line.formatted("a"))
            .split();

    assertThat(split.folders().get("a").get("Provenance")).hasSize(2);
    assertThat(split.folders().get("b").get("Provenance")).hasSize(1);
    assertThat(split.ofNobody()).isEmpty();
  }

  @Test
  void conditionalLinesFollowOneAnother() throws IOException {
    Outcome split =
        export
            .has("Device/part", "parent", "Device/whole")
            .has("Device/whole")
            .has("Procedure/1", "subject", "Patient/a", "x", "Device/part")
            .has("Provenance/1", "target", "Device/whole", "agent", "Device/agent")
            .has("Provenance/2", "target", "Provenance/1")
            .has("Provenance/3", "target", "Goal/b", "agent", "Device/agent")
            .has("Provenance/4", "target", "Device/agent")
            .has("Provenance/5", "target", "Device/gone")
            .has("Device/agent")
            .has("Device/round", "parent", "Device/about")
            .has("Device/about", "parent", "Device/round")
            .has("Goal/b", "subject", "Patient/b")
            .split();

    assertThat(split.of("a"))
        .containsExactly(
            "Device/part", "Device/whole", "Procedure/1", "Provenance/1", "Provenance/2");
    assertThat(split.of("b")).containsExactly("Goal/b", "Provenance/3");
    assertThat(split.ofNobody())
        .containsExactly(
            "Device NOT_ONE_MEMBERS 1", "Device NOT_REFERRED_TO 2", "Provenance NOT_ONE_MEMBERS 2");
  }

  @Test
  void allThatIsSaidOfAConditionalIdCountsWhicheverLineSaysIt() throws IOException {
    Outcome split =
        export
            .has("Device/1", "patient", "Patient/a")
            .otherFiles()
            .has("Device/1", "patient", "Patient/b")
            .split();

    assertThat(split.of("a")).isEmpty();
    assertThat(split.of("b")).isEmpty();
    assertThat(split.ofNobody()).containsExactly("Device NOT_ONE_MEMBERS 1", "Device REPEATED 1");
  }

  @Test
  void whoIsOutAtTheBeginningGetsNoLineAndKeepsOthersFromWhatIsNotTheirs() throws IOException {
    export.wanted = member -> !member.patientId().equals("a");
    Outcome split =
        export
            .has("Patient/a")
            .has("Device/1")
            .has("Device/2")
            .has("Practitioner/p")
            .has("Procedure/1", "subject", "Patient/a", "x", "Device/1", "y", "Device/2")
            .has("Procedure/2", "subject", "Patient/b", "x", "Device/1")
            .has("Procedure/3", "subject", "Patient/a", "x", "Practitioner/p")
            .split();

    assertThat(split.folders()).containsOnlyKeys("b");
    assertThat(split.of("b")).containsExactly("Procedure/2");
    assertThat(split.ofNobody())
        .containsExactly(
            "Device MEMBER_OUT 1",
            "Device NOT_ONE_MEMBERS 1",
            "Patient MEMBER_OUT 1",
            "Practitioner NOT_REFERRED_TO 1",
            "Procedure MEMBER_OUT 2");
  }

  @Test
  void whoIsOutBetweenThePassesGetsNoLineAndNothingIsLeft() throws IOException {
    Set<String> asked = new HashSet<>();
    export.wanted = member -> !member.patientId().equals("a") || asked.add("a");
    export
        .has("Patient/a")
        .has("Patient/b")
        .has("Device/1", "patient", "Patient/a")
        .has("Practitioner/p")
        .has("Goal/1", "subject", "Patient/a", "x", "Practitioner/p")
        .has("Goal/2", "subject", "Patient/b", "x", "Practitioner/p");
    try (MemberSplit split = export.begin()) {
      split.read(export.sources());
      assertThat(split.files(export.members().get(0))).isEmpty();
      assertThat(split.files(export.members().get(0))).isEmpty();
      assertThat(split.files(export.members().get(1)).orElseThrow())
          .extracting(MemberFile::resourceType)
          .containsExactly("Goal", "Patient", "Practitioner");
      assertThat(split.nobodys())
          .extracting(NobodysLines::resourceType, NobodysLines::lines)
          .containsExactly(tuple("Device", 1L), tuple("Goal", 1L), tuple("Patient", 1L));
      try (Stream<Path> left = Files.list(export.work())) {
        assertThat(left.map(path -> path.getFileName().toString()))
            .noneMatch(name -> name.startsWith("0-"))
            .contains("1-Goal.ndjson");
      }
    }
  }

  @Test
  void aMemberWithoutAnythingHasNoFiles() throws IOException {
    Outcome split = export.has("Patient/a").split();

    assertThat(split.folders().get("b")).isEmpty();
  }

  @Test
  void aJobWithoutFilesIsNothing() throws IOException {
    Outcome split = export.split();

    assertThat(split.of("a")).isEmpty();
    assertThat(split.ofNobody()).isEmpty();
  }

  @Test
  void whatCannotBeReadIsNobodys() throws IOException {
    String deep = "[".repeat(200) + "]".repeat(200);
    Outcome split =
        export
            .line(
                "Goal",
                "{\"resourceType\":\"Goal\",\"subject\":{\"reference\":\"Patient/a\"},\"x\":%s}"
                    .formatted(deep))
            .line(
                "Location", "{\"resourceType\":\"Location\",\"id\":\"l\",\"x\":%s}".formatted(deep))
            .split();

    assertThat(split.ofNobody()).containsExactly("Goal UNREADABLE 1", "Location UNREADABLE 1");
  }

  @Test
  void oneWhoIsThereTwiceIsRefusedWithoutAWordOfThePatient() {
    assertThatThrownBy(() -> new SplitCase(folder, "4711", "4711").begin())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(" 4711");
    assertThatThrownBy(() -> new SplitCase(folder, " ").begin())
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new SplitMember("t", "4711")).asString().doesNotContain("4711");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void whatLiesInTheWorkFolderIsPrivateAndGoesAtTheEnd() throws IOException {
    export
        .has("Patient/a")
        .has("Practitioner/p")
        .has("Goal/1", "subject", "Patient/a", "x", "Practitioner/p");
    Files.createDirectories(export.work().resolve("old"));
    Files.writeString(export.work().resolve("old/left"), "left");
    try (MemberSplit split = export.begin()) {
      split.read(export.sources());
      assertThat(split.files(export.members().get(0))).isPresent();
      List<Path> all;
      try (Stream<Path> tree = Files.walk(export.work())) {
        all = tree.toList();
      }
      assertThat(all).hasSizeGreaterThan(8).noneMatch(path -> path.endsWith("old"));
      for (Path each : all) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
            .as(each.toString())
            .isEqualTo(Files.isDirectory(each) ? "rwx------" : "rw-------");
      }
      assertThat(Files.readString(export.work().resolve("0-Practitioner.ndjson"), UTF_8))
          .isEqualTo("{\"resourceType\":\"Practitioner\",\"id\":\"p\"}\n");
    }
    assertThat(export.work()).doesNotExist();
  }
}
