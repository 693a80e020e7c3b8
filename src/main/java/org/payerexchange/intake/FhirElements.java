package org.payerexchange.intake;

import ca.uhn.fhir.context.BaseRuntimeChildDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementCompositeDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementDefinition.ChildTypeEnum;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimeChildChoiceDefinition;
import ca.uhn.fhir.context.RuntimeChildContainedResources;
import ca.uhn.fhir.context.RuntimeChildDirectResource;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.hl7.fhir.instance.model.api.IPrimitiveType;
import org.payerexchange.intake.IntakeProblem.Reason;

/**
 * Whether every element of FHIR R4 Parameters is known, of its type, given at most as often as it
 * may, and its value and code legal, by HAPI's model of R4. What is not there is not missed.
 */
final class FhirElements {
  private static final Pattern NAME = Pattern.compile("_?[A-Za-z][A-Za-z0-9]{0,63}");

  private final FhirContext fhir;
  private final Problems problems;
  private final Deque<String> path = new ArrayDeque<>();

  FhirElements(FhirContext fhir, Problems problems) {
    this.fhir = fhir;
    this.problems = problems;
  }

  void check(ObjectNode parameters) {
    path.addLast("Parameters");
    object(parameters, fhir.getResourceDefinition("Parameters"), true);
    path.removeLast();
  }

