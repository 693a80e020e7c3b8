package org.payerexchange.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a gateway that is strict refuses of a {@code $bulk-member-match}, one case each. */
class BulkMatchRequestTest {
  private static final String PATH = "/Group/$bulk-member-match";
  private static final PdexMember MEMBER = PdexMember.of("bison", 1);

  private static Sandbox sandbox;
  private static PdexClient client;

  @BeforeAll
  static void start() {
    sandbox = Sandbox.start(SandboxOptions.builder().pdex(pdex -> pdex.upTo(3, 20_000)).build());
    client = new PdexClient(sandbox);
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @Test
  void aRequestThatIsAsTheStandardsSayIsTaken() {
    assertThat(client.bulkMatch(PdexClient.request(MEMBER)).statusCode()).isEqualTo(202);
  }

  @Test
  void aRequestWithACoverageToLinkIsTaken() {
    ObjectNode request = PdexClient.request(MEMBER);
    ObjectNode link = part(request, 1).deepCopy().put("name", "CoverageToLink");
    ((ObjectNode) link.path("resource")).put("id", "m-0-new");
    parts(request).add(link);

    assertThat(client.bulkMatch(request).statusCode()).isEqualTo(202);
  }

  @Test
  void whatIsNotKnownOfACoverageMayBeSaidToBeUnknown() {
    ObjectNode request = PdexClient.request(MEMBER);
    ObjectNode coverage = resource(request, 0, "CoverageToMatch");
    coverage.remove("status");
    absent(coverage.putObject("_status"));
    absent(coverage.putObject("relationship"));

    assertThat(client.bulkMatch(request).statusCode()).isEqualTo(202);
  }

  @Test
  void aConsentMaySayByIdentifiersWhoSignedWhat() {
    ObjectNode request = PdexClient.request(MEMBER);
    ObjectNode consent = resource(request, 0, "Consent");
    consent.putObject("sourceReference").putObject("identifier").put("value", "document-1");
    consent.putArray("performer").addObject().putObject("identifier").put("value", "guardian-1");

    assertThat(client.bulkMatch(request).statusCode()).isEqualTo(202);
  }

  @Test
  void aRepresentativeIsContainedInTheConsent() {
    ObjectNode request = PdexClient.request(MEMBER);
    ObjectNode consent = resource(request, 0, "Consent");
    consent
        .putArray("contained")
        .addObject()
        .put("resourceType", "RelatedPerson")
        .put("id", "guardian");
    consent.putArray("performer").addObject().put("reference", "#guardian");

    assertThat(client.bulkMatch(request).statusCode()).isEqualTo(202);
  }

  @ParameterizedTest
  @CsvSource({
    "Prefer, handling=lenient, 400",
    "Prefer, return=minimal, 400",
    "Content-Type, application/json, 415",
    "Authorization, Bearer made-up, 401"
  })
  void aRequestWithAnotherHeaderIsRefused(String name, String value, int status) {
    assertThat(client.bulkMatch(PdexClient.request(MEMBER), name, value).statusCode())
        .isEqualTo(status);
  }

  @Test
  void respondAsyncMayStandAmongOtherPreferences() {
    assertThat(
            client
                .bulkMatch(PdexClient.request(MEMBER), "Prefer", "handling=lenient, respond-async")
                .statusCode())
        .isEqualTo(202);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "not JSON | 400",
        "{\"resourceType\": \"Bundle\"} | 400",
        "{\"resourceType\": \"Parameters\"} | 400",
        "{\"resourceType\": \"Parameters\", \"parameter\": []} | 400",
        "{\"resourceType\": \"Parameters\", \"parameter\": [{\"name\": \"Member\"}]} | 422"
      })
  void aBodyThatIsNoParametersWithMembersIsRefused(String body, int status) {
    assertThat(client.post(PATH, body).statusCode()).isEqualTo(status);
  }

  @Test
  void aRequestThatIsTooLongIs413() {
    ObjectNode request = PdexClient.request(MEMBER);
    request.put("id", "x".repeat(20_000));

    assertThat(client.bulkMatch(request).statusCode()).isEqualTo(413);
  }

  @Test
  void aRequestForTooManyMembersIs422() {
    ObjectNode request = PdexClient.request(MEMBER, MEMBER, MEMBER, MEMBER);

    refused(client.bulkMatch(request), 422, "There are too many members");
  }

