package org.payerexchange.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.payerexchange.boot.Failures;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The command line: {@code bin/payer-exchange}. Exit codes: 0 success, 1 failure, 2 usage. The demo
 * and the sandbox are its commands where their jar is on the class path.
 */
@Command(
    name = "payer-exchange",
    description = "Fetches a new member's history from the member's previous payer.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Launcher.Version.class,
    subcommands = {
      RunCommand.class,
      CheckCommand.class,
      StatusCommand.class,
      ReportCommand.class,
      RetryCommand.class,
      CancelCommand.class,
      NowCommand.class,
      SendCommand.class,
      PauseCommand.class,
      PauseCommand.Resume.class,
      RecurringCommand.class,
      ForgetCommand.class,
      LedgerCommand.class,
      KeysCommand.class,
      PrepareCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Launcher implements Runnable {
  @Spec private CommandSpec spec;

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    // SQL, URLs and file names take the digits of ASCII alone, and some languages have others
    Locale.setDefault(Locale.ROOT);
    System.exit(
        commandLine()
            .setOut(printer(FileDescriptor.out))
            .setErr(printer(FileDescriptor.err))
            .execute(arguments));
  }

  /** In UTF-8, as JSON is and CSV is read, in any locale; tells what it could not write. */
  private static PrintWriter printer(FileDescriptor to) {
    return new PrintWriter(new FileOutputStream(to), true, UTF_8);
  }

  static CommandLine commandLine() {
    return commandLine(Location::new);
  }

  /** The command line with its own way to find the configuration. */
  public static CommandLine commandLine(Supplier<Location> location) {
    CommandLine launcher = new CommandLine(new Launcher(), new Parts(location));
    for (Subcommand more : ServiceLoader.load(Subcommand.class, Launcher.class.getClassLoader())) {
      CommandLine command = new CommandLine(more, new Parts(location));
      more.describe(command.getCommandSpec());
      launcher.addSubcommand(command);
    }
    return launcher
        .registerConverter(LocalDate.class, Launcher::day)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(Launcher::run)
        .setExecutionExceptionHandler(
            (failure, command, arguments) -> {
              command.getErr().println("payer-exchange: " + Failures.inOneLine(failure));
              return CommandLine.ExitCode.SOFTWARE;
            });
  }

  private static int run(ParseResult parsed) {
    int code = new RunLast().execute(parsed);
    CommandLine command = parsed.commandSpec().commandLine();
    if (command.getOut().checkError()) {
      command.getErr().println("payer-exchange: not all that was to be printed could be written");
      return CommandLine.ExitCode.SOFTWARE;
    }
    return code;
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException none) {
      throw new TypeConversionException("'%s' is no day such as 2026-11-27".formatted(text));
    }
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say which command to run.");
  }

  /** Makes the commands and what they share. */
  private record Parts(Supplier<Location> location) implements IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      return type == Location.class
          ? type.cast(location.get())
          : CommandLine.defaultFactory().create(type);
    }
  }

  /** The version in the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Launcher.class.getPackage().getImplementationVersion();
      return new String[] {"payer-exchange " + (version == null ? "(built here)" : version)};
    }
  }
}
