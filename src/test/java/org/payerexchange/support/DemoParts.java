package org.payerexchange.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the demo and the sandbox consist of, which nothing has that members' data comes near. */
public final class DemoParts {
  private static final Pattern PART =
      Pattern.compile(
          "(.*/)?(org/payerexchange/(demo|sandbox)/.*|(routes/)?sandbox/.*|samples/.*"
              + "|demo\\.properties|org\\.payerexchange\\.cli\\.Subcommand"
              + "|artemis-(jakarta-)?server-.*|jgroups-.*)");

  private DemoParts() {}

  /** Those in a jar, or in a folder and its jars of the bundle. */
  public static List<String> in(Path place) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        found.add(name);
        if (name.contains("payer-exchange") && name.endsWith(".jar")) {
          try (JarFile jar = new JarFile(file.toFile())) {
            jar.stream().forEach(entry -> found.add(entry.getName()));
          }
        }
      }
    }
    if (found.stream().noneMatch(name -> name.startsWith("org/payerexchange/ledger/"))) {
      throw new IllegalStateException("no bundle in " + place);
    }
    return found.stream().filter(name -> PART.matcher(name).matches()).toList();
  }
}
