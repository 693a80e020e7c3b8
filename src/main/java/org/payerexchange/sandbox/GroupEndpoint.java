package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Header;
import org.apache.camel.Headers;

/** Reads the Groups of matched members, and finds those whose id was lost. */
public final class GroupEndpoint {
  private final FhirOperation operation;
  private final Groups groups;

  GroupEndpoint(FhirOperation operation, Groups groups) {
    this.operation = operation;
    this.groups = groups;
  }

  /** One Group; 404 where there is none. */
  public Answer read(@Header("tenant") String tenant, @Header("group") String id) {
    operation.requireTenant(tenant);
    return Answer.fhir(200, groups.require(tenant, id).group());
  }

  /**
   * A Bundle of the Groups to which all of {@code identifier}, {@code code}, {@code characteristic}
   * and {@code characteristic-value-reference} apply, each a value or a system and a value.
   */
  public Answer search(@Headers Map<String, Object> parameters) {
    operation.requireTenant(parameters.get("tenant"));
    String tenant = FhirOperation.text(parameters.get("tenant"));
    ObjectNode bundle = JsonNodeFactory.instance.objectNode().put("resourceType", "Bundle");
    bundle.put("type", "searchset");
    ArrayNode entries = JsonNodeFactory.instance.arrayNode();
    groups
        .of(tenant)
        .map(Groups.Held::group)
        .filter(group -> applies(group, parameters))
        .forEach(group -> entries.addObject().set("resource", group));
    bundle.put("total", entries.size());
    if (!entries.isEmpty()) {
      bundle.set("entry", entries);
    }
    return Answer.fhir(200, bundle);
  }

  private static boolean applies(JsonNode group, Map<String, Object> parameters) {
    return isAny(parameters.get("identifier"), "value", group.path("identifier"))
        && isAny(parameters.get("code"), "code", group.at("/code/coding"))
        && isAny(
            parameters.get("characteristic"), "code", group.at("/characteristic/0/code/coding"))
        && isAny(
            parameters.get("characteristic-value-reference"),
            "value",
            Answer.MAPPER
                .createArrayNode()
                .add(group.at("/characteristic/0/valueReference/identifier")));
  }

  private static boolean isAny(Object wanted, String name, JsonNode tokens) {
    return wanted == null
        || FhirOperation.elements(tokens)
            .flatMap(
                token ->
                    Stream.of(
                        token.path(name).asText(),
                        token.path("system").asText() + "|" + token.path(name).asText()))
            .anyMatch(wanted::equals);
  }
}
