package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.FieldProblem;
import org.payerexchange.dialect.member.FhirJson;
import org.payerexchange.dialect.member.Parties;
import org.payerexchange.http.JsonLimits;

class MemberBundleTest {
  private ObjectNode member;

  @BeforeEach
  void takeAMemberThatLacksNothing() throws IOException {
    member = Cases.member();
  }

  @Test
  void aRowOfATableBecomesTheRequestOfTheStandard() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    new BulkMatchRequest(JsonLimits.mapper()).write(List.of(bundle()).iterator(), body);

    String text = body.toString(StandardCharsets.UTF_8);
    assertThat(bundle().problems()).isEmpty();
    assertThat(Cases.json(text)).isEqualTo(Cases.json(Cases.file("request.json")));
    FhirContext.forR4Cached()
        .newJsonParser()
        .setParserErrorHandler(new StrictErrorHandler())
        .parseResource(text);
  }

  @Test
  void whatTheSenderKnowsIsSentAndNothingElse() {
    patient().put("active", true).putArray("telecom").addObject().put("value", "555");
    patient()
        .putArray("address")
        .addObject()
        .put("city", "Springfield")
        .put("text", "not asked for")
        .putArray("line")
        .add("Main Street 1");
    coverageToMatch().put("status", "cancelled").put("dependent", "01").put("order", 2);
    coverageToMatch().set("relationship", FhirJson.concept("subscriber-relationship", "child"));
    coverageToMatch()
        .putArray("class")
        .addObject()
        .put("value", "plan-7")
        .set("type", FhirJson.concept("coverage-class", "plan"));

    assertThat(sent("MemberPatient").has("telecom")).isFalse();
    assertThat(sent("MemberPatient").has("active")).isFalse();
    assertThat(sent("MemberPatient").path("address").path(0).has("text")).isFalse();
    assertThat(sent("MemberPatient").at("/address/0/line/0").asText()).isEqualTo("Main Street 1");
    assertThat(sent("CoverageToMatch").path("status").asText()).isEqualTo("cancelled");
    assertThat(sent("CoverageToMatch").has("_status")).isFalse();
    assertThat(sent("CoverageToMatch").path("dependent").asText()).isEqualTo("01");
    assertThat(sent("CoverageToMatch").at("/relationship/coding/0/code").asText())
        .isEqualTo("child");
    assertThat(sent("CoverageToMatch").at("/class/0/value").asText()).isEqualTo("plan-7");
    assertThat(sent("CoverageToMatch").has("order")).isFalse();
  }

  @Test
  void theOldPayersMemberIdGoesAndOurOwnStays() {
    Cases.identified(patient(), "https://new-payer.example/members", "NEW-1");
    Cases.identified(patient(), "https://old-payer.example/members", "OLD-1b");
    ObjectNode socialSecurity =
        patient().withArrayProperty("identifier").addObject().put("value", "000-00-0000");
    socialSecurity.set("type", FhirJson.concept("v2-0203", "SS"));

    assertThat(sent("MemberPatient").path("identifier").findValuesAsText("value"))
        .containsExactly("OLD-1", "OLD-1b");
  }

  @Test
  void anIdOfASystemThatOnlyOurCoverageUsesIsOurs() {
    Cases.identified(patient(), "https://new-payer.example/members", "OTHER-ID");
    coverageToLink().remove("identifier");
    Cases.identified(coverageToLink(), "https://new-payer.example/members", "LINK-1");

    assertThat(sent("MemberPatient").path("identifier").findValuesAsText("value"))
        .containsExactly("OLD-1");
  }

  @Test
  void aCoverageToLinkThatNobodyGaveIsNotInvented() {
    member.withArrayProperty("parameter").remove(2);

    assertThat(bundle().problems()).isEmpty();
    assertThat(bundle().parameter().path("part").findValuesAsText("name"))
        .contains("MemberPatient", "CoverageToMatch", "Consent")
        .doesNotContain("CoverageToLink");
  }

  @Test
  void everyReferenceIsToTheMemberWhateverTheSenderCalledIt() {
    patient().put("id", "p-9");
    coverageToMatch().set("beneficiary", FhirJson.reference("Patient/p-9"));
    coverageToLink().set("beneficiary", FhirJson.reference("Patient/other"));
    coverageToMatch().set("policyHolder", FhirJson.reference("Organization/9"));
    coverageToMatch().putArray("payor").add(FhirJson.reference("Organization/9"));
    consent().set("patient", FhirJson.reference("Patient/1"));
    consent().putArray("performer").add(FhirJson.reference("Patient/1"));
    consent().set("organization", FhirJson.object());

    assertThat(bundle().problems()).isEmpty();
    assertThat(bundle().parameter().findValuesAsText("reference"))
        .isNotEmpty()
        .allSatisfy(
            reference -> assertThat(reference).isIn("Patient/m-1", "")); // of an actor: an object
    assertThat(sent("CoverageToMatch").at("/payor/0/identifier/value").asText())
        .isEqualTo("9876543213");
  }

  @Test
  void thePayorThatTheSenderNamesByAnIdentifierStays() {
    ObjectNode payor = coverageToMatch().putArray("payor").addObject().put("display", "Plan Two");
    payor.put("reference", "Organization/2").putObject("identifier").put("value", "5555555551");

    assertThat(sent("CoverageToMatch").at("/payor/0/identifier/value").asText())
        .isEqualTo("5555555551");
    assertThat(sent("CoverageToMatch").at("/payor/0").has("reference")).isFalse();
    assertThat(sent("CoverageToLink").at("/payor/0/identifier/value").asText())
        .isEqualTo("0123456788");
  }

  @Test
  void whoeverSignedForTheMemberIsNamed() {
    ObjectNode mother = FhirJson.resource("RelatedPerson").put("id", "mother");
    mother.set("patient", FhirJson.reference("Patient/elsewhere"));
    mother.put("birthDate", "1950-01-01").putArray("telecom").addObject().put("value", "555");
    consent().putArray("contained").add(mother);
    consent()
        .withArrayProperty("contained")
        .add(FhirJson.resource("RelatedPerson").put("id", "nobody"));
    consent().putArray("performer").add(FhirJson.reference("#mother"));
    ObjectNode actor = provision().putArray("actor").addObject();
    actor.set("role", FhirJson.concept("v3-RoleCode", "HPOWATT"));
    actor.set("reference", FhirJson.reference("#mother"));

    JsonNode sent = sent("Consent");
    assertThat(bundle().problems()).isEmpty();
    assertThat(sent.at("/performer/0/reference").asText()).isEqualTo("#mother");
    assertThat(sent.path("contained")).hasSize(1);
    assertThat(sent.at("/contained/0").has("telecom")).isFalse();
    assertThat(sent.at("/contained/0/patient/reference").asText()).isEqualTo("Patient/m-1");
    assertThat(sent.at("/provision/actor")).hasSize(3);
    assertThat(sent.at("/provision/actor/2/reference/reference").asText()).isEqualTo("#mother");
  }

  @Test
  void aDocumentThatCanBeReachedIsReferredToAndAnyOtherIsNamed() {
    consent().set("sourceReference", FhirJson.reference("https://new-payer.example/doc/7"));
    assertThat(sent("Consent").at("/sourceReference/reference").asText())
        .isEqualTo("https://new-payer.example/doc/7");
    assertThat(sent("Consent").path("sourceReference").has("identifier")).isFalse();

    consent().set("sourceReference", FhirJson.reference("DocumentReference/7"));
    assertThat(sent("Consent").path("sourceReference").has("reference")).isFalse();
    assertThat(sent("Consent").at("/sourceReference/identifier/value").asText())
        .isEqualTo("consent-1");

    consent().remove("sourceReference");
    consent().putObject("sourceAttachment").put("title", "terms");
    Cases.identified(consent(), "https://documents.example", "D 7");
    assertThat(sent("Consent").has("sourceAttachment")).isFalse();
    assertThat(sent("Consent").at("/sourceReference/identifier/system").asText())
        .isEqualTo("https://documents.example");

    consent().remove(List.of("id", "identifier"));
    assertThat(sent("Consent").at("/sourceReference/identifier/value").asText()).isEqualTo("m-1");
  }

  @Test
  void whatAMemberLacksIsToldByItsField() {
    patient().remove(List.of("gender", "birthDate"));
    patient().putArray("name").addObject().putArray("given").add("Patricia");
    coverageToMatch().remove(List.of("identifier", "subscriberId"));
    consent().remove("policy");
    provision().remove("period");

    assertThat(bundle().problems())
        .extracting(FieldProblem::field)
        .containsExactly(
            "MemberPatient.name.family",
            "MemberPatient.birthDate",
            "MemberPatient.gender",
            "CoverageToMatch.identifier.value",
            "Consent.provision.period.start",
            "Consent.provision.period.end",
            "Consent.policy.uri");
    assertThat(bundle().problems().toString()).doesNotContain("Patricia", "OLD-1", "consent-1");
  }

  @Test
  void anIdentifierThatIsNoMemberIdIsNoneByWhichThePlanKnowsTheMember() {
    coverageToMatch().remove("subscriberId");
    coverageToMatch()
        .withArrayProperty("identifier")
        .forEach(each -> ((ObjectNode) each).remove("type"));

    assertThat(bundle().problems())
        .extracting(FieldProblem::field)
        .containsExactly("CoverageToMatch.identifier.value");
  }

  @Test
  void aMemberOfNothingLacksEverythingAndNothingBreaks() throws IOException {
    MemberBundle empty = new MemberBundle(Cases.json("{\"parameter\": 7}"), "m-1", Cases.PARTIES);

    assertThat(empty.problems()).hasSizeGreaterThan(6);
    assertThat(empty.parameter().path("part")).hasSize(3);
  }

  /** What is not of its type is as if it were not there. */
  @Test
  void nothingOfTheWrongTypeBreaksTheRequest() throws IOException {
    List<JsonNode> others =
        List.of(
            Cases.json("null"),
            Cases.json("7"),
            Cases.json("\"text\""),
            Cases.json("[]"),
            Cases.json("{}"),
            Cases.json("[[{\"coding\": 1}]]"));
    Random random = new Random(21);
    for (int round = 0; round < 3_000; round++) {
      member = Cases.member();
      for (int n = random.nextInt(3); n >= 0; n--) {
        List<ObjectNode> objects = new ArrayList<>();
        collect(member, objects);
        ObjectNode object = objects.get(random.nextInt(objects.size()));
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        if (!names.isEmpty()) {
          object.set(
              names.get(random.nextInt(names.size())),
              others.get(random.nextInt(others.size())).deepCopy());
        }
      }
      assertThat(bundle().problems()).doesNotContainNull();
      assertThat(sent("MemberPatient").path("id").asText()).isEqualTo("m-1");
      assertThat(sent("CoverageToMatch").at("/beneficiary/reference").asText())
          .isEqualTo("Patient/m-1");
      assertThat(sent("Consent").at("/patient/reference").asText()).isEqualTo("Patient/m-1");
      assertThat(bundle().asked().id()).isEqualTo("m-1");
    }
  }

  private static void collect(JsonNode node, List<ObjectNode> into) {
    if (node instanceof ObjectNode object) {
      into.add(object);
    }
    node.forEach(child -> collect(child, into));
  }

  @Test
  void theBirthSexStandsForAGenderThatNobodyGave() {
    patient().remove("gender");
    patient()
        .putArray("extension")
        .addObject()
        .put("url", "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex")
        .put("valueCode", "F");
    patient().withArrayProperty("extension").addObject().put("url", "http://x.example/race");

    assertThat(bundle().problems()).isEmpty();
    assertThat(sent("MemberPatient").has("gender")).isFalse();
    assertThat(sent("MemberPatient").path("extension").findValuesAsText("valueCode"))
        .containsExactly("F");
  }

  @Test
  void familyAndGivenInTwoNamesAreNoName() {
    patient().putArray("name").addObject().put("family", "Person");
    patient().withArrayProperty("name").addObject().putArray("given").add("Patricia");

    assertThat(bundle().problems())
        .extracting(FieldProblem::field)
        .containsExactly("MemberPatient.name");
  }

  @Test
  void aNameWithoutAFamilyIsNotSentBesideAWholeOne() {
    patient().withArrayProperty("name").addObject().putArray("given").add("Patty");

    assertThat(bundle().problems()).isEmpty();
    assertThat(sent("MemberPatient").path("name")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"securityLabel", "class", "code", "dataPeriod", "data", "provision"})
  void aConsentThatIsLimitedIsNotSentWithoutItsLimit(String limit) {
    provision().putArray(limit).addObject();

    assertThat(bundle().problems())
        .extracting(FieldProblem::field)
        .containsExactly("Consent.provision." + limit);
    assertThat(sent("Consent").path("provision").has(limit)).isFalse();
  }

  @Test
  void thePurposeOfAConsentIsLeftOut() {
    provision().putArray("purpose").addObject().put("code", "TREAT");

    assertThat(bundle().problems()).isEmpty();
    assertThat(sent("Consent").path("provision").has("purpose")).isFalse();
  }

  @Test
  void aConsentForAnotherRecipientOrAnotherPayerIsNotOurs() {
    ObjectNode recipient = provision().putArray("actor").addObject();
    recipient.set("role", FhirJson.concept("v3-ParticipationType", "IRCP"));
    recipient.set("reference", FhirJson.reference(new Parties.Organization("Third", "1111111112")));
    ObjectNode source = provision().withArrayProperty("actor").addObject();
    source.set("role", FhirJson.concept("provenance-participant-type", "performer"));
    source.set("reference", FhirJson.reference(new Parties.Organization("Third", "1111111112")));

    assertThat(bundle().problems())
        .extracting(FieldProblem::field)
        .containsExactly("Consent.provision.actor", "Consent.provision.actor");

    ObjectNode us = provision().withArrayProperty("actor").addObject();
    us.set("role", FhirJson.concept("v3-ParticipationType", "IRCP"));
    us.set("reference", FhirJson.reference(Cases.PARTIES.own()));
    assertThat(bundle().problems()).hasSize(1);
    assertThat(sent("Consent").at("/provision/actor")).hasSize(2);
  }

  @Test
  void aConsentThatSaysOtherThanTheStandardIsAProblem() {
    consent().put("status", "inactive");
    consent().set("scope", FhirJson.concept("consentscope", "research"));
    consent().putArray("policy").addObject().put("uri", "http://x.example/policy#regular");
    provision().put("type", "deny");
    provision().putArray("action").add(FhirJson.concept("consentaction", "collect"));
    consent().putArray("performer").add(FhirJson.reference("RelatedPerson/7"));

    assertThat(bundle().problems())
        .extracting(FieldProblem::field)
        .containsExactly(
            "Consent.status",
            "Consent.provision.type",
            "Consent.policy.uri",
            "Consent.scope",
            "Consent.provision.action",
            "Consent.performer");
  }

  @Test
  void twoPoliciesOrTwoPerformersAreOneTooMany() {
    consent()
        .withArrayProperty("policy")
        .addObject()
        .put(
            "uri",
            "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#sensitive");
    consent().putArray("performer").addObject().put("display", "Mother");
    consent().withArrayProperty("performer").addObject().put("display", "Father");

    assertThat(bundle().problems())
        .extracting(FieldProblem::field)
        .containsExactly("Consent.policy.uri", "Consent.performer");
  }

  private MemberBundle bundle() {
    return new MemberBundle(member, "m-1", Cases.PARTIES);
  }

  private JsonNode sent(String part) {
    for (JsonNode each : bundle().parameter().path("part")) {
      if (each.path("name").asText().equals(part)) {
        return each.path("resource");
      }
    }
    throw new AssertionError("no " + part);
  }

  private ObjectNode patient() {
    return Cases.resource(member, "MemberPatient");
  }

  private ObjectNode coverageToMatch() {
    return Cases.resource(member, "CoverageToMatch");
  }

  private ObjectNode coverageToLink() {
    return Cases.resource(member, "CoverageToLink");
  }

  private ObjectNode consent() {
    return Cases.resource(member, "Consent");
  }

  private ObjectNode provision() {
    return (ObjectNode) consent().path("provision");
  }
}
