package org.payerexchange.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * The schema of Camel K's Integration, with no field allowed that it does not name. The fields that
 * are newer than the newest schema to be had as a library (2.4) stand here by name.
 */
final class CamelKSchema {
  private static final String TRAITS = "/spec/properties/traits/properties/";

  private static final Map<String, Map<String, String>> NEWER =
      Map.of(
          "health",
              Map.of(
                  "startupPort", "integer", "livenessPort", "integer", "readinessPort", "integer"),
          "camel", Map.of("runtimeProvider", "string"),
          "keda",
              Map.of(
                  "enabled", "boolean",
                  "minReplicaCount", "integer",
                  "maxReplicaCount", "integer",
                  "triggers", "array"));

  private final JsonSchema schema;

  CamelKSchema() {
    try (InputStream file =
        CamelKSchema.class.getResourceAsStream("/camel.apache.org_integrations.yaml")) {
      ObjectNode integration =
          (ObjectNode)
              new YAMLMapper().readTree(file).at("/spec/versions/0/schema/openAPIV3Schema");
      NEWER.forEach(
          (trait, fields) -> {
            ObjectNode known = (ObjectNode) integration.at("/properties" + TRAITS + trait);
            known.remove("required");
            fields.forEach(
                (name, type) -> known.withObject("/properties/" + name).put("type", type));
          });
      close(integration);
      // every object has these, and the schema of a custom resource leaves them to Kubernetes
      ((ObjectNode) integration.at("/properties/metadata")).put("additionalProperties", true);
      schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(integration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(JsonNode schema) {
    JsonNode properties = schema.path("properties");
    if (!properties.isEmpty()) {
      ((ObjectNode) schema).put("additionalProperties", false);
    }
    properties.forEach(CamelKSchema::close);
    close(schema, "items");
    close(schema, "additionalProperties");
  }

  private static void close(JsonNode schema, String keyword) {
    if (schema.path(keyword).isObject()) {
      close(schema.path(keyword));
    }
  }

  /** What is wrong with an Integration. */
  List<String> problems(JsonNode integration) {
    return schema.validate(integration).stream().map(ValidationMessage::getMessage).toList();
  }
}
