package org.payerexchange.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** A JVM of its own with this one's class path; it ends when it is closed. */
public final class JavaProcess implements AutoCloseable {
  private static final long SECONDS_TO_END = 20;

  private final Process process;
  private final BufferedReader out;
  private final Writer in;

  private JavaProcess(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
    this.in = process.outputWriter(StandardCharsets.UTF_8);
  }

  /**
   * Options of a JVM that is over after a few seconds: like this one, it compiles as little as it
   * can, and collects without threads of their own.
   */
  public static List<String> brief(String... more) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:MetaspaceSize=256m",
                "-Duser.timezone=UTC"));
    options.addAll(List.of(more));
    return options;
  }

  /**
   * Starts it.
   *
   * @param folder its working directory, where its standard error becomes {@code errors.log}
   * @param jvm options of the JVM
   */
  public static JavaProcess start(
      Path folder, List<String> jvm, Class<?> main, List<String> arguments) throws IOException {
    return start(folder, jvm, main.getName(), arguments);
  }

  /** The same, with the main class by its name. */
  public static JavaProcess start(
      Path folder, List<String> jvm, String main, List<String> arguments) throws IOException {
    return start(folder, jvm, System.getProperty("java.class.path"), main, arguments);
  }

  /** The same, with another class path. */
  public static JavaProcess start(
      Path folder, List<String> jvm, String classPath, String main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.add("-cp");
    command.add(classPath);
    command.add(main);
    command.addAll(arguments);
    Files.createDirectories(folder);
    return new JavaProcess(
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("errors.log").toFile()))
            .start());
  }

  /** The next line that it prints. */
  public String line() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException(
          "the process has ended by %d, its errors.log may say why"
              .formatted(process.onExit().join().exitValue()));
    }
    return line;
  }

  /** Sends it a line. */
  public void send(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
  }

  /** Whether it has not ended yet. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Its exit code, once it has ended by itself. */
  public int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  /**
   * Asks it to end, by SIGTERM where there are signals.
   *
   * @return its exit code, or empty if it has not ended in time
   */
  public OptionalInt terminate(Duration within) throws InterruptedException {
    process.destroy();
    return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)
        ? OptionalInt.of(process.exitValue())
        : OptionalInt.empty();
  }

  /** Ends it at once, by SIGKILL where there are signals; returns when it is gone. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Has it stand still, by SIGSTOP; it can still be killed. */
  public void standStill() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Has it go on, by SIGCONT. */
  public void goOn() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    if (kill.waitFor() != 0) {
      throw new IOException("the process cannot be sent " + name);
    }
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
