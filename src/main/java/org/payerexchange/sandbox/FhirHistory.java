package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * Invents a member's history in FHIR R4: claims and clinical resources of ten types whose
 * references hold together. The same seed, payer and group give the same bytes. Providers are the
 * same for all members of a payer.
 */
final class FhirHistory {
  /** The types of a history, in an order in which no reference points forward. */
  static final List<String> TYPES =
      List.of(
          "Organization",
          "Practitioner",
          "Location",
          "Patient",
          "Coverage",
          "Encounter",
          "Condition",
          "Observation",
          "MedicationRequest",
          "ExplanationOfBenefit");

  private static final LocalDate NEWEST = LocalDate.of(2025, 12, 31);
  private static final int DAYS = 5 * 365;
  private static final int PRACTITIONERS = 5;
  private static final int LOCATIONS = 3;
  private static final List<String> CITIES = List.of("Springwell", "Quillham", "Fernmoor");
  private static final List<String> DOCTORS =
      List.of("Hazelnut", "Periwinkle", "Thistlewood", "Marigold", "Buttercup");

  private final long seed;

  FhirHistory(long seed) {
    this.seed = seed;
  }

  /** The history of one member in one group, by resource type. */
  Map<String, List<ObjectNode>> of(Member member, String groupId) {
    return new Writing(member, groupId).write();
  }

  /** One resource of this type as JSON, with the id that {@link GeneratedContent} counts up. */
  String template(String resourceType) {
    ObjectNode resource = of(Members.load("bison", 0), "load-0").get(resourceType).get(0);
    return resource.put("id", GeneratedContent.serialId()).toString();
  }

  private final class Writing {
    private final Member member;
    private final String groupId;
    private final Random random;
    private final Map<String, List<ObjectNode>> resources = new LinkedHashMap<>();

    Writing(Member member, String groupId) {
      this.member = member;
      this.groupId = groupId;
      this.random = new Random(seed ^ id("history", 0).getMostSignificantBits());
    }

    Map<String, List<ObjectNode>> write() {
      TYPES.forEach(type -> resources.put(type, new ArrayList<>()));
      organizations();
      practitioners();
      locations();
      patient();
      coverages();
      conditions(visits(6 + random.nextInt(6)));
      return resources;
    }

    private void organizations() {
      addShared("Organization", 0)
          .put("active", true)
          .put("name", member.tenant() + " Imaginary Health Plan")
          .set("type", concepts(Coding.PAYER));
      addShared("Organization", 1)
          .put("active", true)
          .put("name", "Make-Believe Family Clinic")
          .set("type", concepts(Coding.PROVIDER));
    }

    private void practitioners() {
      for (int i = 0; i < PRACTITIONERS; i++) {
        ObjectNode practitioner = addShared("Practitioner", i).put("active", true);
        practitioner
            .putArray("identifier")
            .addObject()
            .put("system", "http://hl7.org/fhir/sid/us-npi")
            .put("value", "999999999" + i);
        practitioner
            .putArray("name")
            .addObject()
            .put("family", DOCTORS.get(i) + "-Example")
            .putArray("given")
            .add("Doc");
      }
    }

    private void locations() {
      for (int i = 0; i < LOCATIONS; i++) {
        ObjectNode location =
            addShared("Location", i)
                .put("status", "active")
                .put("name", "Make-Believe Clinic, " + CITIES.get(i));
        location.putObject("address").put("city", CITIES.get(i)).put("state", "ZZ");
        location.set("managingOrganization", shared("Organization", 1));
      }
    }

    private void patient() {
      ObjectNode patient = add("Patient").put("active", true);
      identifier(patient, "https://%s.example.org/member-id", member.memberId());
      patient
          .putArray("name")
          .addObject()
          .put("use", "official")
          .put("family", member.family())
          .putArray("given")
          .add(member.given());
      patient.put("gender", member.gender()).put("birthDate", member.birthDate().toString());
      patient
          .putArray("address")
          .addObject()
          .put("city", pick(CITIES))
          .put("state", "ZZ")
          .put("postalCode", "00000");
      patient.putArray("generalPractitioner").add(shared("Practitioner", 0));
      patient.set("managingOrganization", shared("Organization", 0));
    }

