package org.payerexchange.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a {@code kamel run} and what an Integration say, as lines that can be compared: {@code
 * container.requestcpu=500m}. The two spell the names of options differently.
 */
final class KamelRun {
  private static final Map<String, String> OPTIONS =
      Map.of(
          "--name", "name=",
          "--operator-id", "operator=",
          "--image", "container.image=",
          "--config", "mount.configs=",
          "--volume", "mount.volumes=",
          "--env", "environment.vars=",
          "--dependency", "dependency=");

  private KamelRun() {}

  /**
   * Of a script, which is run, with a {@code kamel} that only writes down its arguments.
   *
   * @param folder an empty one
   */
  static Set<String> typed(Path script, Path folder) throws IOException, InterruptedException {
    Path arguments = folder.resolve("arguments");
    Path kamel = folder.resolve("kamel");
    Files.writeString(kamel, "#!/bin/sh\nprintf '%s\\n' \"$@\" >'" + arguments + "'\n");
    Files.setPosixFilePermissions(kamel, PosixFilePermissions.fromString("rwx------"));
    ProcessBuilder process = new ProcessBuilder("sh", script.toAbsolutePath().toString());
    process.environment().merge("PATH", folder + ":", (path, first) -> first + path);
    if (process.directory(folder.toFile()).inheritIO().start().waitFor() != 0) {
      throw new IllegalStateException(script + " has failed");
    }
    return lines(Files.readAllLines(arguments));
  }

  private static Set<String> lines(List<String> arguments) {
    Set<String> lines = new TreeSet<>();
    if (!arguments.get(0).equals("run")) {
      throw new IllegalStateException("kamel " + arguments.get(0));
    }
    for (int i = 1; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals("--trait")) {
        String[] entry = arguments.get(++i).split("=", 2);
        lines.add(normal(entry[0]) + "=" + entry[1]);
      } else if (OPTIONS.containsKey(argument)) {
        lines.add(OPTIONS.get(argument) + arguments.get(++i));
      } else if (argument.startsWith("--")) {
        lines.add(argument);
      } else {
        lines.add("source=" + Path.of(argument).getFileName());
      }
    }
    return lines;
  }

  /** Of an Integration; kamel would write routes into it otherwise than as sources. */
  static Set<String> written(JsonNode integration) {
    Set<String> lines = new TreeSet<>();
    lines.add("name=" + integration.at("/metadata/name").asText());
    lines.add(
        "operator="
            + integration
                .at("/metadata/annotations")
                .path("camel.apache.org/operator.id")
                .asText());
    integration
        .at("/spec/dependencies")
        .forEach(dependency -> lines.add("dependency=" + dependency.asText()));
    for (JsonNode source : integration.at("/spec/sources")) {
      lines.add("source=" + source.path("name").asText());
      lines.add("--use-flows=false");
    }
    for (Map.Entry<String, JsonNode> trait : integration.at("/spec/traits").properties()) {
      for (Map.Entry<String, JsonNode> option : trait.getValue().properties()) {
        String name = normal(trait.getKey() + "." + option.getKey()) + "=";
        if (option.getValue().isArray()) {
          option.getValue().forEach(value -> lines.add(name + value.asText()));
        } else {
          lines.add(name + option.getValue().asText());
        }
      }
    }
    return lines;
  }

  private static String normal(String name) {
    return name.replace("-", "").toLowerCase(Locale.ROOT);
  }
}
