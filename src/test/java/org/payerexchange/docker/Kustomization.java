package org.payerexchange.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A {@code kustomization.yaml}, read strictly, and what it builds: as much of kustomize as the
 * files of this project use. Patches set or remove fields and replace lists of plain values.
 *
 * @param resources files, or a folder with a kustomization that this one changes
 */
record Kustomization(
    String apiVersion,
    String kind,
    List<String> resources,
    List<Generated> configMapGenerator,
    List<Patch> patches,
    List<Image> images) {
  private static final ObjectMapper JSON = new ObjectMapper();

  record Generated(String name, String behavior, List<String> files) {}

  record Patch(String path) {}

  record Image(String name, String newName, String newTag) {}

  static boolean isFolder(Path folder) {
    return Files.isRegularFile(folder.resolve("kustomization.yaml"));
  }

  static Kustomization read(Path folder) throws IOException {
    return JSON.treeToValue(yaml(folder.resolve("kustomization.yaml")), Kustomization.class);
  }

  /** A YAML 1.1 document, as Kubernetes reads it. */
  static JsonNode yaml(Path file) throws IOException {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    return JSON.valueToTree(yaml.<Object>load(Files.readString(file)));
  }

  /** The objects that go to the cluster, but for the ConfigMaps and names that are generated. */
  static List<JsonNode> build(Path folder) throws IOException {
    Kustomization kustomization = read(folder);
    List<JsonNode> objects = new ArrayList<>();
    for (String resource : kustomization.resources()) {
      Path path = folder.resolve(resource);
      if (Files.isDirectory(path)) {
        objects.addAll(build(path.normalize()));
      } else {
        objects.add(yaml(path));
      }
    }
    for (Patch patch : Optional.ofNullable(kustomization.patches()).orElse(List.of())) {
      apply(yaml(folder.resolve(patch.path())), objects);
    }
    return objects;
  }

  private static void apply(JsonNode patch, List<JsonNode> objects) {
    JsonNode target =
        objects.stream()
            .filter(object -> name(object).equals(name(patch)))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("nothing to patch: " + patch));
    if (patch.path("$patch").asText().equals("delete")) {
      objects.remove(target);
    } else {
      merge((ObjectNode) target, patch);
    }
  }

  private static List<String> name(JsonNode object) {
    return List.of(
        object.path("apiVersion").asText(),
        object.path("kind").asText(),
        object.at("/metadata/name").asText());
  }

  private static void merge(ObjectNode target, JsonNode patch) {
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      JsonNode value = field.getValue();
      if (value.isNull()) {
        target.remove(field.getKey());
      } else if (value.isObject() && target.path(field.getKey()).isObject()) {
        merge((ObjectNode) target.get(field.getKey()), value);
      } else {
        requirePlain(value);
        target.set(field.getKey(), value);
      }
    }
  }

  /** Kubernetes merges lists of objects by their keys, which is not done here. */
  private static void requirePlain(JsonNode value) {
    if (value instanceof ArrayNode list && list.path(0).isContainerNode()) {
      throw new IllegalArgumentException("a patch of a list of objects");
    }
  }

  /** The settings that a folder's ConfigMap brings. */
  static Properties settings(Path folder) throws IOException {
    Properties settings = new Properties();
    for (Generated map : read(folder).configMapGenerator()) {
      for (String file : map.files()) {
        try (var in = Files.newInputStream(folder.resolve(file))) {
          settings.load(in);
        }
      }
    }
    return settings;
  }
}
