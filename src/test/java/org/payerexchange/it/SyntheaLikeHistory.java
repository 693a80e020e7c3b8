package org.payerexchange.it;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An invented member's history with the types and links of Synthea's exports: visits and their
 * diagnoses that name each other, care plans, claims and their benefits, a Provenance of all.
 * Providers are the same for all members, and are named by relative and absolute URLs and by their
 * NPI.
 */
final class SyntheaLikeHistory {
  static final String NPI = "http://hl7.org/fhir/sid/us-npi";

  private static final int VISITS = 20;
  private static final int MEASURES = 5;
  private static final int PROVIDERS = 4;

  private final String base;
  private final int member;
  private final Map<String, List<String>> lines = new LinkedHashMap<>();
  private final List<String> own = new ArrayList<>();

  private SyntheaLikeHistory(String base, int member) {
    this.base = base;
    this.member = member;
  }

  /**
   * The lines of each type's file.
   *
   * @param base the URL that absolute references start with
   */
  static Map<String, List<String>> of(String base, int member) {
    SyntheaLikeHistory history = new SyntheaLikeHistory(base, member);
    IntStream.range(0, PROVIDERS).forEach(history::provider);
    history.person();
    IntStream.range(0, VISITS).forEach(history::visit);
    IntStream.iterate(0, i -> i < VISITS, i -> i + 10).forEach(history::care);
    history.provenance();
    return history.lines;
  }

  private void provider(int i) {
    add(
        "Organization",
        i,
        "'active': true, 'name': 'Make-Believe Clinic %d'%s"
            .formatted(i, i == 0 ? "" : ", 'partOf': " + relative("Organization", i - 1)));
    add(
        "Practitioner",
        i,
        "'identifier': [{'system': '%s', 'value': '%s'}], 'name': [{'family': 'Example%d'}]"
            .formatted(NPI, npi(i), i));
    add(
        "PractitionerRole",
        i,
        "'practitioner': %s, 'organization': %s, 'location': [%s]"
            .formatted(byNpi(i), absolute("Organization", i), relative("Location", i)));
    add(
        "Location",
        i,
        "'status': 'active', 'name': 'Make-Believe Place %d', 'managingOrganization': %s"
            .formatted(i, absolute("Organization", i)));
  }

  private void person() {
    own(
        "Patient",
        0,
        """
        'identifier': [{'system': 'https://bison.example.org/member-id', 'value': 'S-%1$d'}],
        'name': [{'family': 'Testperson%1$d', 'given': ['Synthia']}], 'gender': 'female',
        'birthDate': '1980-02-29', 'generalPractitioner': [%2$s], 'managingOrganization': %3$s"""
            .formatted(member, byNpi(0), relative("Organization", 0)));
    own(
        "Coverage",
        0,
        "'status': 'active', 'beneficiary': %s, 'payor': [%s]"
            .formatted(patient(), relative("Organization", 0)));
    own(
        "Device",
        0,
        "'status': 'active', %s, 'patient': %s".formatted(code("type", "device"), patient()));
  }

