package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.payerexchange.dialect.BulkMatch.Kind;
import org.payerexchange.dialect.BulkMatch.Outcome;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.dialect.member.MemberId;

class CorrelationTest {
  private static final String A = MemberId.of("batch-1", "t-1");
  private static final String B = MemberId.of("batch-1", "t-2");
  private static final String C = MemberId.of("batch-1", "t-3");

  private final ObjectNode matched = Cases.group("g-1", "match");
  private final ObjectNode unmatched = Cases.group("", "nomatch");
  private final ObjectNode constrained = Cases.group("", "consentconstraint");
  private final ObjectNode ada = person(A, "Lovelace", "Ada", "ID-A");
  private final ObjectNode bea = person(B, "Arthur", "Bea", "ID-B");
  private final ObjectNode cora = person(C, "Pearl", "Cora", "ID-C");

  @Test
  void eachMemberIsInTheBucketOfItsGroup() throws IOException {
    String recorded = Cases.file("groups.ndjson");
    Map<String, Outcome> byOurIds =
        outcomes(
            threeAsked(),
            Cases.read(
                recorded.replace("member-1", A).replace("member-2", B).replace("member-3", C)));

    assertThat(byOurIds)
        .containsExactly(
            Map.entry(A, Outcome.matched("group-1", "member-a")),
            Map.entry(B, Outcome.NO_MATCH),
            Map.entry(C, Outcome.CONSENT_CONSTRAINED));
    assertThat(outcomes(threeAsked(), Cases.read(recorded))).isEqualTo(byOurIds);
    assertThat(outcomes(threeAsked(), Cases.read(Cases.file("parameters.json"))))
        .isEqualTo(byOurIds);
  }

  @Test
  void ourIdIsEnoughWhereThePatientIsLeftOut() throws IOException {
    Cases.entry(matched, "Patient/1", "#" + A, "");
    Cases.entry(matched, "Patient/2", "Patient/" + B, "");
    Cases.entry(unmatched, "#" + C, "", "");

    assertThat(outcomes(ada, bea, cora))
        .containsEntry(A, Outcome.matched("g-1", "1"))
        .containsEntry(B, Outcome.matched("g-1", "2"))
        .containsEntry(C, Outcome.NO_MATCH);
  }

  @Test
  void renumberedMembersAreFoundByTheirIdentifiers() throws IOException {
    renumbered("Patient/2", "1", bea.deepCopy().remove(List.of("name", "birthDate")));
    renumbered("Patient/1", "2", ada.deepCopy().remove(List.of("name", "birthDate")));

    assertThat(outcomes(ada, bea, cora))
        .containsEntry(A, Outcome.matched("g-1", "1"))
        .containsEntry(B, Outcome.matched("g-1", "2"))
        .hasEntrySatisfying(C, outcome -> assertThat(outcome.kind()).isEqualTo(Kind.UNCORRELATED));
  }

  @Test
  void renumberedMembersAreFoundByNameBirthDateAndGender() throws IOException {
    renumbered("Patient/2", "1", without(bea, "identifier"));
    ObjectNode shouted = without(ada, "identifier");
    ((ObjectNode) shouted.at("/name/0")).put("family", "  LOVELACE ");
    renumbered("Patient/1", "2", shouted);

    assertThat(outcomes(ada, bea))
        .containsEntry(A, Outcome.matched("g-1", "1"))
        .containsEntry(B, Outcome.matched("g-1", "2"));
  }

  @Test
  void namesakesAreNotToldApartByGuessing() throws IOException {
    ObjectNode other = person(B, "Lovelace", "Ada", "ID-B");
    renumbered("Patient/1", "1", without(ada, "identifier"));
    renumbered("Patient/2", "2", without(other, "identifier"));

    assertThat(outcomes(ada, other).values())
        .extracting(Outcome::kind)
        .containsExactly(Kind.UNCORRELATED, Kind.UNCORRELATED);
  }

