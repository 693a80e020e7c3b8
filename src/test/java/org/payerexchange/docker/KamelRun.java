package org.payerexchange.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@code kamel run} and what an Integration say about dependencies and traits, as lines that
 * can be compared: {@code container.requestcpu=500m}. The two spell the names of options
 * differently.
 */
final class KamelRun {
  private static final Pattern OPTION = Pattern.compile("--([a-z-]+) (\\S+)");
  private static final Map<String, String> OWN_OPTIONS =
      Map.of(
          "image", "container.image=",
          "config", "mount.configs=",
          "volume", "mount.volumes=",
          "env", "environment.vars=",
          "dependency", "dependency=");

  private KamelRun() {}

  /** Of a script. */
  static Set<String> typed(Path script) throws IOException {
    Set<String> lines = new TreeSet<>();
    Matcher options = OPTION.matcher(Files.readString(script));
    while (options.find()) {
      String name = options.group(1);
      String value = options.group(2);
      if (OWN_OPTIONS.containsKey(name)) {
        lines.add(OWN_OPTIONS.get(name) + value);
      } else if (name.equals("trait")) {
        String[] entry = value.split("=", 2);
        lines.add(normal(entry[0]) + "=" + entry[1]);
      }
    }
    return lines;
  }

  /** Of an Integration. */
  static Set<String> written(JsonNode integration) {
    Set<String> lines = new TreeSet<>();
    integration
        .at("/spec/dependencies")
        .forEach(dependency -> lines.add("dependency=" + dependency.asText()));
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
