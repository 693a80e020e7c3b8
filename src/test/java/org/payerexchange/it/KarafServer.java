package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.support.FreePort;

/**
 * A real Karaf in a process of its own, and its {@code bin/client} as an operator's script uses it.
 */
final class KarafServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String BOOT_FEATURES =
      "ssh, log, framework, system, feature, shell, deployer, bundle, config, kar";

  /** Of Java, as the JDK prints it; those of the JVM itself have no number. */
  private static final Pattern THREAD = Pattern.compile("(?m)^\"(.*)\" #\\d");

  private final Path home;
  private final Process process;

  private KarafServer(Path home, Process process) {
    this.home = home;
    this.process = process;
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
   * Starts it, and returns once it takes commands.
   *
   * @param home the unpacked distribution
   * @param variables what its environment has besides ours
   */
  static KarafServer start(Path home, Map<String, String> variables) throws IOException {
    // without management, which would open ports
    rewrite(
        home.resolve("etc/org.apache.karaf.features.cfg"),
        "(?s)featuresBoot = .*?\n\n",
        "featuresBoot = " + BOOT_FEATURES + "\n\n");
    Path shell = home.resolve("etc/org.apache.karaf.shell.cfg");
    rewrite(shell, "(?m)^sshPort.*$", "sshPort = " + FreePort.find());
    rewrite(shell, "(?m)^sshHost.*$", "sshHost = 127.0.0.1");
    rewrite(home.resolve("etc/users.properties"), "(?m)^#(karaf|_g_.*admingroup) = ", "$1 = ");
    ProcessBuilder builder = builder(home, "bin/karaf", "server");
    builder.environment().putAll(variables);
    Path output = home.resolve("server.txt");
    KarafServer server =
        new KarafServer(
            home, builder.redirectErrorStream(true).redirectOutput(output.toFile()).start());
    await().atMost(PATIENCE).until(() -> server.takes("shell:echo up"));
    return server;
  }

  private static void rewrite(Path file, String old, String replacement) throws IOException {
    Files.writeString(file, Files.readString(file).replaceAll(old, replacement));
  }

  private static ProcessBuilder builder(Path home, String... command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // the server's JVM, and that of each session
    builder.environment().put("EXTRA_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
    return builder;
  }

  /**
   * Gives commands in one session; returns what they printed.
   *
   * @throws AssertionError if one of them failed
   */
  String run(String... commands) throws IOException {
    Path printed = home.resolve("client.txt");
    int status = give(printed, commands);
    String text = Files.readString(printed).replaceAll("\u001b\\[[0-9;?]*[A-Za-z]", "");
    assertThat(status).as(text).isZero();
    return text;
  }

  /** Whether a command succeeds. */
  boolean takes(String command) throws IOException {
    return give(home.resolve("client.txt"), command) == 0;
  }

  private int give(Path printed, String... commands) throws IOException {
    Path typed = Files.write(home.resolve("commands.txt"), List.of(commands));
    Process client =
        builder(home, "bin/client", "-b", "-u", "karaf", "-p", "karaf")
            .redirectInput(typed.toFile())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    return client.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join().exitValue();
  }

  /** The names of its threads, without numbers. */
  Set<String> threads() throws IOException, InterruptedException {
    Path dump = home.resolve("threads.txt");
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process print =
        new ProcessBuilder(List.of(jcmd, Long.toString(jvm().pid()), "Thread.print"))
            .redirectErrorStream(true)
            .redirectOutput(dump.toFile())
            .start();
    assertThat(print.waitFor()).isZero();
    return THREAD
        .matcher(Files.readString(dump))
        .results()
        .map(thread -> thread.group(1).replaceAll("\\d+", "#"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The files that its JVM has open. */
  List<String> openFiles() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(jvm().pid()), "fd"))) {
      return open.map(KarafServer::target).toList();
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

  /** What lies in its folder for temporary files. */
  Set<String> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("data/tmp"))) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    builder(home, "bin/stop").start().waitFor();
    boolean stopped = process.waitFor(60, TimeUnit.SECONDS);
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    assertThat(stopped).as("it stops").isTrue();
  }
}