  private void visit(int i) {
    String practitioner = practitioner(i);
    String organization = absolute("Organization", i % PROVIDERS);
    String visit = relative("Encounter", i);
    String diagnosis = absolute("Condition", i);
    String subject = "'subject': %s, 'encounter': %s".formatted(patient(), visit);
    own(
        "Encounter",
        i,
        """
        'status': 'finished', 'class': {'code': 'AMB'}, 'subject': %s,
        'participant': [{'individual': %s}], 'serviceProvider': %s,
        'location': [{'location': %s}], 'diagnosis': [{'condition': %s}]"""
            .formatted(
                absolute("Patient", 0),
                practitioner,
                organization,
                relative("Location", i % PROVIDERS),
                diagnosis));
    own("Condition", i, "%s, %s".formatted(code("code", "condition"), subject));
    observations(i, subject);
    own(
        "DiagnosticReport",
        i,
        "'status': 'final', %s, %s, 'performer': [%s], 'result': [%s]"
            .formatted(
                code("code", "panel"), subject, organization, relative("Observation", first(i))));
    own(
        "Procedure",
        i,
        "'status': 'completed', %s, %s, 'reasonReference': [%s]"
            .formatted(code("code", "procedure"), subject, diagnosis));
    own(
        "MedicationRequest",
        i,
        "'status': 'active', 'intent': 'order', %s, %s, 'requester': %s, 'reasonReference': [%s]"
            .formatted(
                code("medicationCodeableConcept", "drug"), subject, practitioner, diagnosis));
    own(
        "DocumentReference",
        i,
        """
        'status': 'current', 'subject': %s, 'author': [%s], 'custodian': %s,
        'context': {'encounter': [%s]},
        'content': [{'attachment': {'contentType': 'text/plain', 'url': '%s/Binary/%s'}}]"""
            .formatted(patient(), practitioner, organization, visit, base, id("Binary", i)));
    own("Binary", i, "'contentType': 'text/plain', 'data': 'bm90ZQ=='");
    claim(i, practitioner, organization, visit, diagnosis);
  }

  /** A panel whose members follow it. */
  private void observations(int i, String subject) {
    String members =
        IntStream.range(first(i) + 1, first(i + 1))
            .mapToObj(each -> relative("Observation", each))
            .collect(Collectors.joining(", "));
    for (int each = first(i); each < first(i + 1); each++) {
      own(
          "Observation",
          each,
          "'status': 'final', %s, %s, %s"
              .formatted(
                  code("code", "measure"),
                  subject,
                  each == first(i)
                      ? "'hasMember': [%s]".formatted(members)
                      : "'valueQuantity': {'value': %d, 'unit': 'kg'}".formatted(each)));
    }
  }

  private void claim(
      int i, String practitioner, String organization, String visit, String diagnosis) {
    String head =
        "'status': 'active', 'use': 'claim', 'patient': %s, 'created': '2025-03-01', %s"
            .formatted(patient(), code("type", "professional"));
    String item =
        "'item': [{'sequence': 1, %s, 'encounter': [%s]}]"
            .formatted(code("productOrService", "visit"), visit);
    own(
        "Claim",
        i,
        """
        %s, 'provider': %s, %s, 'prescription': %s,
        'diagnosis': [{'sequence': 1, 'diagnosisReference': %s}],
        'procedure': [{'sequence': 1, 'procedureReference': %s}],
        'insurance': [{'sequence': 1, 'focal': true, 'coverage': %s}], %s"""
            .formatted(
                head,
                organization,
                code("priority", "normal"),
                relative("MedicationRequest", i),
                diagnosis,
                relative("Procedure", i),
                relative("Coverage", 0),
                item));
    own(
        "ExplanationOfBenefit",
        i,
        """
        'contained': [{'resourceType': 'ServiceRequest', 'id': 'referral', 'status': 'completed',
          'intent': 'order', 'subject': %s, 'requester': %s}],
        %s, 'insurer': %s, 'provider': %s, 'referral': {'reference': '#referral'}, 'claim': %s,
        'outcome': 'complete', 'careTeam': [{'sequence': 1, 'provider': %s}],
        'insurance': [{'focal': true, 'coverage': %s}], %s"""
            .formatted(
                patient(),
                practitioner,
                head,
                relative("Organization", 0),
                organization,
                absolute("Claim", i),
                practitioner,
                relative("Coverage", 0),
                item));
  }

