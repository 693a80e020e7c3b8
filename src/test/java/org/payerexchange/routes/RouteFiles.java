package org.payerexchange.routes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** The YAML files of {@code routes/}, read as data. */
final class RouteFiles {

  static final Path PRODUCTION = Path.of("routes");
  static final Path SANDBOX = Path.of("routes", "sandbox");

  private static final YAMLMapper YAML = new YAMLMapper();

  private RouteFiles() {}

  static List<Path> in(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".camel.yaml")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Path> all() {
    return Stream.concat(in(PRODUCTION).stream(), in(SANDBOX).stream()).toList();
  }

  /** A file as it is written. */
  static JsonNode written(Path file) {
    return parse(text(file), file);
  }

  /** A file as Camel runs it: a templated route is the template's, with its own id and values. */
  static JsonNode read(Path file) {
    ArrayNode items = YAML.createArrayNode();
    for (JsonNode item : written(file)) {
      if (item.has("templatedRoute")) {
        items.addObject().set("route", filled(file, item.get("templatedRoute")));
      } else if (!item.has("routeTemplate")) {
        items.add(item);
      }
    }
    return items;
  }

  private static JsonNode filled(Path file, JsonNode templated) {
    String name = templated.path("routeTemplateRef").asText();
    JsonNode template =
        in(file.getParent()).stream()
            .flatMap(each -> steps(written(each), "routeTemplate").stream())
            .filter(each -> name.equals(each.path("id").asText()))
            .findFirst()
            .orElseThrow(() -> new AssertionError("No template " + name));
    String text = template.path("route").toString();
    for (JsonNode parameter : templated.path("parameters")) {
      text =
          text.replace(
              "{{" + parameter.path("name").asText() + "}}", parameter.path("value").asText());
    }
    ObjectNode route = (ObjectNode) parse(text, file);
    return route.put("id", templated.path("routeId").asText());
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  private static JsonNode parse(String text, Path file) {
    try {
      return YAML.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  /** Every {@code route} of a file. */
  static List<JsonNode> routes(Path file) {
    List<JsonNode> routes = new ArrayList<>();
    for (JsonNode item : read(file)) {
      if (item.has("route")) {
        routes.add(item.get("route"));
      }
    }
    return routes;
  }

  static JsonNode route(Path folder, String id) {
    return in(folder).stream()
        .flatMap(file -> routes(file).stream())
        .filter(route -> id.equals(route.path("id").asText()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("No route " + id + " in " + folder));
  }

  /** Visits every field of a tree as (name, value), parents before children. */
  static void walk(JsonNode node, BiConsumer<String, JsonNode> visitor) {
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        visitor.accept(field.getKey(), field.getValue());
        walk(field.getValue(), visitor);
      }
    } else if (node.isArray()) {
      node.forEach(child -> walk(child, visitor));
    }
  }

  /** The steps of one kind below a node, in the order of the file. */
  static List<JsonNode> steps(JsonNode node, String kind) {
    List<JsonNode> found = new ArrayList<>();
    walk(
        node,
        (name, value) -> {
          if (name.equals(kind)) {
            found.add(value);
          }
        });
    return found;
  }

  /** A step's endpoint, whether written short ({@code to: x}) or long ({@code to: {uri: x}}). */
  static String uri(JsonNode step) {
    return step.isTextual() ? step.asText() : step.path("uri").asText();
  }
}
