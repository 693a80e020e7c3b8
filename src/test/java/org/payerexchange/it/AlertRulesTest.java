package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alerts of {@code docker/prometheus}, as Prometheus' own {@code promtool} reckons them. */
class AlertRulesTest {
  private static final Path RULES = Path.of("docker/prometheus/alerts.yml");
  private static final Path TESTS = Path.of("src/test/resources/prometheus/alerts-test.yml");

  @TempDir Path folder;

  @Test
  void theyFireForWhatTheyAreForAndNotBefore() throws Exception {
    assumeTrue(isInstalled(), "promtool is not installed: the alerts' rules are not reckoned");
    Files.copy(RULES, folder.resolve("alerts.yml"));
    Files.copy(TESTS, folder.resolve("alerts-test.yml"));

    Process promtool =
        new ProcessBuilder(List.of("promtool", "test", "rules", "alerts-test.yml"))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(promtool.waitFor()).as(said).isZero();
  }

  private static boolean isInstalled() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(path -> Files.isExecutable(Path.of(path, "promtool")));
  }
}
