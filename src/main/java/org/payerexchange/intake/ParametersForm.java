package org.payerexchange.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.payerexchange.intake.IntakeProblem.Reason;

/**
 * FHIR Parameters as HRex 1.2.0 {@code $member-match} takes them, or as the reference page prints
 * them, without some of the resource types. Names are compared without case. What else the record
 * holds is kept, but for the parameters of our own, which are not sent on: {@code payer}, {@code
 * requestId} and {@code repeatEvery}, each with a {@code valueString}, {@code enrolledOn} and
 * {@code repeatUntil} with a {@code valueDate}. With a {@code withdraw} it is neither a request nor
 * a withdrawal.
 */
final class ParametersForm {

  private enum Part {
    MEMBER_PATIENT("MemberPatient", "Patient", true),
    COVERAGE_TO_MATCH("CoverageToMatch", "Coverage", true),
    COVERAGE_TO_LINK("CoverageToLink", "Coverage", false),
    CONSENT("Consent", "Consent", true);

    private final String parameter;
    private final String resourceType;
    private final boolean required;

    Part(String parameter, String resourceType, boolean required) {
      this.parameter = parameter;
      this.resourceType = resourceType;
      this.required = required;
    }

    static Optional<Part> of(String name) {
      for (Part part : values()) {
        if (part.parameter.equalsIgnoreCase(name)) {
          return Optional.of(part);
        }
      }
      return Optional.empty();
    }
  }

  /** What is ours beside HRex's parameters, and the element that holds it. */
  private static final Map<IntakeField, String> OURS =
      Map.of(
          IntakeField.PAYER, "valueString",
          IntakeField.REQUEST_ID, "valueString",
          IntakeField.ENROLLED_ON, "valueDate",
          IntakeField.REPEAT_EVERY, "valueString",
          IntakeField.REPEAT_UNTIL, "valueDate");

  private final List<IntakeProblem> problems = new ArrayList<>();
  private final Map<Part, ObjectNode> parts = new EnumMap<>(Part.class);
  private final List<ObjectNode> others = new ArrayList<>();
  private final Map<IntakeField, String> ours = new EnumMap<>(IntakeField.class);

  private ParametersForm() {}

  static Parsed parse(ObjectNode content) {
    ParametersForm form = new ParametersForm();
    ObjectNode parameters = content.deepCopy();
    dropNothings(parameters);
    boolean isParameters = hasType(parameters, "Parameters");
    if (!isParameters) {
      form.problem(
          Reason.INVALID,
          "Parameters",
          "must be the resourceType of a FHIR record; a flat record has no resourceType");
    }
    if (isParameters || parameters.path("parameter").isArray()) {
      form.sort(parameters.path("parameter"));
    }
    ArrayNode list = parameters.putArray("parameter");
    form.parts.values().forEach(list::add);
    form.others.forEach(list::add);
    return new Parsed(parameters, form.ours, form.problems);
  }

  private void sort(JsonNode list) {
    if (!list.isArray()) {
      problem(Reason.MISSING, "Parameters.parameter", "is not a list of parameters");
      return;
    }
    for (JsonNode each : list) {
      if (each instanceof ObjectNode parameter && parameter.path("name").isTextual()) {
        sort(parameter);
      } else {
        problem(Reason.INVALID, "Parameters.parameter", "holds something without a name");
      }
    }
    for (Part part : Part.values()) {
      if (part.required && !parts.containsKey(part)) {
        problem(Reason.MISSING, part.parameter, "is missing");
      }
    }
  }

  private void sort(ObjectNode parameter) {
    String name = Blanks.strip(parameter.path("name").asText());
    Optional<IntakeField> own = IntakeField.ofFlatName(name).filter(OURS::containsKey);
    if (IntakeField.ofFlatName(name).filter(IntakeField.WITHDRAW::equals).isPresent()) {
      problem(
          Reason.INVALID,
          IntakeField.WITHDRAW.in(RecordForm.PARAMETERS),
          "is not taken in Parameters: send the Consent alone, inactive or rejected, or a flat record");
    } else if (own.isPresent()) {
      ours(parameter, own.get(), OURS.get(own.get()));
    } else {
      Part.of(name).ifPresentOrElse(part -> take(part, parameter), () -> others.add(parameter));
    }
  }

  private void ours(ObjectNode parameter, IntakeField field, String element) {
    String name = field.in(RecordForm.PARAMETERS);
    String value = Blanks.strip(parameter.path(element).asText());
    if (value.isEmpty()) {
      problem(Reason.INVALID, name, "has no " + element);
    } else if (ours.put(field, value) != null) {
      problem(Reason.REPEATED, name, "is given more than once");
    }
  }

  private void take(Part part, ObjectNode parameter) {
    if (!(parameter.path("resource") instanceof ObjectNode resource)) {
      problem(Reason.MISSING, part.parameter, "has no resource");
    } else if (!hasType(resource, part.resourceType)) {
      problem(
          Reason.INVALID,
          part.parameter,
          "must hold a resource whose resourceType is " + part.resourceType);
    }
    parameter.put("name", part.parameter);
    if (parts.put(part, parameter) != null) {
      problem(Reason.REPEATED, part.parameter, "is given more than once");
    }
  }

  /** Whether the resource is of the type, which is put in where it names none. */
  private static boolean hasType(ObjectNode resource, String type) {
    if (!resource.has("resourceType")) {
      resource.put("resourceType", type);
    }
    return resource.path("resourceType").asText().equals(type);
  }

  private void problem(Reason reason, String field, String why) {
    problems.add(new IntakeProblem(reason, field, why));
  }

  /** JSON has ways to say that nothing is there which FHIR does not have. */
  private static void dropNothings(JsonNode tree) {
    tree.forEach(ParametersForm::dropNothings);
    if (tree instanceof ObjectNode object) {
      object.properties().forEach(entry -> dropEmptyItems(entry.getKey(), entry.getValue()));
      object
          .properties()
          .removeIf(entry -> !entry.getKey().equals("resource") && saysNothing(entry.getValue()));
    }
  }

  /** The places in a list of what stands beside primitive values count. */
  private static void dropEmptyItems(String name, JsonNode value) {
    for (int i = value.size() - 1; i >= 0 && value.isArray() && !name.startsWith("_"); i--) {
      if (value.get(i).isContainerNode() && value.get(i).isEmpty()) {
        ((ArrayNode) value).remove(i);
      }
    }
  }

  private static boolean saysNothing(JsonNode value) {
    return value.isNull()
        || (value.isContainerNode() && value.isEmpty())
        || (value.isTextual() && value.asText().isEmpty());
  }
}
