package org.payerexchange.karaf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.payerexchange.boot.Classes;
import org.payerexchange.cli.Launcher;
import org.payerexchange.cli.Location;
import picocli.CommandLine;

/**
 * The commands of Karaf's shell, as methods that the shell finds by their names: those of the
 * launcher, with the configuration of the running bundle.
 */
public final class KarafCommands {
  /** The methods that are commands. */
  static final String[] FUNCTIONS = {
    "status",
    "report",
    "retry",
    "cancel",
    "now",
    "pause",
    "resume",
    "recurring",
    "forget",
    "check",
    "keys"
  };

  private final KarafRuntime runtime;

  KarafCommands(KarafRuntime runtime) {
    this.runtime = runtime;
  }

  /** {@code payer-exchange:status [TRANSFER] [--failed] [--source FILE] [--json]}. */
  public void status(String... arguments) throws Exception {
    run("status", arguments);
  }

  /** {@code payer-exchange:retry [TRANSFER | --payer X --reason Y]}. */
  public void retry(String... arguments) throws Exception {
    run("retry", arguments);
  }

  /** {@code payer-exchange:cancel TRANSFER}. */
  public void cancel(String... arguments) throws Exception {
    run("cancel", arguments);
  }

  /** {@code payer-exchange:report --from DATE --to DATE}. */
  public void report(String... arguments) throws Exception {
    run("report", arguments);
  }

  /** {@code payer-exchange:now TRANSFER}. */
  public void now(String... arguments) throws Exception {
    run("now", arguments);
  }

  /** {@code payer-exchange:pause --payer X | --sink Y}. */
  public void pause(String... arguments) throws Exception {
    run("pause", arguments);
  }

  /** {@code payer-exchange:resume --payer X | --sink Y}. */
  public void resume(String... arguments) throws Exception {
    run("resume", arguments);
  }

  /** {@code payer-exchange:recurring RECURRENCE --every PERIOD | --stop}. */
  public void recurring(String... arguments) throws Exception {
    run("recurring", arguments);
  }

  /** {@code payer-exchange:forget --payer X --request-id ID} or {@code --transfer ID}. */
  public void forget(String... arguments) throws Exception {
    run("forget", arguments);
  }

  /** {@code payer-exchange:check}. */
  public void check(String... arguments) throws Exception {
    run("check", arguments);
  }

  /** {@code payer-exchange:keys new FILE [--algorithm ALG] | show [FILE]}. */
  public void keys(String... arguments) throws Exception {
    run("keys", arguments);
  }

  private void run(String command, String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(Arrays.asList(arguments));
    PrintWriter out = new PrintWriter(System.out, true, UTF_8);
    CommandLine commands =
        Launcher.commandLine(() -> new Location(runtime.running())).setOut(out).setErr(out);
    int code = Classes.ofTheBundle(() -> commands.execute(line.toArray(String[]::new)));
    if (code != CommandLine.ExitCode.OK) {
      throw new IllegalStateException("%s ended with exit code %s".formatted(command, code));
    }
  }
}
