package org.payerexchange.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;

/** Bill of materials and licences beside the jars that they are of; run by the profile image. */
class SbomIT {
  private static final Path FILE = Path.of("target", "sbom.json");
  private static final Path THIRD_PARTY = Path.of("target", "THIRD-PARTY.txt");

  /** A line that is not indented, with a name and a licence below. */
  private static final Pattern LIBRARY =
      Pattern.compile("(?m)^(\\S+:\\S+ \\S+)\\n {4}\\S.*\\n {4}[A-Z].*$");

  private static final List<Path> LIBS =
      List.of(Path.of("target", "lib"), Path.of("target", "demo-lib"));
  private static final Pattern PURL =
      Pattern.compile("pkg:maven/[^/]+/([^@]+)@([^?]+)\\?(?:classifier=([^&]+)&)?type=jar");

  private final JsonNode sbom;

  SbomIT() throws IOException {
    sbom = new ObjectMapper().readTree(Files.readString(FILE));
  }

  @Test
  void itNamesEveryJarWithItsHashAndNoOther() throws IOException {
    List<String> named = new ArrayList<>();
    for (JsonNode component : sbom.path("components")) {
      named.add(jar(component.path("purl").asText()) + " " + sha256(component));
    }

    List<String> there = new ArrayList<>();
    for (Path lib : LIBS) {
      try (Stream<Path> jars = Files.list(lib)) {
        jars.map(SbomIT::hashed).forEach(there::add);
      }
    }
    assertThat(named).containsExactlyInAnyOrderElementsOf(there);
  }

  @Test
  void nothingInItDependsOnWhenItWasWritten() {
    assertThat(sbom.has("serialNumber")).isFalse();
    assertThat(sbom.path("metadata").path("timestamp").asText("2026-01-01T00:00:00Z"))
        .isEqualTo("2026-01-01T00:00:00Z");
  }

  @Test
  void everyLibraryIsListedForPeopleWithItsLicence() throws IOException {
    List<String> libraries = new ArrayList<>();
    for (JsonNode component : sbom.path("components")) {
      assertThat(component.path("licenses")).as(component.path("purl").asText()).isNotEmpty();
      libraries.add(
          "%s:%s %s"
              .formatted(
                  component.path("group").asText(),
                  component.path("name").asText(),
                  component.path("version").asText()));
    }

    String listed = Files.readString(THIRD_PARTY);
    assertThat(LIBRARY.matcher(listed).results().map(found -> found.group(1)))
        .containsExactlyInAnyOrderElementsOf(libraries);
    assertThat(listed).doesNotContainIgnoringCase("unknown");
  }

  private static String jar(String purl) {
    Matcher parts = PURL.matcher(purl);
    assertThat(parts.matches()).as(purl).isTrue();
    String classifier = parts.group(3) == null ? "" : "-" + parts.group(3);
    return parts.group(1) + "-" + parts.group(2) + classifier + ".jar";
  }

  private static String sha256(JsonNode component) {
    for (JsonNode hash : component.path("hashes")) {
      if (hash.path("alg").asText().equals("SHA-256")) {
        return hash.path("content").asText();
      }
    }
    return "no SHA-256";
  }

  private static String hashed(Path jar) {
    try {
      return jar.getFileName() + " " + DigestUtils.sha256Hex(Files.readAllBytes(jar));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
