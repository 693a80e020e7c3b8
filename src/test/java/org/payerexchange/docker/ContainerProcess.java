package org.payerexchange.docker;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.payerexchange.support.FreePort;

/** A node of the bundle, run from an {@link ImageTree} as a container would run it. */
public final class ContainerProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final ImageTree tree;
  private final Map<String, String> environment;
  private final Path log;
  private Process process;

  /**
   * Names it; it is not started.
   *
   * @param environment what the container is given; the port of the ops API is a free one
   * @param log its output is added to this file
   */
  public ContainerProcess(ImageTree tree, Map<String, String> environment, Path log)
      throws IOException {
    this.tree = tree;
    this.log = log;
    this.environment = new HashMap<>(environment);
    this.environment.put("P2P_OPS_HOST", "127.0.0.1");
    this.environment.put("P2P_OPS_PORT", Integer.toString(FreePort.find()));
  }

  /** Starts it by the image's entry point and command. */
  public void start() throws IOException {
    process =
        tree.run(List.of(), environment)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  /** Waits until the image's health check finds it well. */
  public void awaitHealthy() {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(300))
        .until(
            () -> {
              if (!process.isAlive()) {
                throw new IllegalStateException("it has ended:\n" + output());
              }
              return isHealthy();
            });
  }

  /** What the image's health check says. */
  public boolean isHealthy() throws IOException, InterruptedException {
    return tree.healthCheck(environment)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  /** Sends SIGTERM, and returns the exit code. */
  public int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("it does not stop");
    }
    return process.exitValue();
  }

  /** What it has printed. */
  public String output() throws IOException {
    return Files.readString(log);
  }

  /** Ends it at once if it still runs. */
  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly().onExit().join();
    }
  }
}
