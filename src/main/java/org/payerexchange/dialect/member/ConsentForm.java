package org.payerexchange.dialect.member;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.payerexchange.dialect.FieldProblem;

/**
 * Consent (HRex 1.2, "HRex Consent"): what the member agreed to, with its form completed. The
 * profile says by the policy alone how far a consent goes; one that the sender limits otherwise is
 * a problem, since to leave the limit out would ask for more than the member agreed to.
 */
final class ConsentForm {
  private static final String POLICY =
      "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#";
  private static final Set<String> POLICIES = Set.of(POLICY + "regular", POLICY + "sensitive");

  /**
   * Elements that the profile forbids and that limit a consent. It forbids {@code purpose} too,
   * which is left out: a payer asks a payer for no other.
   */
  private static final List<String> LIMITS =
      List.of("securityLabel", "class", "code", "dataPeriod", "data", "provision");

  private static final String DISCLOSES = "performer";
  private static final String RECEIVES = "IRCP";

  private final JsonNode given;
  private final JsonNode provision;
  private final Parties parties;

  ConsentForm(JsonNode given, Parties parties) {
    this.given = given;
    this.provision = given.path("provision");
    this.parties = parties;
  }

  ObjectNode resource(String memberId) {
    ObjectNode consent = FhirJson.resource("Consent");
    FhirJson.putList(consent, "contained", representatives(memberId));
    FhirJson.copy(given, consent, "status");
    consent.set("scope", FhirJson.concept("consentscope", "patient-privacy"));
    consent.putArray("category").add(FhirJson.concept("v3-ActCode", "IDSCL"));
    consent.set("patient", FhirJson.reference("Patient/" + memberId));
    FhirJson.copy(given, consent, "dateTime");
    consent.putArray("performer").add(performer(memberId));
    consent.set("sourceReference", source(memberId));
    ArrayNode policies = consent.putArray("policy");
    policies().forEach(policy -> policies.addObject().put("uri", policy));
    consent.set("provision", provision());
    return consent;
  }

  private ObjectNode provision() {
    ObjectNode completed = FhirJson.object();
    FhirJson.copy(provision, completed, "type", "period");
    ArrayNode actors = completed.putArray("actor");
    actors.add(actor("provenance-participant-type", DISCLOSES, parties.payer()));
    actors.add(actor("v3-ParticipationType", RECEIVES, parties.own()));
    FhirJson.items(provision.path("actor")).filter(this::isRepresentative).forEach(actors::add);
    completed.putArray("action").add(FhirJson.concept("consentaction", "disclose"));
    return completed;
  }

  private static ObjectNode actor(String system, String role, Parties.Organization who) {
    ObjectNode actor = FhirJson.object();
    actor.set("role", FhirJson.concept(system, role));
    actor.set("reference", FhirJson.reference(who));
    return actor;
  }

  /** Who signed for the member, if it was not the member: people whom the consent refers to. */
  private Stream<ObjectNode> representatives(String memberId) {
    return relatedPeople()
        .filter(
            person ->
                refersTo(given.path("performer").path(0), person)
                    || FhirJson.items(provision.path("actor"))
                        .filter(this::isRepresentative)
                        .anyMatch(actor -> refersTo(actor.path("reference"), person)))
        .map(
            person -> {
              ObjectNode kept = FhirJson.resource("RelatedPerson");
              FhirJson.copy(person, kept, "id");
              kept.set("patient", FhirJson.reference("Patient/" + memberId));
              return FhirJson.copy(person, kept, "relationship", "name");
            });
  }

  private Stream<JsonNode> relatedPeople() {
    return FhirJson.items(given.path("contained"))
        .filter(each -> FhirJson.text(each, "resourceType").equals("RelatedPerson"));
  }

  private static boolean refersTo(JsonNode reference, JsonNode contained) {
    return FhirJson.text(reference, "reference").equals("#" + id(contained));
  }

  private boolean isRepresentative(JsonNode actor) {
    return isContained(actor.path("reference"))
        && !FhirJson.hasCode(actor.path("role"), DISCLOSES)
        && !FhirJson.hasCode(actor.path("role"), RECEIVES);
  }

  private boolean isContained(JsonNode reference) {
    return relatedPeople().anyMatch(person -> refersTo(reference, person));
  }

  private JsonNode performer(String memberId) {
    JsonNode first = given.path("performer").path(0);
    if (isMember(first)) {
      return FhirJson.reference("Patient/" + memberId);
    }
    return isContained(first)
        ? FhirJson.reference(FhirJson.text(first, "reference"))
        : FhirJson.only("identifier", "display").apply(first);
  }

  private boolean isMember(JsonNode performer) {
    String reference = FhirJson.text(performer, "reference");
    return performer.isMissingNode() || reference.matches("(.*/)?Patient/[^/]+");
  }

