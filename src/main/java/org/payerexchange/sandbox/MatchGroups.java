package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes the Groups of a bulk match's answer, as HL7's reference server writes them. */
final class MatchGroups {
  private static final String EXTENSION =
      "http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/base-ext-match-";
  private static final String NPI = "http://hl7.org/fhir/sid/us-npi";
  private static final int CROWD = 100_000;

  private final String tenant;
  private final Instant now;
  private final JsonNode stranger;
  private final boolean renumbered;
  private final boolean withoutPatients;
  private final boolean withoutCode;
  private final boolean crowded;

  /**
   * @param stranger a Patient as another request has submitted it
   */
  MatchGroups(String tenant, Instant now, JsonNode stranger, Faults faults) {
    this.tenant = tenant;
    this.stranger = stranger;
    this.now = now;
    this.renumbered = faults.isDue(Fault.RENUMBERED_IDS);
    this.withoutPatients = faults.isDue(Fault.WITHOUT_PATIENTS);
    this.withoutCode = faults.isDue(Fault.WITHOUT_CODE);
    this.crowded = faults.isDue(Fault.CROWD);
  }

  /**
   * A Group.
   *
   * @param id of the Group of the matched; the others have none
   * @param recipient the NPI of the payer that asks
   */
  ObjectNode group(MatchBucket bucket, List<Matching.Entry> entries, String id, String recipient) {
    boolean matched = bucket == MatchBucket.MATCHED;
    ObjectNode group = JsonNodeFactory.instance.objectNode().put("resourceType", "Group");
    if (matched) {
      group.put("id", id);
      group.putObject("meta").put("versionId", "1").put("lastUpdated", now.toString());
    }
    ArrayNode contained = JsonNodeFactory.instance.arrayNode();
    ArrayNode members = JsonNodeFactory.instance.arrayNode();
    Set<MemberBundle> before = new HashSet<>();
    for (Matching.Entry entry : entries) {
      if (before.add(entry.bundle())) {
        contain(contained, matched, entry);
      }
      members.add(member(matched, entry));
    }
    if (matched && crowded) {
      members.addRawValue(new RawValue(crowd()));
    }
    addUnlessEmpty(group, "contained", contained);
    group.putArray("identifier").add(npi(recipient));
    group.put("type", "person").put("actual", true);
    if (!withoutCode) {
      group.set("code", bucket.concept());
    }
    group.put("name", bucket.title());
    group.putObject("managingEntity").put("display", tenant + " Imaginary Health Plan");
    if (matched && !withoutCode) {
      ObjectNode characteristic = group.putArray("characteristic").addObject();
      characteristic.set("code", bucket.concept());
      characteristic.putObject("valueReference").set("identifier", npi(recipient));
      characteristic.put("exclude", false).putObject("period").put("start", now.toString());
    }
    addUnlessEmpty(group, "member", members);
    return group;
  }

  private void contain(ArrayNode contained, boolean matched, Matching.Entry entry) {
    if (!(matched && (withoutPatients || entry.is(MatchScenario.WITHOUT_PATIENT)))) {
      contained.add(patient(entry));
    }
    contained.add(coverage(entry));
  }

  private ObjectNode member(boolean matched, Matching.Entry entry) {
    ObjectNode entity = JsonNodeFactory.instance.objectNode();
    boolean nowhere = entry.is(MatchScenario.NOWHERE);
    String patient = "#" + (nowhere ? "nowhere" : patientId(entry));
    ArrayNode extensions = entity.putArray("extension");
    refer(extensions, "parameters", patient);
    refer(extensions, "coverage", "#" + (nowhere ? "nowhere" : coverageId(entry)));
    String known = entry.member().map(member -> "Patient/" + member.patientId()).orElse(patient);
    entity.put("reference", matched ? (nowhere ? "Patient/nowhere" : known) : patient);
    return JsonNodeFactory.instance.objectNode().set("entity", entity);
  }

  private JsonNode patient(Matching.Entry entry) {
    return entry.is(MatchScenario.STRANGER)
        ? stranger
        : renamed(entry.bundle().patient(), patientId(entry));
  }

  private JsonNode coverage(Matching.Entry entry) {
    return renamed(entry.bundle().coverageToMatch(), coverageId(entry));
  }

  private String patientId(Matching.Entry entry) {
    if (entry.is(MatchScenario.STRANGER)) {
      return stranger.path("id").asText();
    }
    return renumbered ? "member-" + entry.bundle().position() : entry.bundle().patientId();
  }

  private String coverageId(Matching.Entry entry) {
    String own = "coverage-" + entry.bundle().position();
    return renumbered ? own : entry.bundle().coverageToMatch().path("id").asText(own);
  }

  private static JsonNode renamed(JsonNode resource, String id) {
    return ((ObjectNode) resource).deepCopy().put("id", id);
  }

  private static void refer(ArrayNode extensions, String name, String reference) {
    extensions
        .addObject()
        .put("url", EXTENSION + name)
        .putObject("valueReference")
        .put("reference", reference);
  }

  private static ObjectNode npi(String value) {
    return JsonNodeFactory.instance.objectNode().put("system", NPI).put("value", value);
  }

  private static void addUnlessEmpty(ObjectNode group, String name, ArrayNode elements) {
    if (!elements.isEmpty()) {
      group.set(name, elements);
    }
  }

  /** As text, since as many objects would fill the memory. */
  private static String crowd() {
    String one =
        "{\"entity\":{\"extension\":[{\"url\":\"%sparameters\",\"valueReference\":{\"reference\":\"#crowd-%s\"}}],\"reference\":\"Patient/crowd-%s\"}}";
    return IntStream.range(0, CROWD)
        .mapToObj(number -> String.format(Locale.ROOT, "%06d", number))
        .map(number -> one.formatted(EXTENSION, number, number))
        .collect(Collectors.joining(","));
  }
}
