package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An export that is organized by Patient (FHIR Bulk Data Access 3, {@code organizeOutputBy}): files
 * with resources of all types, in blocks behind a header each. The block in the middle begins in
 * the first file and goes on in the second.
 */
final class Organized {
  private static final String ALL_TYPES = "Resource";
  private static final String HEADER = "{\"resourceType\":\"Parameters\"";

  private Organized() {}

  /**
   * The files.
   *
   * @param blocks the lines of each Patient, by its reference
   */
  static List<Content> files(Map<String, List<String>> blocks) {
    int half = blocks.values().stream().mapToInt(List::size).sum() / 2;
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    int before = 0;
    for (Map.Entry<String, List<String>> block : blocks.entrySet()) {
      List<String> lines = block.getValue();
      int cut = Math.max(0, Math.min(lines.size(), half - before));
      add(block.getKey(), lines.subList(0, cut), first);
      add(block.getKey(), lines.subList(cut, lines.size()), second);
      before += lines.size();
    }
    return List.of(first, second).stream().map(Organized::content).toList();
  }

  private static void add(String patient, List<String> lines, List<String> file) {
    if (!lines.isEmpty()) {
      ObjectNode header = JsonNodeFactory.instance.objectNode().put("resourceType", "Parameters");
      header
          .putArray("parameter")
          .addObject()
          .put("name", "header")
          .putObject("valueReference")
          .put("reference", patient);
      file.add(header.toString());
      file.addAll(lines);
    }
  }

  private static Content content(List<String> lines) {
    byte[] bytes = (String.join("\n", lines) + "\n").getBytes(UTF_8);
    long resources = lines.stream().filter(line -> !line.startsWith(HEADER)).count();
    return new StoredContent(ALL_TYPES, resources, bytes);
  }

  /** The lines of files. */
  static List<String> lines(List<Content> files) {
    return files.stream()
        .map(file -> new String(file.read(0, (int) file.length()), UTF_8))
        .flatMap(String::lines)
        .toList();
  }

  /** Says in a manifest that its files are such. */
  static void describe(ObjectNode manifest) {
    manifest.put("outputOrganizedBy", "Patient");
    ArrayNode output = manifest.withArray("output");
    for (int index = 0; index < output.size(); index++) {
      ((ObjectNode) output.get(index)).remove("type");
      if (index + 1 < output.size()) {
        ((ObjectNode) output.get(index))
            .put("continuesInFile", output.get(index + 1).path("url").asText());
      }
    }
  }
}
