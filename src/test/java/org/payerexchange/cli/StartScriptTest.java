package org.payerexchange.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start script, with a Java that tells what it was called with. */
class StartScriptTest {
  private static final String JAVA =
      """
      #!/bin/sh
      for word in "$@"; do
        printf '%s\\n' "$word"
        case $word in -XX:ArchiveClassesAtExit=*) printf 12345 >"${word#*=}" ;; esac
      done
      """;

  @TempDir Path folder;
  private Path lib;

  @BeforeEach
  void unpack() throws IOException {
    Path home = folder.resolve("a home");
    lib = Files.createDirectories(home.resolve("lib"));
    Files.createDirectories(home.resolve("bin"));
    Files.copy(Path.of("src/main/dist/bin/payer-exchange"), home.resolve("bin/payer-exchange"));
    java(JAVA);
  }

  @Test
  void anArchiveIsUsedWhereItIsWhole() throws Exception {
    Path whole = Files.writeString(lib.resolve("classes-5.jsa"), "12345");

    assertThat(start("status", "--failed"))
        .contains("-XX:SharedArchiveFile=" + whole, "--failed")
        .contains("-Xlog:all=warning,cds*=off:stderr");
  }

  @Test
  void anArchiveThatWasCutShortOrIsNotNamedByItsSizeIsPassedOver() throws Exception {
    Files.writeString(lib.resolve("classes-5.jsa"), "123");
    Files.writeString(lib.resolve("classes-old.jsa"), "123");

    assertThat(start("status")).contains("status").noneMatch(word -> word.contains("Archive"));
  }

  @Test
  void whatEndsInSecondsHasOneCompilerAndJavaOptsComeAfterIt() throws Exception {
    assertThat(start("run")).noneMatch(word -> word.contains("Tiered"));
    assertThat(start("now")).containsSubsequence("-XX:TieredStopAtLevel=1", "-Da=1", "-Db=2");
  }

  @Test
  void prepareLeavesOneArchiveThatTheNextStartUses() throws Exception {
    Files.writeString(lib.resolve("classes-5.jsa"), "an old one");
    Files.writeString(lib.resolve("classes-3.jsa"), "old");

    assertThat(start("prepare"))
        .contains("prepare")
        .noneMatch(word -> word.contains("SharedArchive"));
    assertThat(start("check")).contains("-XX:SharedArchiveFile=" + lib.resolve("classes-5.jsa"));
    assertThat(inLib()).containsExactly("classes-5.jsa");
  }

  @Test
  void aPrepareThatFailsLeavesAllAsItWas() throws Exception {
    Files.writeString(lib.resolve("classes-3.jsa"), "old");
    java("#!/bin/sh\nexit 1\n");

    Process process = process("prepare");
    assertThat(process.errorReader().lines().toList().toString())
        .contains("no archive was made in", "all works without one");
    assertThat(process.waitFor()).isOne();
    assertThat(inLib()).containsExactly("classes-3.jsa");
  }

  @Test
  void theHelpOfPrepareMakesNone() throws Exception {
    assertThat(start("prepare", "--help")).noneMatch(word -> word.contains("Archive"));
    assertThat(inLib()).isEmpty();
  }

  private List<String> inLib() throws IOException {
    try (Stream<Path> files = Files.list(lib)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private void java(String script) throws IOException {
    Path java = Files.createDirectories(folder.resolve("java/bin")).resolve("java");
    Files.writeString(java, script);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> start(String... arguments) throws Exception {
    Process process = process(arguments);
    List<String> words = process.inputReader().lines().toList();
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return words;
  }

  private Process process(String... arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Stream.concat(
                    Stream.of("sh", folder.resolve("a home/bin/payer-exchange").toString()),
                    Stream.of(arguments))
                .toList());
    builder.environment().put("JAVA_HOME", folder.resolve("java").toString());
    builder.environment().put("JAVA_OPTS", "-Da=1 -Db=2");
    return builder.start();
  }
}
