package org.payerexchange.dialect.hrex;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.payerexchange.dialect.PageSource;
import org.payerexchange.dialect.PathSegment;

/**
 * The searches for one Patient's resources (US Core 3.1.1 and 6.1, "Search Parameters"). Servers
 * need not answer a search by the Patient alone for each type; what they must answer is the next
 * alternative. Provenance comes with what it is about, where the server can.
 */
final class Searches {
  /** Types that a search by the Patient finds; those that are shared are read by reference. */
  private static final List<String> TYPES =
      List.of(
          "AllergyIntolerance",
          "CarePlan",
          "CareTeam",
          "Condition",
          "Coverage",
          "Device",
          "DiagnosticReport",
          "DocumentReference",
          "Encounter",
          "ExplanationOfBenefit",
          "Goal",
          "Immunization",
          "MedicationDispense",
          "MedicationRequest",
          "Observation",
          "Procedure",
          "QuestionnaireResponse",
          "RelatedPerson",
          "ServiceRequest",
          "Specimen");

  /** The Patient is read, Provenance comes along, and the others are read by reference. */
  private static final Set<String> NOT_SEARCHED =
      Set.of(
          "Patient",
          "Provenance",
          "Location",
          "Medication",
          "Organization",
          "Practitioner",
          "PractitionerRole");

  private static final Map<String, List<String>> COMBINATIONS =
      Map.of(
          "CarePlan", List.of("category=assess-plan"),
          "CareTeam", List.of("status=active"),
          "Condition",
              List.of(
                  "category=problem-list-item",
                  "category=health-concern",
                  "category=encounter-diagnosis"),
          "DiagnosticReport",
              List.of(
                  "category=LAB", "category=LP29684-5", "category=LP29708-2", "category=LP7839-6"),
          "DocumentReference", List.of("category=clinical-note"),
          "MedicationRequest",
              List.of(
                  "intent=proposal,plan,order,original-order,reflex-order,filler-order,instance-order,option"),
          "Observation",
              List.of(
                  "category=laboratory",
                  "category=vital-signs",
                  "category=social-history",
                  "category=survey",
                  "category=imaging",
                  "category=exam",
                  "category=procedure",
                  "category=therapy",
                  "category=activity",
                  "category=sdoh",
                  "category=functional-status",
                  "category=disability-status",
                  "category=cognitive-status"));

  private static final String WITH_PROVENANCE = "&_revinclude=Provenance:target";
  private static final String COUNT = "&_count=100";

  private Searches() {}

  /**
   * The Patient itself, which is there for certain, and then each type.
   *
   * @param types separated by commas; empty: all
   */
  static List<PageSource> of(String patientId, String types) {
    List<PageSource> sources = new ArrayList<>();
    sources.add(
        new PageSource(
            "Patient", List.of(List.of("/Patient/" + PathSegment.encoded(patientId))), true));
    List<String> wanted = types.isEmpty() ? TYPES : List.of(types.split(","));
    wanted.stream()
        .filter(type -> !NOT_SEARCHED.contains(type))
        .distinct()
        .forEach(type -> sources.add(new PageSource(type, alternatives(type, patientId), false)));
    return sources;
  }

  private static List<List<String>> alternatives(String type, String patientId) {
    String search =
        "/%s?patient=%s".formatted(type, URLEncoder.encode(patientId, StandardCharsets.UTF_8));
    List<String> combinations = COMBINATIONS.getOrDefault(type, List.of());
    List<List<String>> alternatives = new ArrayList<>();
    for (String end : List.of(WITH_PROVENANCE + COUNT, COUNT)) {
      alternatives.add(List.of(search + end));
      if (!combinations.isEmpty()) {
        alternatives.add(combinations.stream().map(more -> search + "&" + more + end).toList());
      }
    }
    return alternatives;
  }
}