  private void care(int i) {
    String visit = relative("Encounter", i);
    String diagnosis = relative("Condition", i);
    own(
        "CareTeam",
        i,
        """
        'status': 'active', 'subject': %1$s, 'encounter': %2$s, 'reasonReference': [%3$s],
        'participant': [{'member': %1$s}, {'member': %4$s}, {'member': %5$s}]"""
            .formatted(
                patient(), visit, diagnosis, practitioner(i + 1), relative("Organization", 1)));
    own(
        "Goal",
        i,
        "'lifecycleStatus': 'active', %s, 'subject': %s, 'addresses': [%s]"
            .formatted(code("description", "goal"), patient(), diagnosis));
    own(
        "CarePlan",
        i,
        """
        'status': 'active', 'intent': 'order', 'subject': %s, 'encounter': %s,
        'careTeam': [%s], 'addresses': [%s], 'goal': [%s]"""
            .formatted(patient(), visit, relative("CareTeam", i), diagnosis, relative("Goal", i)));
    own(
        "Immunization",
        i,
        "'status': 'completed', %s, 'patient': %s, 'encounter': %s, 'occurrenceString': 'once'"
            .formatted(code("vaccineCode", "vaccine"), patient(), visit));
    own(
        "AllergyIntolerance",
        i,
        "%s, 'patient': %s, 'encounter': %s".formatted(code("code", "pollen"), patient(), visit));
    own(
        "ImagingStudy",
        i,
        "'status': 'available', 'subject': %s, 'encounter': %s, 'procedureReference': %s"
            .formatted(patient(), visit, relative("Procedure", i)));
    own(
        "MedicationAdministration",
        i,
        """
        'status': 'completed', %s, 'subject': %s, 'context': %s, 'request': %s,
        'effectiveDateTime': '2025-03-01', 'reasonReference': [%s]"""
            .formatted(
                code("medicationCodeableConcept", "drug"),
                patient(),
                visit,
                relative("MedicationRequest", i),
                diagnosis));
    own(
        "SupplyDelivery",
        i,
        "'status': 'completed', 'patient': %s, 'supplier': %s"
            .formatted(patient(), absolute("Organization", 2)));
  }

  private void provenance() {
    own(
        "Provenance",
        0,
        "'target': [%s], 'recorded': '2025-03-01T00:00:00Z', 'agent': [{'who': %s, 'onBehalfOf': %s}]"
            .formatted(String.join(", ", own), practitioner(1), relative("Organization", 1)));
  }

  private void own(String type, int number, String content) {
    own.add(relative(type, number));
    add(type, number, content);
  }

  private void add(String type, int number, String content) {
    String json =
        "{'resourceType': '%s', 'id': '%s', 'meta': {'versionId': '1', 'lastUpdated': '%s'}, %s}"
            .formatted(type, id(type, number), "2025-12-31T00:00:00Z", content);
    lines
        .computeIfAbsent(type, each -> new ArrayList<>())
        .add(json.replace('\'', '"').replace('\n', ' '));
  }

  private static int first(int visit) {
    return visit * (MEASURES + 1);
  }

  private String patient() {
    return relative("Patient", 0);
  }

  private String practitioner(int i) {
    return switch (i % 3) {
      case 0 -> byNpi(i % PROVIDERS);
      case 1 -> absolute("Practitioner", i % PROVIDERS);
      default -> relative("Practitioner", i % PROVIDERS);
    };
  }

  private static String byNpi(int i) {
    return "{'reference': 'Practitioner?identifier=%s|%s'}".formatted(NPI, npi(i));
  }

  private static String npi(int i) {
    return "999999999" + i;
  }

  private String relative(String type, int number) {
    return "{'reference': '%s/%s'}".formatted(type, id(type, number));
  }

  private String absolute(String type, int number) {
    return "{'reference': '%s/%s/%s'}".formatted(base, type, id(type, number));
  }

  private static String code(String element, String text) {
    return "'%s': {'text': '%s'}".formatted(element, text);
  }

  private UUID id(String type, int number) {
    boolean provider =
        List.of("Organization", "Practitioner", "PractitionerRole", "Location").contains(type);
    String name = (provider ? "all" : member) + "/" + type + "/" + number;
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
  }
}
