package org.payerexchange.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.payerexchange.boot.Failures;
import org.payerexchange.boot.LedgerConfiguration;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.ledger.store.LedgerCopy;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.step.Causes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ledger}: what is done with an embedded ledger as a whole, while nothing runs on it. */
@Command(
    name = "ledger",
    description =
        "Copies an embedded ledger to PostgreSQL or into a file, while no process runs on it.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true)
final class LedgerCommand implements Runnable {
  private static final String PASSWORD = "P2P_LEDGER_TO_PASSWORD";
  private static final int CONNECTIONS = 2;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say copy or backup.");
  }

  @Command(
      name = "copy",
      description = {
        "Copies the H2 ledger of p2p.database.url into an empty one on PostgreSQL, and counts each table on both sides.",
        "The password of that database is taken from the environment: " + PASSWORD + ".",
        "Where anything is missing, nothing is left there. What is copied stays as it is."
      },
      mixinStandardHelpOptions = true)
  int copy(
      @Mixin Location location,
      @Option(
              names = "--to",
              required = true,
              paramLabel = "URL",
              description =
                  "jdbc:postgresql://host/name, of a database without a ledger, or with one that holds nothing.")
          String url,
      @Option(names = "--user", paramLabel = "USER", description = "Of that database.")
          String user) {
    if (!url.startsWith("jdbc:postgresql:")) {
      throw new ParameterException(spec.commandLine(), "--to: must be like jdbc:postgresql://…");
    }
    if (url.contains("password=")) {
      throw new ParameterException(
          spec.commandLine(), "--to: the password belongs into the variable " + PASSWORD);
    }
    List<LedgerCopy.Count> counts;
    try (LedgerDatabase from = embedded(location);
        LedgerDatabase to = target(url, user)) {
      counts = copied(from, to);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%-20s %12s %12s%n", "table", "here", "there");
    counts.forEach(
        count ->
            out.printf(
                "%-20s %12d %12d%s%n",
                count.table(), count.from(), count.to(), count.same() ? "" : "  differs"));
    boolean same = counts.stream().allMatch(LedgerCopy.Count::same);
    if (same) {
      out.println(
          "All is copied. Set p2p.database.url, .user and .password to it, and start nothing on the old ledger any more.");
    } else {
      spec.commandLine()
          .getErr()
          .println("payer-exchange: the counts differ: nothing was left in the other database");
    }
    out.flush();
    return same ? 0 : 1;
  }

  @Command(
      name = "backup",
      description =
          "Writes the H2 ledger of p2p.database.url into a zip that its owner alone may read.",
      mixinStandardHelpOptions = true)
  int backup(
      @Mixin Location location,
      @Parameters(
              index = "0",
              paramLabel = "FILE",
              description = "Where it is written; a file that exists is left alone.")
          Path file)
      throws IOException {
    try (LedgerDatabase from = embedded(location)) {
      write(from, file);
    }
    spec.commandLine()
        .getOut()
        .println("The ledger is in %s, %,d bytes.".formatted(file, Files.size(file)));
    return 0;
  }

  private void write(LedgerDatabase from, Path file) throws IOException {
    if (Files.exists(file)) {
      throw new ParameterException(
          spec.commandLine(), "There is a file '%s' already.".formatted(file));
    }
    Path whole = file.toAbsolutePath();
    Path unfinished = AtomicFiles.unfinished(whole);
    Files.deleteIfExists(unfinished);
    PrivateFiles.createNew(unfinished).close();
    new AtomicFiles(true).write(whole, to -> from.backUp(unfinished));
  }

  /** The configured ledger, which nobody else has open until it is closed. */
  private static LedgerDatabase embedded(Location location) {
    if (location.running().isPresent()) {
      throw new IllegalStateException("the ledger is in use by the routes that run here");
    }
    try {
      return location.read(
          settings -> {
            if (!settings.text("p2p.database.url").startsWith("jdbc:h2:")) {
              throw new IllegalArgumentException("p2p.database.url: is no H2 ledger");
            }
            return LedgerConfiguration.existing(settings);
          });
    } catch (RuntimeException e) {
      if (Failures.isDatabaseInUse(e)) {
        throw new IllegalStateException(
            "p2p.database.url: a process runs on this ledger; stop it first");
      }
      throw e;
    }
  }

  private static LedgerDatabase target(String url, String user) {
    String password = System.getenv(PASSWORD);
    try {
      return LedgerDatabase.open(url, user, password == null ? "" : password, CONNECTIONS);
    } catch (RuntimeException e) {
      throw ofTarget(e, "; look at --to, --user and " + PASSWORD);
    }
  }

  private static List<LedgerCopy.Count> copied(LedgerDatabase from, LedgerDatabase to) {
    try {
      return new LedgerCopy(from, to).run();
    } catch (RuntimeException e) {
      throw ofTarget(e, "");
    }
  }

  /** Without its cause, of which it would be said that it is about the configured database. */
  private static IllegalStateException ofTarget(RuntimeException failure, String advice) {
    Throwable root = Causes.innermost(failure);
    return new IllegalStateException(
        "nothing is copied to the ledger of --to: "
            + String.valueOf(root.getMessage()).lines().findFirst().orElse("")
            + advice);
  }
}