  /**
   * Where the document can be asked for. One that only we can find is named by what the sender
   * calls the consent.
   */
  private ObjectNode source(String memberId) {
    JsonNode document = given.path("sourceReference");
    ObjectNode source = FhirJson.object();
    if (isAbsolute(FhirJson.text(document, "reference"))) {
      FhirJson.copy(document, source, "reference");
    }
    source.put("type", "DocumentReference");
    FhirJson.copy(document, source, "identifier", "display");
    if (!source.has("reference") && !source.has("identifier")) {
      source.set("identifier", identifier(memberId));
    }
    return source;
  }

  private ObjectNode identifier(String memberId) {
    JsonNode own = FhirJson.identifiers(given).findFirst().orElse(FhirJson.object());
    String system = FhirJson.text(own, "system");
    return FhirJson.object()
        .put("system", system.isEmpty() ? parties.ownUri().toString() : system)
        .put(
            "value",
            Stream.of(FhirJson.text(own, "value"), id(given), memberId)
                .filter(each -> !each.isEmpty())
                .findFirst()
                .orElseThrow());
  }

  private static boolean isAbsolute(String reference) {
    try {
      return !reference.isEmpty() && new URI(reference).isAbsolute();
    } catch (URISyntaxException noUri) {
      return false;
    }
  }

  private static String id(JsonNode resource) {
    return FhirJson.text(resource, "id");
  }

  private List<String> policies() {
    return FhirJson.items(given.path("policy"))
        .map(policy -> FhirJson.text(policy, "uri"))
        .filter(uri -> !uri.isEmpty())
        .distinct()
        .toList();
  }

  void check(Consumer<FieldProblem> problems) {
    fixed(problems, given, "Consent", "status", "active");
    fixed(problems, provision, "Consent.provision", "type", "permit");
    for (String end : List.of("start", "end")) {
      if (FhirJson.text(provision.path("period"), end).isEmpty()) {
        problems.accept(new FieldProblem("Consent.provision.period." + end, "is missing"));
      }
    }
    if (policies().size() != 1) {
      problems.accept(
          new FieldProblem(
              "Consent.policy.uri", policies().isEmpty() ? "is missing" : "is there twice"));
    } else if (!POLICIES.contains(policies().get(0))) {
      problems.accept(
          new FieldProblem("Consent.policy.uri", "is neither #regular nor #sensitive of HRex"));
    }
    LIMITS.stream()
        .filter(provision::has)
        .map(
            limit ->
                new FieldProblem(
                    "Consent.provision." + limit, "limits the consent, which PDex cannot say"))
        .forEach(problems);
    allows(problems, "Consent.scope", List.of(given.path("scope")), "patient-privacy");
    allows(
        problems,
        "Consent.provision.action",
        FhirJson.items(provision.path("action")).toList(),
        "disclose");
    checkPeople(problems);
  }

  private void checkPeople(Consumer<FieldProblem> problems) {
    List<JsonNode> performers = FhirJson.items(given.path("performer")).toList();
    if (performers.size() > 1) {
      problems.accept(new FieldProblem("Consent.performer", "is there twice"));
    } else if (performer("member").isEmpty()) {
      problems.accept(new FieldProblem("Consent.performer", "is not in the request"));
    }
    names(problems, DISCLOSES, parties.payer(), "the payer that is asked");
    names(problems, RECEIVES, parties.own(), "us");
  }

  /** A consent may name several payers in a role; one of them has to be the one. */
  private void names(
      Consumer<FieldProblem> problems, String role, Parties.Organization who, String called) {
    List<String> npis =
        FhirJson.items(provision.path("actor"))
            .filter(actor -> FhirJson.hasCode(actor.path("role"), role))
            .map(actor -> actor.path("reference").path("identifier"))
            .filter(identifier -> FhirJson.text(identifier, "system").equals(FhirJson.NPI))
            .map(identifier -> FhirJson.text(identifier, "value"))
            .toList();
    if (!npis.isEmpty() && !npis.contains(who.npi())) {
      problems.accept(
          new FieldProblem(
              "Consent.provision.actor", "names others as %s, and not %s".formatted(role, called)));
    }
  }

  /** What is said must say the code among others; what is not said is form. */
  private static void allows(
      Consumer<FieldProblem> problems, String field, List<JsonNode> concepts, String code) {
    boolean said =
        concepts.stream()
            .anyMatch(each -> FhirJson.items(each.path("coding")).findAny().isPresent());
    if (said && concepts.stream().noneMatch(each -> FhirJson.hasCode(each, code))) {
      problems.accept(new FieldProblem(field, "is not " + code));
    }
  }

  private static void fixed(
      Consumer<FieldProblem> problems, JsonNode parent, String path, String name, String value) {
    String text = FhirJson.text(parent, name);
    if (!text.equals(value)) {
      problems.accept(
          new FieldProblem(path + "." + name, text.isEmpty() ? "is missing" : "is not " + value));
    }
  }
}
