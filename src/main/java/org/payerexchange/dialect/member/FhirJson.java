package org.payerexchange.dialect.member;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** FHIR R4 resources as JSON trees. */
public final class FhirJson {
  /** What the systems of HL7's terminology begin with. */
  public static final String TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/";

  /** The system of National Provider Identifiers. */
  public static final String NPI = "http://hl7.org/fhir/sid/us-npi";

  /** An id that may stand in a path as it is; a path's dots are none. */
  private static final Pattern ID = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._~-]{1,128}");

  private FhirJson() {}

  /** An object without elements. */
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A resource of a type, and nothing else. */
  public static ObjectNode resource(String type) {
    return object().put("resourceType", type);
  }

  /** A CodeableConcept with one code of a system under {@link #TERMINOLOGY}. */
  public static ObjectNode concept(String system, String code) {
    ObjectNode concept = object();
    concept.putArray("coding").addObject().put("system", TERMINOLOGY + system).put("code", code);
    return concept;
  }

  /** A Reference to an organization by its NPI: no such resource goes with the request. */
  public static ObjectNode reference(Parties.Organization organization) {
    ObjectNode reference = object();
    reference.putObject("identifier").put("system", NPI).put("value", organization.npi());
    return reference.put("display", organization.name());
  }

  /** A Reference to what a text names. */
  public static ObjectNode reference(String target) {
    return object().put("reference", target);
  }

  /** Whether a CodeableConcept has a code, whatever system it is said to be of. */
  public static boolean hasCode(JsonNode concept, String code) {
    return items(concept.path("coding")).anyMatch(each -> text(each, "code").equals(code));
  }

  /** The items of a list; none of anything else. */
  public static Stream<JsonNode> items(JsonNode list) {
    return list.isArray() ? list.valueStream() : Stream.empty();
  }

  /** A text; empty for anything else. */
  public static String text(JsonNode parent, String name) {
    JsonNode text = parent.path(name);
    return text.isTextual() ? text.textValue().strip() : "";
  }

  /** Whether an id may stand in a path as it is. */
  public static boolean isId(String id) {
    return ID.matcher(id).matches();
  }

  /** Copies the elements that are there. */
  public static ObjectNode copy(JsonNode from, ObjectNode to, String... names) {
    for (String name : names) {
      if (from.has(name)) {
        to.set(name, from.get(name));
      }
    }
    return to;
  }

  /** Sets a list, unless it is empty. */
  public static void putList(ObjectNode to, String name, Stream<? extends JsonNode> items) {
    List<? extends JsonNode> list = items.toList();
    if (!list.isEmpty()) {
      to.putArray(name).addAll(list);
    }
  }

  /** Copies a list of objects with nothing of them but the elements that are named. */
  public static UnaryOperator<JsonNode> only(String... names) {
    return item -> copy(item, object(), names);
  }

  /** Copies identifiers without their assigners, which are references to other places. */
  public static Stream<JsonNode> identifiers(JsonNode resource) {
    return items(resource.path("identifier"))
        .map(only("use", "type", "system", "value", "period"))
        .filter(identifier -> !text(identifier, "value").isEmpty());
  }

  /** The texts of a list. */
  public static List<String> texts(JsonNode list) {
    return items(list)
        .filter(JsonNode::isTextual)
        .map(text -> text.textValue().strip())
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /** A list of texts. */
  public static ArrayNode array(List<String> texts) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    texts.forEach(array::add);
    return array;
  }
}