    private void coverages() {
      ObjectNode coverage = add("Coverage");
      identifier(coverage, "https://%s.example.org/coverage-id", member.coverageId());
      coverage.put("status", "active").set("type", concept(Coding.HEALTH_PLAN));
      coverage.put("subscriberId", member.coverageId());
      coverage.set("beneficiary", own("Patient", 0));
      coverage.set("relationship", concept(Coding.SELF));
      coverage
          .putObject("period")
          .put("start", NEWEST.minusDays(DAYS).toString())
          .put("end", NEWEST.toString());
      coverage.putArray("payor").add(shared("Organization", 0));
    }

    private int visits(int count) {
      for (int visit = 0; visit < count; visit++) {
        LocalDate day = NEWEST.minusDays((long) DAYS * (count - visit) / (count + 1));
        int practitioner = random.nextInt(PRACTITIONERS);
        encounter(day, practitioner);
        for (int i = 0; i < 3 + random.nextInt(3); i++) {
          observation(visit, day, practitioner);
        }
        claim(visit, day, practitioner);
      }
      return count;
    }

    private void encounter(LocalDate day, int practitioner) {
      ObjectNode encounter = add("Encounter").put("status", "finished");
      encounter.set("class", coding(Coding.AMBULATORY));
      encounter.set("type", concepts(pick(Coding.VISITS)));
      encounter.set("subject", own("Patient", 0));
      encounter
          .putArray("participant")
          .addObject()
          .set("individual", shared("Practitioner", practitioner));
      encounter
          .putObject("period")
          .put("start", day + "T09:00:00Z")
          .put("end", day + "T09:%d:00Z".formatted(15 + random.nextInt(40)));
      encounter
          .putArray("location")
          .addObject()
          .set("location", shared("Location", random.nextInt(LOCATIONS)));
      encounter.set("serviceProvider", shared("Organization", 1));
    }

    private void observation(int visit, LocalDate day, int practitioner) {
      Coding.Measure measure = pick(Coding.MEASURES);
      ObjectNode observation = add("Observation").put("status", "final");
      observation.set("category", concepts(Coding.VITAL_SIGNS));
      observation.set("code", concept(measure.coding()));
      observation.set("subject", own("Patient", 0));
      observation.set("encounter", own("Encounter", visit));
      observation.put("effectiveDateTime", day + "T09:10:00Z");
      observation.putArray("performer").add(shared("Practitioner", practitioner));
      observation
          .putObject("valueQuantity")
          .put("value", measure.low() + random.nextInt(measure.high() - measure.low() + 1))
          .put("unit", measure.unit())
          .put("system", "http://unitsofmeasure.org")
          .put("code", measure.unit());
    }

    private void claim(int visit, LocalDate day, int practitioner) {
      int cents = 5_000 + random.nextInt(45_000);
      ObjectNode claim = add("ExplanationOfBenefit");
      claim.put("status", "active").set("type", concept(Coding.PROFESSIONAL));
      claim.put("use", "claim").set("patient", own("Patient", 0));
      claim.putObject("billablePeriod").put("start", day.toString()).put("end", day.toString());
      claim.put("created", day.plusDays(3) + "T00:00:00Z");
      claim.set("insurer", shared("Organization", 0));
      claim.set("provider", shared("Organization", 1));
      claim.put("outcome", "complete");
      ObjectNode team = claim.putArray("careTeam").addObject().put("sequence", 1);
      team.set("provider", shared("Practitioner", practitioner));
      claim
          .putArray("insurance")
          .addObject()
          .put("focal", true)
          .set("coverage", own("Coverage", 0));
      ObjectNode item = claim.putArray("item").addObject().put("sequence", 1);
      item.set("productOrService", concept(pick(Coding.SERVICES)));
      item.put("servicedDate", day.toString());
      item.putArray("encounter").add(own("Encounter", visit));
      ArrayNode adjudication = item.putArray("adjudication");
      adjudication.add(amount(Coding.SUBMITTED, cents));
      adjudication.add(amount(Coding.BENEFIT, cents * 4 / 5));
      claim.putArray("total").add(amount(Coding.SUBMITTED, cents));
    }

