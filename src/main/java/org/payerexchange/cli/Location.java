package org.payerexchange.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.payerexchange.boot.PayerExchange;
import org.payerexchange.boot.Settings;
import org.payerexchange.boot.SettingsCheck;
import org.payerexchange.boot.Setup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Where a command finds the configuration and the routes: beside the start script. */
public final class Location {
  /** System property, set by the start script: the unpacked distribution. */
  private static final String HOME = "payer-exchange.home";

  /** System property, set in the container image: where configuration is mounted. */
  private static final String MOUNTED_CONFIG = "payer-exchange.config";

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "DIR",
      description =
          "Folder with application.properties, payers.properties and conf.d (default: the distribution's config).")
  private Path config;

  private final Optional<Running> running;

  /** Of a process of its own. */
  Location() {
    this(Optional.empty());
  }

  /** In the JVM where the routes run, or are to run. */
  public Location(Running running) {
    this(Optional.of(running));
  }

  private Location(Optional<Running> running) {
    this.running = running;
  }

  /** The routes that run in this JVM. */
  Optional<PayerExchange> running() {
    return running.flatMap(Running::bundle);
  }

  /** Whether this JVM is here for the command alone. */
  boolean ownProcess() {
    return running.isEmpty();
  }

  /** The ledger: of the routes that run here, or as {@link Desk#open} reaches it. */
  Desk desk() throws Exception {
    Optional<PayerExchange> here = running();
    return here.isPresent() ? LedgerDesk.of(here.get()) : Desk.open(quiet());
  }

  /** The folders, and nothing overridden. */
  public Setup setup() {
    if (running.isPresent()) {
      return running.get().setup();
    }
    if (config != null && !Files.isDirectory(config)) {
      throw new ParameterException(spec.commandLine(), "--config: no such folder: " + config);
    }
    Optional<Path> home = folder(HOME);
    return new Setup(
        Optional.ofNullable(config)
            .or(() -> folder(MOUNTED_CONFIG))
            .or(() -> home.map(folder -> folder.resolve("config"))),
        home.map(folder -> folder.resolve("routes")));
  }

  private static Optional<Path> folder(String property) {
    return Optional.ofNullable(System.getProperty(property)).map(Path::of);
  }

  /** The same for commands whose answer is what they print: only warnings are logged, to stderr. */
  Setup quiet() {
    if (running.isPresent()) {
      return running.get().setup();
    }
    System.setProperty("p2p.log.level", "WARN");
    System.setProperty("p2p.log.target", "System.err");
    return setup();
  }

  /**
   * Reads the settings of such a command, once none of their names is misspelt.
   *
   * @throws IllegalArgumentException naming the first that nobody reads
   */
  <T> T read(Function<Settings, T> reader) {
    return quiet()
        .read(
            settings -> {
              new SettingsCheck(settings).requireNames();
              return reader.apply(settings);
            });
  }
}
