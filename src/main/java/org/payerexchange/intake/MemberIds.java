package org.payerexchange.intake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeSet;

/**
 * The ids by which a member, its coverage and its consent can be named in a withdrawal, each behind
 * a letter for its kind and a colon: {@code m:}, {@code v:} and {@code s:}; in a withdrawal {@code
 * x:}, too, which may be a member's. They are PHI.
 */
final class MemberIds {
  private final Set<String> ids = new TreeSet<>();

  private MemberIds() {}

  /**
   * Those of FHIR Parameters as they are registered. The id of the Parameters themselves, for which
   * many senders take that of HRex's example, is the member's only where the Patient has none.
   */
  static Set<String> of(JsonNode parameters) {
    MemberIds all = new MemberIds();
    for (JsonNode parameter : parameters.path("parameter")) {
      JsonNode resource = parameter.path("resource");
      switch (parameter.path("name").asText()) {
        case "MemberPatient" -> all.addIdentifiers('m', resource);
        case "CoverageToMatch" -> {
          all.addIdentifiers('v', resource);
          all.add('v', resource.path("subscriberId"));
        }
        case "Consent" -> all.addConsent(resource);
        default -> {}
      }
    }
    if (all.ids.stream().noneMatch(id -> id.startsWith("m:"))) {
      all.add('m', parameters.path("id"));
    }
    return all.ids;
  }

  /**
   * Those of a FHIR Consent that stands alone. A reference is the id of a resource, which many
   * members' Patients may have, and which may be another's member id: it counts where there is
   * nothing else.
   */
  static Set<String> ofConsent(JsonNode consent) {
    MemberIds all = new MemberIds();
    all.addConsent(consent);
    all.add('m', consent.path("patient").path("identifier").path("value"));
    if (all.ids.isEmpty()) {
      String reference = consent.path("patient").path("reference").asText();
      all.add('x', reference.substring(reference.lastIndexOf('/') + 1));
    }
    return all.ids;
  }

  /** Those of a flat record. */
  static Set<String> of(Parsed flat) {
    MemberIds all = new MemberIds();
    all.add('m', flat.value(IntakeField.MEMBER_ID));
    all.add('v', flat.value(IntakeField.COVERAGE_ID));
    all.add('s', flat.value(IntakeField.CONSENT_ID));
    return all.ids;
  }

  private void addConsent(JsonNode consent) {
    add('s', consent.path("id"));
    addIdentifiers('s', consent);
  }

  private void addIdentifiers(char kind, JsonNode resource) {
    resource.path("identifier").forEach(identifier -> add(kind, identifier.path("value")));
  }

  private void add(char kind, JsonNode id) {
    add(kind, id.asText());
  }

  private void add(char kind, String id) {
    if (id != null && !id.isBlank()) {
      ids.add(kind + ":" + id.strip());
    }
  }
}