  @Test
  void twinsWithOneMemberIdAreToldApartByTheirNames() throws IOException {
    ObjectNode twin = person(B, "Lovelace", "Byron", "ID-A");
    renumbered("Patient/2", "1", twin);
    renumbered("Patient/1", "2", ada);

    assertThat(outcomes(ada, twin))
        .containsEntry(A, Outcome.matched("g-1", "1"))
        .containsEntry(B, Outcome.matched("g-1", "2"));
  }

  @Test
  void twoCoveragesOfOnePersonAreToldApart() throws IOException {
    ObjectNode same = person(B, "Lovelace", "Ada", "ID-A");
    List<AskedMember> asked =
        List.of(
            Cases.asked(A, ada, Cases.coverage("c", "S-1")),
            Cases.asked(B, same, Cases.coverage("c", "S-2")));
    Cases.entry(matched, "Patient/1", "#p", "#c2", renamed(ada, "p"), Cases.coverage("c2", "S-2"));
    Cases.entry(unmatched, "#p", "#p", "#c1", renamed(ada, "p"), Cases.coverage("c1", "S-1"));

    assertThat(outcomes(asked, groups()))
        .containsEntry(A, Outcome.NO_MATCH)
        .containsEntry(B, Outcome.matched("g-1", "1"));
  }

  @Test
  void twoCoveragesThatAreNotTherePutBothInDoubt() throws IOException {
    ObjectNode same = person(B, "Lovelace", "Ada", "ID-A");
    renumbered("Patient/1", "p", ada);

    assertThat(outcomes(ada, same).values())
        .extracting(Outcome::kind)
        .containsExactly(Kind.UNCORRELATED, Kind.UNCORRELATED);
  }

  @Test
  void twoMembersWithOnePatientAreBothAmbiguous() throws IOException {
    Cases.entry(matched, "Patient/1", "#" + A, "", ada);
    Cases.entry(matched, "https://x.example/fhir/Patient/1/_history/2", "#" + B, "", bea);
    Cases.entry(matched, "Patient/3", "#" + C, "", cora);

    assertThat(outcomes(ada, bea, cora))
        .containsEntry(A, Outcome.ambiguous("1"))
        .containsEntry(B, Outcome.ambiguous("1"))
        .containsEntry(C, Outcome.matched("g-1", "3"));
  }

  @Test
  void aPatientThatAnEntryOfNobodyNamesTooIsNotTaken() throws IOException {
    Cases.entry(matched, "Patient/1", "#" + A, "", ada);
    Cases.entry(matched, "Patient/1", "#member-9", "");

    assertThat(outcomes(ada, bea).get(A)).isEqualTo(Outcome.ambiguous("1"));
  }

  @Test
  void oneMemberWithTwoPatientsIsAmbiguous() throws IOException {
    Cases.entry(matched, "Patient/1", "#" + A, "", ada);
    Cases.entry(matched, "Patient/2", "#" + A, "");

    assertThat(outcomes(ada, bea).get(A)).isEqualTo(Outcome.AMBIGUOUS);
  }

  @Test
  void theSameEntryTwiceIsOne() throws IOException {
    Cases.entry(matched, "Patient/1", "#" + A, "", ada);
    Cases.entry(matched, "Patient/1", "#" + A, "", ada);
    Cases.entry(unmatched, "#" + B, "#" + B, "", bea);
    Cases.entry(unmatched, "#" + B, "#" + B, "", bea);

    assertThat(outcomes(ada, bea))
        .containsEntry(A, Outcome.matched("g-1", "1"))
        .containsEntry(B, Outcome.NO_MATCH);
  }

  @Test
  void aMemberInTwoBucketsIsAskedForAlone() throws IOException {
    Cases.entry(matched, "Patient/1", "#" + A, "", ada);
    Cases.entry(constrained, "#" + A, "#" + A, "", ada);
    Cases.entry(matched, "Patient/2", "#" + B, "", bea);
    Cases.entry(unmatched, "#" + B, "#" + B, "", bea);

    assertThat(outcomes(ada, bea).values())
        .allSatisfy(
            outcome -> {
              assertThat(outcome.kind()).isEqualTo(Kind.UNCORRELATED);
              assertThat(outcome.patientId()).isNull();
            });
  }

