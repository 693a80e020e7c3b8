package org.payerexchange.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.payerexchange.intake.IntakeProblem.Reason;

/** A flat record, from JSON or CSV, made the FHIR Parameters of the reference page. */
final class FlatForm {
  private static final String POLICY_BASE =
      "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#";
  private static final Set<String> POLICIES = Set.of("regular", "sensitive");

  /** Fields whose values are words. */
  private static final Set<IntakeField> NAMES =
      Set.of(IntakeField.PAYER, IntakeField.GIVEN, IntakeField.FAMILY);

  private final RecordForm form;
  private final Map<IntakeField, String> values = new EnumMap<>(IntakeField.class);
  private final List<IntakeProblem> problems = new ArrayList<>();

  private FlatForm(RecordForm form) {
    this.form = form;
  }

  /** The form of a JSON object: whatever does not call itself a resource is flat. */
  static RecordForm formOf(ObjectNode content) {
    if (content.path("resourceType").asText().equals("Consent")) {
      return RecordForm.CONSENT;
    }
    return content.has("resourceType") || content.has("parameter")
        ? RecordForm.PARAMETERS
        : RecordForm.FLAT_JSON;
  }

  /** Whether an object in the middle of broken text is a record rather than a part of one. */
  static boolean looksLikeARecord(ObjectNode content) {
    if (content.path("resourceType").asText().equals("Parameters")
        || content.path("parameter").isArray()) {
      return true;
    }
    // A Patient or a HumanName inside a record has some of the other fields.
    Set<IntakeField> own =
        Set.of(
            IntakeField.PAYER,
            IntakeField.REQUEST_ID,
            IntakeField.MEMBER_ID,
            IntakeField.COVERAGE_ID,
            IntakeField.CONSENT_ID,
            IntakeField.CONSENT_END,
            IntakeField.ENROLLED_ON,
            IntakeField.LINK_COVERAGE_ID);
    return content.properties().stream()
        .map(entry -> IntakeField.ofFlatName(entry.getKey()))
        .flatMap(Optional::stream)
        .anyMatch(own::contains);
  }

  static Parsed parse(RecordForm form, ObjectNode content) {
    FlatForm flat = new FlatForm(form);
    content
        .properties()
        .forEach(
            entry ->
                IntakeField.ofFlatName(entry.getKey())
                    .ifPresent(field -> flat.take(field, entry.getValue())));
    return new Parsed(flat.parameters(), flat.values, flat.problems);
  }

  /**
   * Makes what a flat record said the request: the member id stands where matchers look for it,
   * identifiers have the payer's systems, and what FHIR takes for no id is an identifier.
   */
  static void identify(ObjectNode request, IdentifierSystems systems) {
    String memberId = request.path("id").asText();
    if (!FhirPrimitive.isId(memberId)) {
      request.remove("id");
    }
    for (JsonNode parameter : request.path("parameter")) {
      ObjectNode resource = (ObjectNode) parameter.path("resource");
      switch (parameter.path("name").asText()) {
        case "MemberPatient" -> {
          ObjectNode identifier = identifier(resource);
          identifier
              .putObject("type")
              .putArray("coding")
              .addObject()
              .put("system", "http://terminology.hl7.org/CodeSystem/v2-0203")
              .put("code", "MB");
          system(identifier, systems.memberId());
          identifier.put("value", memberId);
        }
        case "CoverageToMatch" -> {
          system(identifier(resource), systems.coverage());
          resource.put("subscriberId", memberId);
        }
        case "Consent" -> {
          String id = resource.path("id").asText();
          if (!FhirPrimitive.isId(id)) {
            resource.remove("id");
            identifier(resource).put("value", id);
          }
        }
        default -> {}
      }
    }
  }

  private static ObjectNode identifier(ObjectNode resource) {
    ArrayNode identifiers = resource.withArrayProperty("identifier");
    return identifiers.get(0) instanceof ObjectNode first ? first : identifiers.addObject();
  }

  private static void system(ObjectNode identifier, Optional<String> system) {
    if (!identifier.has("system")) {
      system.ifPresent(uri -> identifier.put("system", uri));
    }
  }

