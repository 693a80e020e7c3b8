package org.payerexchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code docs/architecture.md} names. */
class ArchitecturePageTest {
  private static final Path SOURCES = Path.of("src/main/java/org/payerexchange");

  private final String page;

  ArchitecturePageTest() throws IOException {
    page = Files.readString(Path.of("docs/architecture.md"));
  }

  @Test
  void everyClassThatItNamesIsThere() {
    assertThat(named("`((?:[a-z]+/)+[A-Z]\\w+)`"))
        .hasSizeGreaterThan(10)
        .allMatch(name -> Files.exists(SOURCES.resolve(name + ".java")));
  }

  @Test
  void everyRouteThatItsTableNamesIsThere() throws IOException {
    StringBuilder routes = new StringBuilder();
    try (Stream<Path> files = Files.list(Path.of("routes"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        routes.append(Files.readString(file));
      }
    }
    assertThat(named("`([a-z]+(?:-[a-z]+)+)`[^|\n]*\\|[^|\n]*\\|[^|\n]*\\|\n"))
        .hasSizeGreaterThan(5)
        .allMatch(route -> routes.indexOf("    id: " + route + "\n") >= 0);
  }

  @Test
  void everyPackageIsInItsList() throws IOException {
    try (Stream<Path> folders = Files.list(SOURCES)) {
      assertThat(
              folders.filter(Files::isDirectory).map(each -> "`" + each.getFileName().toString()))
          .allMatch(name -> page.contains(name + "`") || page.contains(name + "/"));
    }
  }

  private List<String> named(String pattern) {
    return Pattern.compile(pattern).matcher(page).results().map(found -> found.group(1)).toList();
  }
}
