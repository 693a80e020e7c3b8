package org.payerexchange.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;

/**
 * The bundle in this JVM: Camel Main with the routes, the beans and the settings of a {@link
 * Setup}. It installs no JVM shutdown hook; whoever starts it closes it.
 */
public final class PayerExchange implements AutoCloseable {
  private final Main main;

  private PayerExchange(Main main) {
    this.main = main;
  }

  /**
   * Starts the bundle and returns once its routes run.
   *
   * @throws Exception what a route file, a bean or a setting is refused for; nothing keeps running
   *     then
   */
  public static PayerExchange start(Setup setup) throws Exception {
    Main main = new Main();
    main.setAppName("Payer Exchange");
    main.setShutdownStrategy(new SimpleMainShutdownStrategy());
    main.configure().withBasePackageScan(null).withRoutesIncludePattern(routes(setup));
    setup.config().ifPresent(folder -> main.setPropertyPlaceholderLocations(locations(folder)));
    Properties overrides = new Properties();
    overrides.putAll(setup.overrides());
    main.setOverrideProperties(overrides);
    main.addMainListener(new SettingsListener());
    PayerExchange bundle = new PayerExchange(main);
    try {
      main.start();
    } catch (Exception | Error e) {
      bundle.close();
      throw e;
    }
    return bundle;
  }

  /** The running context, for its registry, its routes and its health checks. */
  public CamelContext context() {
    return main.getCamelContext();
  }

  /**
   * Stops taking in and claiming work, and waits for what is in flight as long as {@code
   * p2p.shutdown.timeout} allows.
   */
  @Override
  public void close() {
    main.shutdown();
  }

  /** Camel takes a key from the first location that has it. */
  private static String locations(Path folder) {
    return String.join(
        ",",
        "file:" + folder.resolve("payers.properties") + ";optional=true",
        "file:" + folder.resolve("application.properties") + ";optional=true",
        "classpath:application.properties");
  }

  private static String routes(Setup setup) {
    return setup
        .routes()
        .filter(PayerExchange::holdsRoutes)
        .map(folder -> "file:" + folder + "/*.camel.yaml")
        .orElse("classpath:routes/*.camel.yaml");
  }

  private static boolean holdsRoutes(Path folder) {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (var files = Files.newDirectoryStream(folder, "*.camel.yaml")) {
      return files.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Applies the settings that decide what Camel Main loads and how long it may take to stop. */
  private static final class SettingsListener extends MainListenerSupport {
    @Override
    public void beforeConfigure(BaseMainSupport main) {
      CamelContext context = main.getCamelContext();
      context.getRegistry().bind("camelContext", context);
      Settings settings = new Settings(context);
      new SettingsCheck(settings).require();

      List<String> off = new ArrayList<>();
      if (settings.find("p2p.jms.url").isEmpty()) {
        off.add("*/intake-jms.camel.yaml");
      }
      Optional<Integer> opsPort = settings.find("p2p.ops.port").map(Integer::valueOf);
      if (opsPort.isEmpty()) {
        off.add("*/ops.camel.yaml");
      }
      main.configure()
          .withRoutesExcludePattern(String.join(",", off))
          .withShutdownTimeout((int) settings.duration("p2p.shutdown.timeout").toSeconds());
      main.configure().httpServer().setEnabled(opsPort.isPresent());
      opsPort.ifPresent(
          port ->
              main.configure().httpServer().withHost(settings.text("p2p.ops.host")).withPort(port));
    }
  }
}