  private void take(IntakeField field, JsonNode value) {
    if (value.isNull()) {
      return;
    }
    boolean isFlag = field == IntakeField.WITHDRAW && value.isBoolean();
    if (!value.isTextual() && !value.isIntegralNumber() && !isFlag) {
      problems.add(new IntakeProblem(Reason.INVALID, field.in(form), "is not text"));
      return;
    }
    String text = SpreadsheetCells.text(Blanks.strip(value.asText()));
    if (SpreadsheetCells.isNoValue(text)) {
      problems.add(
          new IntakeProblem(
              Reason.INVALID,
              field.in(form),
              "is a rounded number or an error of a spreadsheet: export the column as text"));
    }
    if (!NAMES.contains(field) && SpreadsheetCells.isNothing(text)) {
      problems.add(
          new IntakeProblem(
              Reason.INVALID, field.in(form), "is a word for nothing, such as NULL: leave it out"));
    }
    if (!text.isEmpty() && values.put(field, text) != null) {
      problems.add(new IntakeProblem(Reason.REPEATED, field.in(form), "is given more than once"));
    }
  }

  private ObjectNode parameters() {
    ObjectNode parameters = JsonObjects.create();
    parameters.put("resourceType", "Parameters");
    put(parameters, "id", IntakeField.MEMBER_ID);
    var list = parameters.putArray("parameter");
    patient(list.addObject().put("name", "MemberPatient").putObject("resource"));
    coverage(list.addObject().put("name", "CoverageToMatch").putObject("resource"));
    if (value(IntakeField.LINK_MEMBER_ID)
        .or(() -> value(IntakeField.LINK_COVERAGE_ID))
        .isPresent()) {
      link(list.addObject().put("name", "CoverageToLink").putObject("resource"));
    }
    consent(list.addObject().put("name", "Consent").putObject("resource"));
    return parameters;
  }

  private void patient(ObjectNode patient) {
    patient.put("resourceType", "Patient");
    ObjectNode name = patient.putArray("name").addObject();
    put(name, "family", IntakeField.FAMILY);
    value(IntakeField.GIVEN).ifPresent(given -> name.putArray("given").add(given));
    put(patient, "birthDate", IntakeField.BIRTH_DATE);
    put(patient, "gender", IntakeField.GENDER);
    value(IntakeField.MEMBER_ID_SYSTEM)
        .ifPresent(system -> identifier(patient).put("system", system));
  }

  private void coverage(ObjectNode coverage) {
    coverage.put("resourceType", "Coverage");
    value(IntakeField.COVERAGE_ID).ifPresent(id -> identifier(coverage).put("value", id));
    value(IntakeField.COVERAGE_SYSTEM)
        .ifPresent(system -> identifier(coverage).put("system", system));
  }

  private void link(ObjectNode coverage) {
    coverage.put("resourceType", "Coverage");
    value(IntakeField.LINK_COVERAGE_ID).ifPresent(id -> identifier(coverage).put("value", id));
    put(coverage, "subscriberId", IntakeField.LINK_MEMBER_ID);
  }

  private void consent(ObjectNode consent) {
    consent.put("resourceType", "Consent");
    put(consent, "id", IntakeField.CONSENT_ID);
    consent.put("status", "active");
    value(IntakeField.CONSENT_POLICY)
        .ifPresent(policy -> consent.putArray("policy").addObject().put("uri", policyUri(policy)));
    ObjectNode provision = consent.putObject("provision").put("type", "permit");
    ObjectNode period = provision.putObject("period");
    put(period, "start", IntakeField.CONSENT_START);
    put(period, "end", IntakeField.CONSENT_END);
  }

  private String policyUri(String policy) {
    String said = policy.substring(policy.indexOf('#') + 1);
    String code = POLICIES.stream().filter(said::equalsIgnoreCase).findFirst().orElse(said);
    boolean known = policy.indexOf('#') < 0 || policy.startsWith(POLICY_BASE);
    if (!known || !POLICIES.contains(code)) {
      problems.add(
          new IntakeProblem(
              Reason.INVALID,
              IntakeField.CONSENT_POLICY.in(form),
              "is neither regular nor sensitive, nor HRex's URI of one of them"));
    }
    return POLICY_BASE + code;
  }

  private void put(ObjectNode target, String name, IntakeField field) {
    value(field).ifPresent(text -> target.put(name, text));
  }

  private Optional<String> value(IntakeField field) {
    return Optional.ofNullable(values.get(field));
  }
}