  @Test
  void anotherTenantIsNotFound() {
    assertThat(client.post("/../otter" + PATH, "{}").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({"INVALID, 400", "UNPROCESSABLE, 422"})
  void oneBadMemberMakesTheWholeRequestFail(MatchScenario scenario, int status) {
    ObjectNode request =
        PdexClient.request(MEMBER, new PdexMember("bison", 2, scenario), PdexMember.of("bison", 3));

    assertThat(client.bulkMatch(request).statusCode()).isEqualTo(status);
  }

  @Test
  void anIdThatIsThereTwiceInTheRequestIsRefused() {
    ObjectNode request = PdexClient.request(MEMBER, PdexMember.of("bison", 2));
    resource(request, 1, "CoverageToMatch").put("id", "m-0");

    refused(
        client.bulkMatch(request),
        422,
        "MemberBundle[1] an id is there more than once in the request");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenBundles")
  void aBundleWithOtherPartsIsRefused(String why, Consumer<ArrayNode> change) {
    ObjectNode request = PdexClient.request(MEMBER);
    change.accept(parts(request));

    refused(client.bulkMatch(request), 422, "Bad bundle format: MemberBundle[0] " + why);
  }

  static Stream<Arguments> brokenBundles() {
    return Stream.of(
        bundle("is missing required part 'MemberPatient'", parts -> parts.remove(0)),
        bundle("is missing required part 'CoverageToMatch'", parts -> parts.remove(1)),
        bundle("is missing required part 'Consent'", parts -> parts.remove(2)),
        bundle(
            "has an unknown part",
            parts -> parts.addObject().put("name", "consent").putObject("resource")),
        bundle("has part 'Consent' more than once", parts -> parts.add(parts.get(2).deepCopy())),
        bundle(
            "has no resource in part 'Consent'",
            parts -> ((ObjectNode) parts.get(2)).remove("resource")));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("brokenResources")
  void aResourceThatIsNotAsItsProfileSaysIsRefused(
      String part, String why, Consumer<ObjectNode> change) {
    ObjectNode request = PdexClient.request(MEMBER);
    change.accept(resource(request, 0, part));

    refused(
        client.bulkMatch(request),
        422,
        "Bad bundle format: MemberBundle[0] is not valid: %s %s".formatted(part, why));
  }

  static Stream<Arguments> brokenResources() {
    return Stream.of(patients(), coverages(), consents(), provisions()).flatMap(all -> all);
  }

  private static Stream<Arguments> patients() {
    return Stream.of(
        patient("is no Patient", p -> p.put("resourceType", "Person")),
        patient("has an element that a Patient has not", p -> p.put("birthdate", "1990-01-01")),
        patient("has no id of letters, digits, '-' and '.'", p -> p.remove("id")),
        patient("has no id of letters, digits, '-' and '.'", p -> p.put("id", "m_0")),
        patient("has no id of letters, digits, '-' and '.'", p -> p.put("id", "m".repeat(65))),
        patient("has no name, or one without family or given", p -> p.remove("name")),
        patient("has no name, or one without family or given", p -> name(p).remove("family")),
        patient("has no name, or one without family or given", p -> name(p).putArray("given")),
        patient("has no birthDate", p -> p.remove("birthDate")),
        patient("has no birthDate", p -> p.put("birthDate", "1990")),
        patient("has neither gender nor birth sex", p -> p.remove("gender")));
  }

  private static Stream<Arguments> coverages() {
    return Stream.of(
        coverage("is no Coverage", c -> c.put("resourceType", "Claim")),
        coverage("has an element that a Coverage has not", c -> c.put("payer", "x")),
        coverage("has no status that there is", c -> c.remove("status")),
        coverage("has no status that there is", c -> c.put("status", "on")),
        coverage(
            "has neither an identifier of type MB nor a subscriberId",
            c -> ((ObjectNode) c.at("/identifier/0")).remove("type")),
        coverage("has another beneficiary", c -> refer(c, "beneficiary", "Patient/1")),
        coverage("has another beneficiary", c -> refer(c, "beneficiary", "#m-0")),
        coverage(
            "has another beneficiary",
            c -> refer(c, "beneficiary", "https://payer.example/Patient/m-0")),
        coverage("refers to another Patient", c -> refer(c, "subscriber", "Patient/1")),
        coverage("has no relationship", c -> c.remove("relationship")),
        coverage("has not exactly one payor that is named", c -> c.remove("payor")),
        coverage("has not exactly one payor that is named", c -> c.putArray("payor").addObject()),
        coverage(
            "has not exactly one payor that is named",
            c -> c.withArray("payor").addObject().put("display", "Second")),
        coverage(
            "has a period that is none",
            c -> c.putObject("period").put("start", "2025-01-02").put("end", "2025-01-01")));
  }

  private static Stream<Arguments> consents() {
    return Stream.of(
        consent("is no Consent", c -> c.put("resourceType", "Contract")),
        consent("has an element that the profile has not", c -> c.putObject("sourceAttachment")),
        consent("is not active", c -> c.put("status", "draft")),
        consent("has another scope than patient-privacy", c -> code(c.at("/scope"), "research")),
        consent("has no category IDSCL", c -> code(c.at("/category/0"), "INFA")),
        consent("is of another patient", c -> refer(c, "patient", "Patient/1")),
        consent(
            "has not exactly one performer who is the patient, contained or identified",
            c -> c.remove("performer")),
        consent(
            "has not exactly one performer who is the patient, contained or identified",
            c -> c.withArray("performer").addObject().put("reference", "Patient/m-0")),
        consent(
            "has not exactly one performer who is the patient, contained or identified",
            c -> ((ObjectNode) c.at("/performer/0")).put("reference", "#guardian")),
        consent(
            "has not exactly one performer who is the patient, contained or identified",
            c -> c.putArray("performer").addObject().put("display", "Guardian")),
        consent(
            "refers to another Patient",
            c ->
                refer(
                    c.putArray("contained")
                        .addObject()
                        .put("resourceType", "RelatedPerson")
                        .put("id", "guardian"),
                    "patient",
                    "Patient/1")),
        consent("has no sourceReference", c -> c.remove("sourceReference")),
        consent("has not exactly one policy, #regular or #sensitive", c -> c.remove("policy")),
        consent(
            "has not exactly one policy, #regular or #sensitive",
            c -> ((ObjectNode) c.at("/policy/0")).put("uri", "https://policy.example/#regular")),
        consent(
            "has not exactly one policy, #regular or #sensitive",
            c -> c.withArray("policy").add(c.at("/policy/0").deepCopy())));
  }

  private static Stream<Arguments> provisions() {
    return Stream.concat(
        Stream.of("securityLabel", "purpose", "class", "code", "dataPeriod", "data", "provision")
            .map(
                name ->
                    provision(
                        "has an element in its provision that is forbidden",
                        p -> p.putArray(name))),
        Stream.of(
            provision("has no provision that permits", p -> p.put("type", "deny")),
            provision("has no period with start and end", p -> p.remove("period")),
            provision("has no period with start and end", p -> period(p).remove("end")),
            provision("has no period with start and end", p -> period(p).put("end", "2019-12-31")),
            provision("has not exactly one source by its NPI", p -> actors(p).remove(0)),
            provision(
                "has not exactly one source by its NPI", p -> actors(p).add(p.at("/actor/0"))),
            provision("has not exactly one recipient by its NPI", p -> actors(p).remove(1)),
            provision(
                "has not exactly one recipient by its NPI",
                p -> ((ObjectNode) p.at("/actor/1")).putObject("reference").put("display", "We")),
            provision(
                "has not exactly one recipient by its NPI",
                p -> ((ObjectNode) p.at("/actor/1/reference/identifier")).put("value", "12345")),
            provision(
                "refers to another Patient",
                p -> refer(actors(p).addObject(), "reference", "Patient/1")),
            provision("has not exactly the action disclose", p -> p.remove("action")),
            provision(
                "has not exactly the action disclose", p -> code(p.at("/action/0"), "collect"))));
  }

  private static void refused(HttpResponse<String> answer, int status, String why) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode outcome = PdexClient.json(answer);
    assertThat(outcome.path("resourceType").asText()).isEqualTo("OperationOutcome");
    assertThat(outcome.at("/issue/0/details/text").asText()).endsWith(why);
    assertThat(answer.body()).doesNotContain("Testcase", "Pdexina", "PDEX-");
  }

  private static Arguments bundle(String why, Consumer<ArrayNode> change) {
    return arguments(why, change);
  }

  private static Arguments patient(String why, Consumer<ObjectNode> change) {
    return arguments("MemberPatient", why, change);
  }

  private static Arguments coverage(String why, Consumer<ObjectNode> change) {
    return arguments("CoverageToMatch", why, change);
  }

  private static Arguments consent(String why, Consumer<ObjectNode> change) {
    return arguments("Consent", why, change);
  }

  private static Arguments provision(String why, Consumer<ObjectNode> change) {
    return consent(why, consent -> change.accept((ObjectNode) consent.path("provision")));
  }

  private static ArrayNode parts(ObjectNode request) {
    return (ArrayNode) request.at("/parameter/0/part");
  }

  private static ObjectNode part(ObjectNode request, int index) {
    return (ObjectNode) parts(request).get(index);
  }

  private static ObjectNode resource(ObjectNode request, int member, String part) {
    int index = List.of("MemberPatient", "CoverageToMatch", "Consent").indexOf(part);
    return (ObjectNode) request.at("/parameter/%d/part/%d/resource".formatted(member, index));
  }

  private static ObjectNode name(ObjectNode patient) {
    return (ObjectNode) patient.at("/name/0");
  }

  private static ObjectNode period(ObjectNode provision) {
    return (ObjectNode) provision.path("period");
  }

  private static ArrayNode actors(ObjectNode provision) {
    return (ArrayNode) provision.path("actor");
  }

  private static void refer(ObjectNode resource, String element, String reference) {
    resource.putObject(element).put("reference", reference);
  }

  private static void absent(ObjectNode element) {
    element
        .putArray("extension")
        .addObject()
        .put("url", "http://hl7.org/fhir/StructureDefinition/data-absent-reason")
        .put("valueCode", "unknown");
  }

  private static void code(JsonNode concept, String code) {
    ((ObjectNode) concept.at("/coding/0")).put("code", code);
  }
}
