package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real Karaf in a process of its own, and its console as an operator uses it. */
final class KarafConsole implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String BOOT_FEATURES =
      "log, framework, system, feature, shell, deployer, bundle, config, kar";

  private final Path home;
  private final Path output;
  private final Process process;
  private final Writer keyboard;
  private int commands;

  private KarafConsole(Path home, Path output, Process process) {
    this.home = home;
    this.output = output;
    this.process = process;
    this.keyboard = process.outputWriter(StandardCharsets.UTF_8);
  }

  /** Unpacks a distribution, with its files' modes; returns its home. */
  static Path unpack(Path distribution, Path folder) throws IOException, InterruptedException {
    Process tar =
        new ProcessBuilder(
                "tar", "xzf", distribution.toString(), "-C", folder.toString(), "--strip=1")
            .inheritIO()
            .start();
    assertThat(tar.waitFor()).isZero();
    return folder;
  }

  /**
   * Starts it, and returns once its prompt answers.
   *
   * @param home the unpacked distribution
   * @param variables what its environment has besides ours
   */
  static KarafConsole start(Path home, Map<String, String> variables) throws IOException {
    Path features = home.resolve("etc/org.apache.karaf.features.cfg");
    String configured = Files.readString(features);
    // without ssh and management, which would open ports
    Files.writeString(
        features,
        configured.replaceAll(
            "(?s)featuresBoot = .*?\n\n", "featuresBoot = " + BOOT_FEATURES + "\n\n"));
    Path output = home.resolve("console.txt");
    ProcessBuilder builder =
        new ProcessBuilder(home.resolve("bin/karaf").toString())
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder
        .environment()
        .putAll(Map.of("JAVA_HOME", System.getProperty("java.home"), "TERM", "dumb"));
    builder.environment().putAll(variables);
    KarafConsole console = new KarafConsole(home, output, builder.start());
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> Files.readString(output).contains("root"));
    return console;
  }

  /** Types a command, and returns what was printed until the next one was read. */
  String run(String command) throws IOException {
    String end = "done-" + ++commands;
    int from = Files.readString(output).length();
    keyboard.write(command + "\n");
    keyboard.write("echo " + end + "\n");
    keyboard.flush();
    await().atMost(PATIENCE).until(() -> printed(from).contains("\n" + end));
    return printed(from);
  }

  private String printed(int from) throws IOException {
    return Files.readString(output)
        .substring(from)
        .replaceAll("\u001b\\[[0-9;?]*[A-Za-z]", "")
        .replace("\r", "");
  }

  /** The threads of its JVM, as the JDK prints them. */
  String threads() throws IOException, InterruptedException {
    Path dump = home.resolve("threads.txt");
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process print =
        new ProcessBuilder(List.of(jcmd, Long.toString(jvm().pid()), "Thread.print"))
            .redirectErrorStream(true)
            .redirectOutput(dump.toFile())
            .start();
    assertThat(print.waitFor()).isZero();
    return Files.readString(dump);
  }

  /** The files that its JVM has open. */
  List<String> openFiles() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(jvm().pid()), "fd"))) {
      return open.map(KarafConsole::target).toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException closed) {
      return "";
    }
  }

  /** The start script replaces itself by the JVM, or waits for it. */
  private ProcessHandle jvm() {
    return process
        .descendants()
        .filter(child -> child.info().command().orElse("").endsWith("java"))
        .findFirst()
        .orElse(process.toHandle());
  }

  /** Its log. */
  String log() throws IOException {
    return Files.readString(home.resolve("data/log/karaf.log"));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (process.isAlive()) {
      keyboard.write("shutdown -f\n");
      keyboard.flush();
    }
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
