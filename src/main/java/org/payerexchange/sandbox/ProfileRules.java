package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What HRex 1.1 and PDex 2.2 demand of the resources of a {@link MemberBundle}: elements and how
 * often they are there, codes, references within the request.
 */
final class ProfileRules {
  private static final String TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/";
  private static final String NPI = "http://hl7.org/fhir/sid/us-npi";
  private static final String BIRTH_SEX =
      "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex";
  private static final String ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
  private static final String POLICY =
      "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html";
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9.-]{1,64}");
  private static final Pattern TEN_DIGITS = Pattern.compile("\\d{10}");

  private static final Set<String> STATUSES =
      Set.of("active", "cancelled", "draft", "entered-in-error");

  /** What any resource may have. */
  private static final Set<String> COMMON =
      Set.of(
          "resourceType",
          "id",
          "meta",
          "implicitRules",
          "language",
          "text",
          "contained",
          "extension",
          "identifier",
          "status");

  private static final Set<String> PATIENT_ELEMENTS =
      Set.of(
          "active",
          "name",
          "telecom",
          "gender",
          "birthDate",
          "deceasedBoolean",
          "deceasedDateTime",
          "address",
          "maritalStatus",
          "multipleBirthBoolean",
          "multipleBirthInteger",
          "photo",
          "contact",
          "communication",
          "generalPractitioner",
          "managingOrganization",
          "link");

  private static final Set<String> COVERAGE_ELEMENTS =
      Set.of(
          "type",
          "policyHolder",
          "subscriber",
          "subscriberId",
          "beneficiary",
          "dependent",
          "relationship",
          "period",
          "payor",
          "class",
          "order",
          "network",
          "costToBeneficiary",
          "subrogation",
          "contract");

  private static final Set<String> CONSENT_ELEMENTS =
      Set.of(
          "scope",
          "category",
          "patient",
          "dateTime",
          "performer",
          "organization",
          "sourceReference",
          "policy",
          "policyRule",
          "verification",
          "provision");

  private static final Set<String> PROVISION_ELEMENTS =
      Set.of("id", "extension", "type", "period", "actor", "action");

  private static final List<Rule> PATIENT =
      List.of(
          new Rule("is no Patient", is("Patient")),
          new Rule("has an element that a Patient has not", known(PATIENT_ELEMENTS)),
          new Rule(
              "has no id of letters, digits, '-' and '.'",
              (patient, self) -> ID.matcher(patient.path("id").asText()).matches()),
          new Rule(
              "has no name, or one without family or given",
              (patient, self) ->
                  !patient.path("name").isEmpty()
                      && all(patient.path("name"), ProfileRules::isWholeName)),
          new Rule("has no birthDate", (patient, self) -> isDate(patient.path("birthDate"))),
          new Rule(
              "has neither gender nor birth sex",
              (patient, self) ->
                  patient.path("gender").isTextual()
                      || any(patient.path("extension"), hasUrl(BIRTH_SEX))));

  private static final List<Rule> COVERAGE =
      List.of(
          new Rule("is no Coverage", is("Coverage")),
          new Rule("has an element that a Coverage has not", known(COVERAGE_ELEMENTS)),
          new Rule(
              "has no status that there is",
              (coverage, self) ->
                  STATUSES.contains(coverage.path("status").asText())
                      || any(coverage.path("_status").path("extension"), hasUrl(ABSENT))),
          new Rule(
              "has neither an identifier of type MB nor a subscriberId",
              (coverage, self) ->
                  coverage.path("subscriberId").isTextual()
                      || any(coverage.path("identifier"), ProfileRules::isMemberNumber)),
          new Rule("has another beneficiary", refersTo("beneficiary")),
          new Rule(
              "has no relationship",
              (coverage, self) ->
                  !coverage.path("relationship").path("coding").isEmpty()
                      || any(coverage.path("relationship").path("extension"), hasUrl(ABSENT))),
          new Rule(
              "has not exactly one payor that is named",
              (coverage, self) ->
                  coverage.path("payor").size() == 1 && isNamed(coverage.path("payor").path(0))),
          new Rule(
              "has a period that is none",
              (coverage, self) ->
                  coverage.path("period").isMissingNode() || isPeriod(coverage.path("period"))),
          new Rule("refers to another Patient", ProfileRules::refersToNobodyElse));

  private static final List<Rule> CONSENT =
      List.of(
          new Rule("is no Consent", is("Consent")),
          new Rule("has an element that the profile has not", known(CONSENT_ELEMENTS)),
          new Rule(
              "is not active", (consent, self) -> "active".equals(consent.path("status").asText())),
          new Rule(
              "has another scope than patient-privacy",
              (consent, self) ->
                  isCoded(consent.path("scope"), TERMINOLOGY + "consentscope", "patient-privacy")),
          new Rule(
              "has no category IDSCL",
              (consent, self) ->
                  any(
                      consent.path("category"),
                      category -> isCoded(category, TERMINOLOGY + "v3-ActCode", "IDSCL"))),
          new Rule("is of another patient", refersTo("patient")),
          new Rule(
              "has not exactly one performer who is the patient, contained or identified",
              (consent, self) ->
                  consent.path("performer").size() == 1 && isPerformer(consent, self)),
          new Rule(
              "has no sourceReference",
              (consent, self) -> isReference(consent.path("sourceReference"))),
          new Rule(
              "has not exactly one policy, #regular or #sensitive",
              (consent, self) ->
                  consent.path("policy").size() == 1
                      && Set.of(POLICY + "#regular", POLICY + "#sensitive")
                          .contains(consent.path("policy").path(0).path("uri").asText())),
          new Rule("has no provision that permits", provision(ProfileRules::isPermission)),
          new Rule(
              "has an element in its provision that is forbidden",
              provision(p -> onlyHas(p, PROVISION_ELEMENTS))),
          new Rule(
              "has no period with start and end", provision(p -> isWholePeriod(p.path("period")))),
          new Rule(
              "has not exactly one source by its NPI",
              provision(p -> isActor(p, "provenance-participant-type", "performer"))),
          new Rule(
              "has not exactly one recipient by its NPI",
              provision(p -> isActor(p, "v3-ParticipationType", "IRCP"))),
          new Rule(
              "has not exactly the action disclose",
              provision(
                  p ->
                      p.path("action").size() == 1
                          && isCoded(
                              p.path("action").path(0),
                              TERMINOLOGY + "consentaction",
                              "disclose"))),
          new Rule("refers to another Patient", ProfileRules::refersToNobodyElse));

  private static final Map<String, List<Rule>> RULES =
      Map.of(
          "MemberPatient", PATIENT,
          "CoverageToMatch", COVERAGE,
          "CoverageToLink", COVERAGE,
          "Consent", CONSENT);

  private ProfileRules() {}

  /**
   * Checks one resource.
   *
   * @throws GatewayRefusal 422 that says what is wrong, in whose part, and nothing of its content
   */
  static void check(MemberBundle bundle, String part, JsonNode resource) {
    for (Rule rule : RULES.get(part)) {
      if (!rule.holds().test(resource, bundle.reference())) {
        throw bundle.refused("is not valid: %s %s".formatted(part, rule.broken()));
      }
    }
  }

  /** The NPI of whom a consent lets receive the data. */
  static String recipient(JsonNode consent) {
    return FhirOperation.elements(consent.path("provision").path("actor"))
        .filter(actor -> isRole(actor, "v3-ParticipationType", "IRCP"))
        .map(actor -> actor.path("reference").path("identifier").path("value").asText())
        .findFirst()
        .orElseThrow();
  }

  /**
   * What a resource has to be.
   *
   * @param broken what is said of one that is not
   * @param holds given the resource and the reference to its member
   */
  private record Rule(String broken, BiPredicate<JsonNode, String> holds) {}

  private static BiPredicate<JsonNode, String> is(String type) {
    return (resource, self) -> type.equals(resource.path("resourceType").asText());
  }

  private static BiPredicate<JsonNode, String> known(Set<String> elements) {
    Set<String> allowed =
        Stream.concat(COMMON.stream(), elements.stream())
            .flatMap(name -> Stream.of(name, "_" + name))
            .collect(Collectors.toSet());
    return (resource, self) -> onlyHas(resource, allowed);
  }

  private static BiPredicate<JsonNode, String> refersTo(String element) {
    return (resource, self) -> self.equals(resource.path(element).path("reference").asText());
  }

  private static boolean refersToNobodyElse(JsonNode resource, String self) {
    return resource.findValues("reference").stream()
        // an actor's element of this name holds the reference
        .map(found -> found.isObject() ? found.path("reference") : found)
        .map(JsonNode::asText)
        .filter(reference -> reference.startsWith("Patient/"))
        .allMatch(self::equals);
  }

  private static BiPredicate<JsonNode, String> provision(Predicate<JsonNode> holds) {
    return (consent, self) -> holds.test(consent.path("provision"));
  }

  private static boolean isPermission(JsonNode provision) {
    return "permit".equals(provision.path("type").asText());
  }

  private static boolean onlyHas(JsonNode object, Set<String> names) {
    return object.properties().stream().allMatch(element -> names.contains(element.getKey()));
  }

  private static boolean isWholeName(JsonNode name) {
    return name.path("family").isTextual() && !name.path("given").isEmpty();
  }

  private static boolean isMemberNumber(JsonNode identifier) {
    return isCoded(identifier.path("type"), TERMINOLOGY + "v2-0203", "MB")
        && identifier.path("value").isTextual();
  }

  private static boolean isNamed(JsonNode reference) {
    return reference.has("display") || isReference(reference);
  }

  private static boolean isPerformer(JsonNode consent, String self) {
    JsonNode performer = consent.path("performer").path(0);
    String reference = performer.path("reference").asText();
    return self.equals(reference)
        || (reference.isEmpty() && isReference(performer))
        || any(
            consent.path("contained"),
            contained -> reference.equals("#" + contained.path("id").asText()));
  }

  private static boolean isReference(JsonNode reference) {
    return reference.path("reference").isTextual()
        || reference.path("identifier").path("value").isTextual();
  }

  private static boolean isActor(JsonNode provision, String system, String code) {
    List<JsonNode> actors =
        FhirOperation.elements(provision.path("actor"))
            .filter(actor -> isRole(actor, system, code))
            .map(actor -> actor.path("reference").path("identifier"))
            .toList();
    return actors.size() == 1
        && NPI.equals(actors.get(0).path("system").asText())
        && TEN_DIGITS.matcher(actors.get(0).path("value").asText()).matches();
  }

  private static boolean isRole(JsonNode actor, String system, String code) {
    return isCoded(actor.path("role"), TERMINOLOGY + system, code);
  }

  private static boolean isCoded(JsonNode concept, String system, String code) {
    return any(
        concept.path("coding"),
        coding ->
            system.equals(coding.path("system").asText())
                && code.equals(coding.path("code").asText()));
  }

  private static Predicate<JsonNode> hasUrl(String url) {
    return extension -> url.equals(extension.path("url").asText());
  }

  private static boolean isWholePeriod(JsonNode period) {
    return period.has("start") && period.has("end") && isPeriod(period);
  }

  private static boolean isPeriod(JsonNode period) {
    String start = day(period.path("start").asText("0001-01-01"));
    String end = day(period.path("end").asText("9999-12-31"));
    return isDate(start) && isDate(end) && start.compareTo(end) <= 0;
  }

  /** A day of a dateTime that may go on with a time. */
  static String day(String dateTime) {
    return dateTime.length() > 10 && dateTime.charAt(10) == 'T'
        ? dateTime.substring(0, 10)
        : dateTime;
  }

  private static boolean isDate(JsonNode date) {
    return date.isTextual() && isDate(date.asText());
  }

  private static boolean isDate(String date) {
    try {
      LocalDate.parse(date);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean any(JsonNode array, Predicate<JsonNode> holds) {
    return FhirOperation.elements(array).anyMatch(holds);
  }

  private static boolean all(JsonNode array, Predicate<JsonNode> holds) {
    return FhirOperation.elements(array).allMatch(holds);
  }
}