  private void object(
      ObjectNode object, BaseRuntimeElementCompositeDefinition<?> type, boolean resource) {
    Map<String, String> choices = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      String name = entry.getKey();
      if (resource && name.equals("resourceType")) {
        continue;
      }
      path.addLast(NAME.matcher(name).matches() ? name : "…");
      boolean beside = name.startsWith("_");
      String element = beside ? name.substring(1) : name;
      BaseRuntimeChildDefinition child = child(type, element);
      if (child == null || (beside && !isPrimitive(child, element))) {
        problem(Reason.INVALID, "is not known to FHIR R4");
      } else {
        if (child instanceof RuntimeChildChoiceDefinition
            && !element.equals(choices.getOrDefault(child.getElementName(), element))) {
          problem(Reason.REPEATED, "is one of several values where one may be given");
        }
        choices.put(child.getElementName(), element);
        items(object, name, entry.getValue(), child);
      }
      path.removeLast();
    }
  }

  private BaseRuntimeChildDefinition child(
      BaseRuntimeElementCompositeDefinition<?> type, String name) {
    boolean modifiable =
        type.getChildType() == ChildTypeEnum.RESOURCE
            || type.getChildType() == ChildTypeEnum.RESOURCE_BLOCK;
    if (name.equals("extension") || (modifiable && name.equals("modifierExtension"))) {
      // HAPI keeps these two apart from an element's own children.
      return type("Extension").getChildByName("extension");
    }
    BaseRuntimeChildDefinition child = type.getChildByName(name);
    // HAPI also knows names of its own: payorResource, value, value[x].
    boolean standard =
        child instanceof RuntimeChildChoiceDefinition
            ? !name.startsWith(child.getElementName() + "[")
                && !name.equals(child.getElementName())
                && !name.endsWith("Resource")
            : child != null && name.equals(child.getElementName());
    return standard ? child : null;
  }

  private void items(
      ObjectNode object, String name, JsonNode value, BaseRuntimeChildDefinition child) {
    boolean many = child.getMax() != 1;
    if (many != value.isArray()) {
      problem(
          many ? Reason.INVALID : Reason.REPEATED,
          many ? "is not a list" : "is a list, where FHIR R4 has one");
    } else if (!many) {
      item(name, value, child);
    } else {
      String other = name.startsWith("_") ? name.substring(1) : "_" + name;
      for (int i = 0; i < value.size(); i++) {
        if (!value.get(i).isNull()) {
          item(name, value.get(i), child);
        } else if (object.path(other).path(i).isMissingNode()
            || object.path(other).path(i).isNull()) {
          problem(Reason.INVALID, "holds null");
        }
      }
    }
  }

  private void item(String name, JsonNode value, BaseRuntimeChildDefinition child) {
    if (name.startsWith("_")) {
      beside(value);
    } else if (child instanceof RuntimeChildDirectResource
        || child instanceof RuntimeChildContainedResources) {
      resource(value);
    } else if (isPrimitive(child, name)) {
      primitive(value, child.getChildByName(name), child.getInstanceConstructorArguments());
    } else if (value instanceof ObjectNode object) {
      String parameter = path.peekLast().equals("parameter") ? object.path("name").asText() : "";
      if (parameter.isEmpty()) {
        object(object, composite(child, name), false);
      } else {
        parameter(object, parameter, composite(child, name));
      }
    } else {
      problem(Reason.INVALID, "is not an object");
    }
  }

  /** The parts that HRex names have fields that begin with their names. */
  private void parameter(
      ObjectNode object, String name, BaseRuntimeElementCompositeDefinition<?> type) {
    Deque<String> outer = new ArrayDeque<>(path);
    if (NAME.matcher(name).matches()) {
      path.clear();
      path.addLast(name);
    }
    if (!problems.name(text())) {
      object(object, type, false);
    }
    path.clear();
    path.addAll(outer);
  }

  private void resource(JsonNode value) {
    String last = path.removeLast();
    boolean contained = last.equals("contained");
    if (contained) {
      path.addLast(last);
    }
    String type = value.path("resourceType").asText();
    if (!(value instanceof ObjectNode object)) {
      problem(Reason.INVALID, "is not an object");
    } else if (!fhir.getResourceTypes().contains(type)) {
      problem(Reason.INVALID, "has no resourceType of FHIR R4");
    } else {
      object(object, fhir.getResourceDefinition(type), true);
    }
    if (!contained) {
      path.addLast(last);
    }
  }

  /** What stands beside a primitive value: its id and its extensions. */
  private void beside(JsonNode value) {
    if (!(value instanceof ObjectNode object)) {
      problem(Reason.INVALID, "is not an object");
      return;
    }
    BaseRuntimeElementCompositeDefinition<?> extension = type("Extension");
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      path.addLast(NAME.matcher(entry.getKey()).matches() ? entry.getKey() : "…");
      if (entry.getKey().equals("id") || entry.getKey().equals("extension")) {
        items(object, entry.getKey(), entry.getValue(), extension.getChildByName(entry.getKey()));
      } else {
        problem(Reason.INVALID, "is not known to FHIR R4");
      }
      path.removeLast();
    }
  }

  private void primitive(JsonNode value, BaseRuntimeElementDefinition<?> type, Object codes) {
    FhirPrimitive.problem(type.getName(), value)
        .ifPresentOrElse(
            why -> problem(Reason.INVALID, why),
            () -> {
              if (codes != null && !isCode(type, codes, value.asText())) {
                problem(Reason.INVALID, "is none of its codes in FHIR R4");
              }
            });
  }

  private static boolean isCode(BaseRuntimeElementDefinition<?> type, Object codes, String text) {
    try {
      ((IPrimitiveType<?>) type.newInstance(codes)).setValueAsString(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isPrimitive(BaseRuntimeChildDefinition child, String name) {
    BaseRuntimeElementDefinition<?> type = child.getChildByName(name);
    if (type == null) {
      return false;
    }
    return switch (type.getChildType()) {
      case PRIMITIVE_DATATYPE, ID_DATATYPE, PRIMITIVE_XHTML, PRIMITIVE_XHTML_HL7ORG -> true;
      default -> false;
    };
  }

  private BaseRuntimeElementCompositeDefinition<?> composite(
      BaseRuntimeChildDefinition child, String name) {
    if (name.equals("extension") || name.equals("modifierExtension")) {
      return type("Extension");
    }
    return child.getChildByName(name) instanceof BaseRuntimeElementCompositeDefinition<?> type
        ? type
        : type("Reference");
  }

  private BaseRuntimeElementCompositeDefinition<?> type(String name) {
    return (BaseRuntimeElementCompositeDefinition<?>)
        Objects.requireNonNull(fhir.getElementDefinition(name));
  }

  private String text() {
    return String.join(".", path);
  }

  private void problem(Reason reason, String why) {
    problems.add(reason, text(), why);
  }
}
