package org.payerexchange.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.JsonParseException;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Kubernetes' own OpenAPI, in the classes that its Java client generates from it. */
final class KubernetesSchema {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final Map<String, Class<?>> KINDS =
      Map.of(
          "apps/v1/Deployment", V1Deployment.class,
          "v1/Service", V1Service.class,
          "v1/PersistentVolumeClaim", V1PersistentVolumeClaim.class,
          "policy/v1/PodDisruptionBudget", V1PodDisruptionBudget.class,
          "networking.k8s.io/v1/NetworkPolicy", V1NetworkPolicy.class);

  private KubernetesSchema() {}

  /**
   * What is wrong with an object: a field that Kubernetes does not know, one that it needs, or a
   * value of another type, which then does not come back as it went in.
   */
  static List<String> problems(JsonNode object) throws JsonProcessingException {
    String kind = object.path("apiVersion").asText() + "/" + object.path("kind").asText();
    Class<?> type = KINDS.get(kind);
    if (type == null) {
      return List.of("there is no " + kind);
    }
    try {
      Object understood = JSON.deserialize(object.toString(), type);
      List<String> problems = new ArrayList<>();
      compare(kind, object, MAPPER.readTree(JSON.serialize(understood)), problems);
      return problems;
    } catch (IllegalArgumentException | JsonParseException e) {
      return List.of(e.getMessage());
    }
  }

  /** What was not written may have been added: the client gives empty lists where there is none. */
  private static void compare(
      String path, JsonNode written, JsonNode understood, List<String> problems) {
    if (written.isObject()) {
      written
          .properties()
          .forEach(
              field ->
                  compare(
                      path + "/" + field.getKey(),
                      field.getValue(),
                      understood.path(field.getKey()),
                      problems));
    } else if (written.isArray()) {
      for (int i = 0; i < written.size(); i++) {
        compare(path + "/" + i, written.get(i), understood.path(i), problems);
      }
    } else if (!written.equals(understood)) {
      problems.add("%s: %s is understood as %s".formatted(path, written, understood));
    }
  }
}
