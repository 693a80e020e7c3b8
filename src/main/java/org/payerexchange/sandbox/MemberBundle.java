package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A member of a bulk match's request: what its {@code MemberBundle} holds.
 *
 * @param position within the request, from 1
 * @param coverageToLink null where there is none
 */
record MemberBundle(
    int position,
    JsonNode patient,
    JsonNode coverageToMatch,
    JsonNode consent,
    JsonNode coverageToLink) {

  private static final String PATIENT = "MemberPatient";
  private static final String TO_MATCH = "CoverageToMatch";
  private static final String TO_LINK = "CoverageToLink";
  private static final String CONSENT = "Consent";
  private static final Set<String> PARTS = Set.of(PATIENT, TO_MATCH, TO_LINK, CONSENT);

  /**
   * The members of a request, in its order.
   *
   * @throws GatewayRefusal 422 for a request that is not as PDex and HRex have it, and says which
   *     member is not and why
   */
  static List<MemberBundle> of(JsonNode parameters) {
    List<MemberBundle> bundles = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (JsonNode parameter : parameters.path("parameter")) {
      MemberBundle bundle = of(parameter, bundles.size());
      bundle.resources().forEach((name, resource) -> ProfileRules.check(bundle, name, resource));
      for (JsonNode resource : bundle.resources().values()) {
        if (resource.has("id") && !ids.add(resource.path("id").asText())) {
          throw bundle.refused("an id is there more than once in the request");
        }
      }
      bundles.add(bundle);
    }
    return bundles;
  }

  private static MemberBundle of(JsonNode parameter, int index) {
    if (!"MemberBundle".equals(parameter.path("name").asText())) {
      throw bad(index, "is of another name");
    }
    Map<String, JsonNode> parts = new HashMap<>();
    for (JsonNode part : parameter.path("part")) {
      String name = part.path("name").asText();
      if (!PARTS.contains(name)) {
        throw bad(index, "has an unknown part");
      }
      if (!part.path("resource").isObject()) {
        throw bad(index, "has no resource in part '%s'".formatted(name));
      }
      if (parts.put(name, part.path("resource")) != null) {
        throw bad(index, "has part '%s' more than once".formatted(name));
      }
    }
    Stream.of(PATIENT, TO_MATCH, CONSENT)
        .filter(name -> !parts.containsKey(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw bad(index, "is missing required part '%s'".formatted(name));
            });
    return new MemberBundle(
        index + 1, parts.get(PATIENT), parts.get(TO_MATCH), parts.get(CONSENT), parts.get(TO_LINK));
  }

  String patientId() {
    return patient.path("id").asText();
  }

  /** What the request's references to the member have to be. */
  String reference() {
    return "Patient/" + patientId();
  }

  /** What the member's old coverage is known by. */
  Stream<String> coverageIds() {
    return Stream.concat(
            FhirOperation.elements(coverageToMatch.path("identifier"))
                .map(identifier -> identifier.path("value").asText()),
            Stream.of(coverageToMatch.path("subscriberId").asText()))
        .filter(id -> !id.isEmpty());
  }

  private Map<String, JsonNode> resources() {
    Map<String, JsonNode> resources = new LinkedHashMap<>();
    resources.put(PATIENT, patient);
    resources.put(TO_MATCH, coverageToMatch);
    resources.put(CONSENT, consent);
    if (coverageToLink != null) {
      resources.put(TO_LINK, coverageToLink);
    }
    return resources;
  }

  /** A refusal of the whole request for this member. */
  GatewayRefusal refused(String why) {
    return bad(position - 1, why);
  }

  private static GatewayRefusal bad(int index, String why) {
    return GatewayRefusal.outcome(
        422, "processing", "Bad bundle format: MemberBundle[%d] %s".formatted(index, why));
  }

  @Override
  public String toString() {
    return "MemberBundle[position=%d]".formatted(position);
  }
}
