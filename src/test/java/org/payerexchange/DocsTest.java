package org.payerexchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** README and the pages of docs/. */
class DocsTest {
  private static final Path README = Path.of("README.md");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern HEADER = Pattern.compile("p2p[A-Z][A-Za-z0-9]+");

  static Stream<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.list(Path.of("docs"))) {
      return Stream.concat(
          Stream.of(README, Path.of("CHANGELOG.md")), docs.sorted().toList().stream());
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsToAFileAndToAHeadingInIt(Path page) throws IOException {
    for (String link : links(page).filter(each -> !each.contains("://")).toList()) {
      List<String> parts = List.of(link.split("#", 2));
      Path file = parts.get(0).isEmpty() ? page : page.resolveSibling(parts.get(0)).normalize();

      assertThat(file).as(link).exists();
      if (parts.size() > 1) {
        assertThat(anchors(file)).as(link).contains(parts.get(1));
      }
    }
  }

  @Test
  void readmeIsForFiveMinutesAndLeadsToEveryPage() throws IOException {
    assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(150);
    Set<String> linked =
        links(README).map(link -> link.split("#", 2)[0]).collect(Collectors.toSet());
    assertThat(linked)
        .containsAll(pages().filter(page -> !page.equals(README)).map(Path::toString).toList());
  }

  @Test
  void theHeadersOfMessagesAreThoseOfTheCode() throws IOException {
    Path code = Path.of("src/main/java/org/payerexchange/delivery/DeliveryMessages.java");
    String table =
        Files.readString(Path.of("docs/delivery.md"))
            .lines()
            .filter(line -> line.startsWith("| `p2p"))
            .map(line -> line.substring(0, line.indexOf('|', 1)))
            .collect(Collectors.joining());

    assertThat(headers(table)).isEqualTo(headers(Files.readString(code)));
  }

  private static Set<String> headers(String text) {
    return HEADER
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> links(Path page) throws IOException {
    return LINK.matcher(Files.readString(page)).results().map(result -> result.group(1));
  }

  /** As Markdown's renderers make them of headings. */
  private static Set<String> anchors(Path page) throws IOException {
    return Files.readAllLines(page).stream()
        .filter(line -> line.startsWith("#"))
        .map(
            line ->
                line.replaceAll("^#+ ", "")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-'))
        .collect(Collectors.toSet());
  }
}