    private void conditions(int visits) {
      for (int i = 0; i < 2 + random.nextInt(3); i++) {
        int visit = random.nextInt(visits);
        String day = resources.get("Encounter").get(visit).path("period").path("start").asText();
        ObjectNode condition = add("Condition");
        condition.set(
            "clinicalStatus", concept(random.nextBoolean() ? Coding.ACTIVE : Coding.RESOLVED));
        condition.set("verificationStatus", concept(Coding.CONFIRMED));
        condition.set("category", concepts(Coding.DIAGNOSIS));
        condition.set("code", concept(pick(Coding.CONDITIONS)));
        condition.set("subject", own("Patient", 0));
        condition.set("encounter", own("Encounter", visit));
        condition.put("onsetDateTime", day);
        prescription(i, visit, day);
      }
    }

    private void prescription(int condition, int visit, String day) {
      ObjectNode request = add("MedicationRequest").put("status", "active").put("intent", "order");
      request.set("medicationCodeableConcept", concept(pick(Coding.MEDICATIONS)));
      request.set("subject", own("Patient", 0));
      request.set("encounter", own("Encounter", visit));
      request.put("authoredOn", day);
      request.set("requester", shared("Practitioner", random.nextInt(PRACTITIONERS)));
      request.putArray("reasonReference").add(own("Condition", condition));
      request
          .putArray("dosageInstruction")
          .addObject()
          .put("text", "Take one a day, in fiction only");
    }

    private ObjectNode add(String type) {
      return add(type, id(type, resources.get(type).size()));
    }

    private ObjectNode addShared(String type, int number) {
      return add(type, sharedId(type, number));
    }

    private ObjectNode add(String type, UUID id) {
      ObjectNode resource = JsonNodeFactory.instance.objectNode();
      resource.put("resourceType", type).put("id", id.toString());
      resource
          .putObject("meta")
          .put("lastUpdated", NEWEST + "T00:00:00.000Z")
          .putArray("security")
          .add(coding(Coding.TEST_DATA));
      resources.get(type).add(resource);
      return resource;
    }

    private ObjectNode own(String type, int number) {
      return reference(type, id(type, number));
    }

    private ObjectNode shared(String type, int number) {
      return reference(type, sharedId(type, number));
    }

    private UUID id(String type, int number) {
      return uuid(member.tenant() + '/' + groupId + '/' + type + '/' + number);
    }

    private UUID sharedId(String type, int number) {
      return uuid(member.tenant() + '/' + type + '/' + number);
    }

    private UUID uuid(String name) {
      return UUID.nameUUIDFromBytes((seed + "/" + name).getBytes(StandardCharsets.UTF_8));
    }

    private <T> T pick(List<T> choices) {
      return choices.get(random.nextInt(choices.size()));
    }

    private void identifier(ObjectNode resource, String system, String value) {
      ObjectNode identifier = resource.putArray("identifier").addObject();
      identifier.set("type", concept(Coding.MEMBER_NUMBER));
      identifier.put("system", system.formatted(member.tenant())).put("value", value);
    }
  }

  private static ObjectNode reference(String type, UUID id) {
    return JsonNodeFactory.instance.objectNode().put("reference", type + '/' + id);
  }

  private static ObjectNode coding(Coding coding) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("system", coding.system())
        .put("code", coding.code())
        .put("display", coding.display());
  }

  private static ObjectNode concept(Coding coding) {
    ObjectNode concept = JsonNodeFactory.instance.objectNode();
    concept.putArray("coding").add(coding(coding));
    return concept.put("text", coding.display());
  }

  private static ArrayNode concepts(Coding coding) {
    return JsonNodeFactory.instance.arrayNode().add(concept(coding));
  }

  private static ObjectNode amount(Coding category, int cents) {
    ObjectNode amount = JsonNodeFactory.instance.objectNode();
    amount.set("category", concept(category));
    amount.putObject("amount").put("value", cents / 100.0).put("currency", "USD");
    return amount;
  }
}
