package org.payerexchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The version, which stands in several files. */
class ReleaseTest {
  private static final Pattern OWN =
      Pattern.compile(
          "<artifactId>payer-exchange(?:-[a-z-]+)?</artifactId>\\s*<version>([^<]+)</version>");
  private static final Pattern COORDINATES =
      Pattern.compile("org\\.payerexchange[:/]payer-exchange[:/]([\\w.-]+)");
  private static final Pattern IMAGE =
      Pattern.compile("(?:newTag: |/payer-exchange:)(\\d[\\w.-]*)");
  private static final Pattern HEADING =
      Pattern.compile("(?m)^## (\\S+) \\((?:\\d{4}-\\d\\d-\\d\\d|in work)\\)$");

  private static final Pattern IN_WORK = Pattern.compile("(?m)^## (\\S+) \\(in work\\)$");

  @Test
  void theVersionIsThatOfARelease() throws IOException {
    assertThat(version()).matches("\\d+\\.\\d+\\.\\d+");
  }

  @ParameterizedTest
  @ValueSource(strings = {"src/it/hapi-jpa/pom.xml", "src/it/quarkus/pom.xml"})
  void theTestsProjectsHaveTheSame(String pom) throws IOException {
    assertThat(found(OWN, pom)).first().isEqualTo(version());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"docker/camel-k/integration-sources.yaml", "docker/camel-k/kamel-run-sources.sh"})
  void camelKIsToldToFetchIt(String file) throws IOException {
    assertThat(found(COORDINATES, file)).containsExactly(version());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker/kubernetes/base/kustomization.yaml",
        "docker/camel-k/integration.yaml",
        "docker/camel-k/kamel-run.sh"
      })
  void theManifestsNameItsImage(String file) throws IOException {
    assertThat(found(IMAGE, file)).containsExactly(version());
  }

  @Test
  void theChangesBeginWithIt() throws IOException {
    assertThat(found(HEADING, "CHANGELOG.md")).first().isEqualTo(version());
  }

  @Test
  void noOtherIsInWork() throws IOException {
    assertThat(found(IN_WORK, "CHANGELOG.md")).isSubsetOf(version());
  }

  @Test
  void noPageNamesAVersionThatWillBeAnOldOne() throws IOException {
    try (Stream<Path> docs = Files.list(Path.of("docs"))) {
      for (Path page : Stream.concat(docs, Stream.of(Path.of("README.md"))).toList()) {
        assertThat(found(COORDINATES, page.toString())).as(page.toString()).isSubsetOf("VERSION");
      }
    }
  }

  private static String version() throws IOException {
    return found(OWN, "pom.xml").get(0);
  }

  private static List<String> found(Pattern pattern, String file) throws IOException {
    return pattern
        .matcher(Files.readString(Path.of(file)))
        .results()
        .map((MatchResult result) -> result.group(1))
        .toList();
  }
}
