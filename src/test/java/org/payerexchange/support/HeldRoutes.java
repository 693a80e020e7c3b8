package org.payerexchange.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The bundle's routes, of which one waits for ten minutes before a step. */
public final class HeldRoutes {
  private HeldRoutes() {}

  /**
   * Copies them into a folder.
   *
   * @param file of the route: {@code download}
   * @param step its id
   */
  public static Path before(String file, String step, Path folder) throws IOException {
    Files.createDirectories(folder);
    try (var routes = Files.newDirectoryStream(Path.of("routes"), "*.camel.yaml")) {
      for (Path each : routes) {
        Files.copy(each, folder.resolve(each.getFileName()));
      }
    }
    Path held = folder.resolve(file + ".camel.yaml");
    String text = Files.readString(held);
    Matcher begin =
        Pattern.compile("(?m)^( *)- \\w+:\\n +id: " + Pattern.quote(step) + "\\n").matcher(text);
    assertThat(begin.results()).as(step).hasSize(1);
    Files.writeString(
        held,
        begin.replaceFirst(
            "$1- delay:\n$1    id: hold-before-commit\n$1    constant: \"600000\"\n$0"));
    return folder;
  }
}