  @Test
  void aMemberInNoBucketIsAskedForAlone() throws IOException {
    Cases.entry(matched, "Patient/2", "#" + B, "", bea);

    assertThat(outcomes(ada, bea).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
  }

  @Test
  void theOnlyMemberNeedsNoMark() throws IOException {
    Cases.entry(matched, "Patient/1", "", "");

    assertThat(outcomes(ada).get(A)).isEqualTo(Outcome.matched("g-1", "1"));
    assertThat(outcomes(ada, bea).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
  }

  @Test
  void theOnlyMemberMayBeReferredToByWhatLeadsNowhere() throws IOException {
    Cases.entry(matched, "Patient/1", "#member-1", "#coverage-1");

    assertThat(outcomes(ada).get(A)).isEqualTo(Outcome.matched("g-1", "1"));
    assertThat(outcomes(ada, bea).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
  }

  @Test
  void anIdOfAnotherRequestIsNobodysEvenIfOneMemberWasAskedFor() throws IOException {
    String foreign = MemberId.of("batch-0", "t-1");
    Cases.entry(matched, "Patient/1", "#" + foreign, "", renamed(ada, foreign));

    assertThat(outcomes(ada).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
    assertThat(outcomes(ada, bea).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
  }

  @Test
  void anotherPersonIsNobodysEvenIfOneMemberWasAskedFor() throws IOException {
    renumbered("Patient/2", "member-1", bea);

    assertThat(outcomes(ada).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
  }

  @Test
  void anotherPersonIsNobodysEvenIfNothingRefersToIt() throws IOException {
    Cases.entry(matched, "Patient/2", "", "", renamed(bea, "member-1"));

    assertThat(outcomes(ada).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
    assertThat(outcomes(bea).get(B)).isEqualTo(Outcome.matched("g-1", "2"));
  }

  @Test
  void aPatientInAGroupThatSaysNothingIsNotTaken() throws IOException {
    ObjectNode withoutCode = Cases.group("g-2", "");
    Cases.entry(matched, "Patient/1", "#" + A, "", ada);
    Cases.entry(withoutCode, "Patient/1", "#" + B, "", bea);

    assertThat(
            outcomes(
                    List.of(asked(ada), asked(bea)),
                    Cases.read(matched.toString(), withoutCode.toString()))
                .get(A))
        .isEqualTo(Outcome.ambiguous("1"));
  }

  @Test
  void ourIdsOnTheWrongPeopleAreNotBelieved() throws IOException {
    Cases.entry(matched, "Patient/2", "#" + A, "", renamed(bea, A));
    Cases.entry(matched, "Patient/1", "#" + B, "", renamed(ada, B));

    assertThat(outcomes(ada, bea).values())
        .extracting(Outcome::kind)
        .containsExactly(Kind.UNCORRELATED, Kind.UNCORRELATED);
  }

  @Test
  void ourIdOnATwinIsNotBelieved() throws IOException {
    ObjectNode twin = person(B, "Lovelace", "Byron", "ID-A");
    Cases.entry(matched, "Patient/2", "#" + A, "", renamed(twin, A));

    assertThat(outcomes(ada, twin).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
  }

  @Test
  void aCoverageOfSomebodyElseIsNotBelieved() throws IOException {
    List<AskedMember> asked = List.of(Cases.asked(A, ada, Cases.coverage("c", "S-1")));
    Cases.entry(matched, "Patient/1", "#" + A, "#c", ada, Cases.coverage("c", "S-9"));

    assertThat(outcomes(asked, groups()).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
  }

  @Test
  void oneContainedIdForTwoPeopleIsNotBelieved() throws IOException {
    Cases.entry(matched, "Patient/1", "#p", "", renamed(ada, "p"), renamed(bea, "p"));

    assertThat(outcomes(ada).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
  }

  @Test
  void oneEntryForTwoMembersIsNobodys() throws IOException {
    ObjectNode entry = Cases.entry(matched, "Patient/1", "#" + A, "", ada, bea);
    JsonNode extensions = entry.at("/entity/extension");
    ObjectNode second = extensions.path(0).deepCopy();
    second.set("valueReference", FhirJson.reference("#" + B));
    entry.withObject("/entity").withArrayProperty("extension").add(second);

    assertThat(outcomes(ada, bea).values())
        .extracting(Outcome::kind)
        .containsExactly(Kind.UNCORRELATED, Kind.UNCORRELATED);
  }

  @Test
  void whatCannotBeExportedIsNotMatched() throws IOException {
    ObjectNode withoutId = Cases.group("", "match");
    Cases.entry(withoutId, "Patient/1", "#" + A, "", ada);
    ObjectNode withoutCode = Cases.group("g-2", "");
    Cases.entry(withoutCode, "Patient/2", "#" + B, "", bea);
    Cases.entry(matched, "#" + C, "#" + C, "", cora);

    assertThat(
            outcomes(
                    List.of(asked(ada), asked(bea), asked(cora)),
                    Cases.read(withoutId.toString(), withoutCode.toString(), matched.toString()))
                .values())
        .extracting(Outcome::why)
        .containsExactly(
            "its Group has no id",
            "its Group does not say whether its members are matched",
            "its entry names no Patient of the payer's");
  }

  @Test
  void whoHasLeftTheGroupIsNotInIt() throws IOException {
    Cases.entry(matched, "Patient/1", "#" + A, "", ada).put("inactive", true);

    assertThat(outcomes(ada).get(A).kind()).isEqualTo(Kind.UNCORRELATED);
  }

  @Test
  void twoMembersOfARequestWithOneIdAreAFaultOfOurs() {
    assertThatThrownBy(() -> new Correlation(2, List.of(asked(ada), asked(ada))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nothingIsToldOfAnybody() throws IOException {
    Cases.entry(matched, "Patient/secret", "#" + A, "", ada);

    assertThat(outcomes(ada).toString() + groups() + groups().get(0).members() + asked(ada))
        .doesNotContain("secret", "Lovelace", "ID-A", "g-1");
  }

  private void renumbered(String reference, String id, ObjectNode patient) {
    Cases.entry(matched, reference, "#" + id, "", renamed(patient, id));
  }

  private static List<AskedMember> threeAsked() throws IOException {
    return List.of(Cases.asked(A, 1), Cases.asked(B, 2), Cases.asked(C, 3));
  }

  private static AskedMember asked(ObjectNode patient) {
    return Cases.asked(patient.path("id").asText(), patient, FhirJson.object());
  }

  private Map<String, Outcome> outcomes(ObjectNode... people) throws IOException {
    List<AskedMember> asked = new ArrayList<>();
    for (ObjectNode person : people) {
      asked.add(asked(person));
    }
    return outcomes(asked, groups());
  }

  private static Map<String, Outcome> outcomes(
      List<AskedMember> asked, List<AnsweredGroup> groups) {
    return new Correlation(asked.size(), asked).outcomes(groups);
  }

  private List<AnsweredGroup> groups() throws IOException {
    return Cases.read(matched.toString(), unmatched.toString(), constrained.toString());
  }

  private static ObjectNode person(String id, String family, String given, String memberId) {
    return Cases.identified(
        Cases.patient(id, family, given, "1970-01-02"), "https://old.example", memberId);
  }

  private static ObjectNode renamed(ObjectNode patient, String id) {
    return patient.deepCopy().put("id", id);
  }

  private static ObjectNode without(ObjectNode patient, String name) {
    ObjectNode less = patient.deepCopy();
    less.remove(name);
    return less;
  }
}
