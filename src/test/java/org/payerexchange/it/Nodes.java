package org.payerexchange.it;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.payerexchange.bench.BenchedBundle;
import org.payerexchange.support.JavaProcess;

/**
 * Several nodes: each the real bundle in a JVM of its own, all with the same settings. They end
 * with the process that started them.
 */
final class Nodes implements AutoCloseable {
  private static final List<String> JVM =
      JavaProcess.brief("-Xmx192m", "-Dp2p.log.target=System.err");

  private final Path folder;
  private final List<String> settings;
  private final List<JavaProcess> processes = new ArrayList<>();

  /**
   * Names them; none is started.
   *
   * @param folder holds a working directory for each, with its log
   * @param settings as {@code key=value}
   */
  Nodes(Path folder, List<String> settings) {
    this.folder = folder;
    this.settings = List.copyOf(settings);
  }

  /** Starts so many side by side, and returns once all run. */
  void start(int count) throws IOException {
    for (int node = 0; node < count; node++) {
      processes.add(launch(node));
    }
    for (JavaProcess process : processes) {
      awaitReady(process);
    }
  }

  /** Ends one by SIGKILL. */
  void kill(int node) {
    processes.get(node).kill();
  }

  /** The name under which one has its leases. */
  String name(int node) throws IOException {
    processes.get(node).send("node");
    return processes.get(node).line();
  }

  /** The number that a query of the ledger finds; an H2 is the node's own while it runs. */
  long ask(int node, String query) throws IOException {
    processes.get(node).send("ask " + query.replace('\n', ' '));
    return Long.parseLong(processes.get(node).line().replace(",", ""));
  }

  /** Has one stand still, by SIGSTOP. */
  void standStill(int node) throws IOException, InterruptedException {
    processes.get(node).standStill();
  }

  /** Has one go on that stood still. */
  void goOn(int node) throws IOException, InterruptedException {
    processes.get(node).goOn();
  }

  /** Starts one again, and returns once it runs. */
  void restart(int node) throws IOException {
    processes.set(node, launch(node));
    awaitReady(processes.get(node));
  }

  /** Asks all to end, and returns once they have. */
  void stop() throws IOException {
    for (JavaProcess process : processes) {
      process.close();
    }
  }

  private JavaProcess launch(int node) throws IOException {
    return JavaProcess.start(folder.resolve("node-" + node), JVM, BenchedBundle.class, settings);
  }

  private static void awaitReady(JavaProcess process) throws IOException {
    while (!process.line().equals("ready")) {}
  }

  /** Ends all at once. */
  @Override
  public void close() {
    processes.forEach(JavaProcess::kill);
  }
}
