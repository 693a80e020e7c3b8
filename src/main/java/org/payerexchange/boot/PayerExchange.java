package org.payerexchange.boot;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.apache.camel.support.service.ServiceHelper;
import org.payerexchange.delivery.SinkEndpoints;
import org.payerexchange.ops.FrontDoor;
import org.payerexchange.ops.MalformedRequests;
import org.payerexchange.ops.WordedRefusals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bundle in this JVM: Camel Main with the routes, the beans and the settings of a {@link
 * Setup}. It installs no JVM shutdown hook; whoever starts it closes it.
 */
public final class PayerExchange implements AutoCloseable {
  private static final int FIRST = -1;
  private static final Logger LOG = LoggerFactory.getLogger(PayerExchange.class);

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
    long begin = System.nanoTime();
    RouteFiles files = new RouteFiles();
    Main main = new OwnClasses(setup.environment(), files);
    main.setAppName("Payer Exchange");
    main.setShutdownStrategy(new SimpleMainShutdownStrategy());
    main.configure()
        .withBasePackageScan(null)
        .withAutoConfigurationEnvironmentVariablesEnabled(setup.environment())
        .withRoutesIncludePattern(setup.routesIncludePattern());
    setup.locations().ifPresent(main::setPropertyPlaceholderLocations);
    main.setOverrideProperties(setup.overrideProperties());
    main.addMainListener(new SettingsListener(files));
    PayerExchange bundle = new PayerExchange(main);
    try {
      main.start();
      bundle.addOwnMetrics();
      bundle.refuseMalformedRequests();
      bundle.tellWhereItListens();
      LOG.info(
          "started in {}",
          Duration.ofNanos(System.nanoTime() - begin).truncatedTo(ChronoUnit.MILLIS));
    } catch (Exception | Error e) {
      Optional<IllegalArgumentException> located = bundle.located(e);
      bundle.close();
      bundle.destroyBeans();
      if (located.isPresent()) {
        throw located.get();
      }
      throw e;
    }
    return bundle;
  }

  private Optional<IllegalArgumentException> located(Throwable failure) {
    return context() == null ? Optional.empty() : RouteFailures.located(failure, context());
  }

  /** A context that failed to start stops nothing; its beans have connections and threads. */
  private void destroyBeans() {
    if (context() != null) {
      ServiceHelper.stopService(context().getRegistry());
    }
  }

  /**
   * Figures that are read when they are asked for, most from the ledger; there is a registry with
   * ops.
   */
  private void addOwnMetrics() {
    PrometheusMeterRegistry registry =
        context().getRegistry().findSingleByType(PrometheusMeterRegistry.class);
    if (registry != null) {
      PrometheusRegistry own = registry.getPrometheusRegistry();
      context().getRegistry().findByType(MultiCollector.class).forEach(own::register);
      context().getRegistry().findByType(Collector.class).forEach(own::register);
    }
  }

  private void tellWhereItListens() {
    Settings settings = new Settings(context());
    OpsSettings.of(settings)
        .map(ops -> ops.words(context().hasService(OpsServer.class).getPort()))
        .ifPresent(LOG::info);
  }

  private void refuseMalformedRequests() {
    Set<VertxPlatformHttpRouter> routers =
        context().getRegistry().findByType(VertxPlatformHttpRouter.class);
    WordedRefusals words =
        new WordedRefusals(routers.stream().flatMap(each -> each.getRoutes().stream()).toList());
    for (VertxPlatformHttpRouter router : routers) {
      router.route().order(FIRST).failureHandler(new MalformedRequests());
      WordedRefusals.WORDS.keySet().forEach(status -> router.errorHandler(status, words));
    }
  }

  /** The running context, for its registry, its routes and its health checks. */
  public CamelContext context() {
    return main.getCamelContext();
  }

  /**
   * A bean of {@code routes/beans.camel.yaml}.
   *
   * @throws IllegalArgumentException if there is none of this name and type
   */
  public <T> T bean(String name, Class<T> type) {
    T bean = context().getRegistry().lookupByNameAndType(name, type);
    if (bean == null) {
      throw new IllegalArgumentException("there is no bean " + name);
    }
    return bean;
  }

  /**
   * Starts the routes of one file, where none starts by itself.
   *
   * @param file such as {@code payer-call}
   */
  public void startRoutes(String file) throws Exception {
    for (Route route : context().getRoutes()) {
      if (route.getSourceResource().getLocation().endsWith("/" + file + Setup.ROUTE_FILE)) {
        context().getRouteController().startRoute(route.getId());
      }
    }
  }

  /** How long work in flight may take to finish when this is closed. */
  public Duration shutdownTimeout() {
    return new Settings(context()).duration("p2p.shutdown.timeout");
  }

  /**
   * Stops taking in and claiming work, and waits for what is in flight as long as {@code
   * p2p.shutdown.timeout} allows.
   */
  @Override
  public void close() {
    main.shutdown();
    LOG.info("stopped");
  }

  /** Camel finds classes where this bundle's are, whatever runs it. */
  private static final class OwnClasses extends Main {
    private final boolean environment;

    OwnClasses(boolean environment, RouteFiles files) {
      this.environment = environment;
      setRoutesCollector(files);
    }

    @Override
    protected CamelContext createCamelContext() {
      CamelContext context = super.createCamelContext();
      context.setApplicationContextClassLoader(PayerExchange.class.getClassLoader());
      Environment.of(context, environment);
      return context;
    }
  }

  /** Applies the settings that decide what Camel Main loads and how long it may take to stop. */
  private static final class SettingsListener extends MainListenerSupport {
    private final RouteFiles files;

    SettingsListener(RouteFiles files) {
      this.files = files;
    }

    @Override
    public void beforeConfigure(BaseMainSupport main) {
      CamelContext context = main.getCamelContext();
      // where Camel K names its mounts (cloud-properties-location), Camel has put them among these,
      // but the setup reads them itself, so that the environment still wins
      context.getPropertiesComponent().setOverrideProperties(main.getOverrideProperties());
      context.getRegistry().bind("camelContext", context);
      context.getManagementStrategy().addEventNotifier(new FailureLog());
      Settings settings = new Settings(context);
      new SettingsCheck(settings).require();

      // a class path that is a folder is searched with its subfolders
      List<String> off = new ArrayList<>(List.of("**/routes/sandbox/*"));
      if (settings.find("p2p.jms.url").isEmpty()) {
        off.add("**/intake-jms.camel.yaml");
      }
      if (settings.find("p2p.deliver.fhir.base-url").isEmpty()) {
        off.add("**/deliver-fhir.camel.yaml");
      }
      Optional<OpsSettings> ops = OpsSettings.of(settings);
      if (ops.isEmpty()) {
        off.add("**/ops.camel.yaml");
      }
      main.configure()
          .withRoutesExcludePattern(String.join(",", off))
          .withShutdownTimeout(wholeSeconds(settings.duration("p2p.shutdown.timeout")));
      main.addOverrideProperty("camel.management.enabled", String.valueOf(ops.isPresent()));
      ops.ifPresent(port -> open(main, settings, port));
    }

    /** Now all routes and beans are known that a sink's URI may name. */
    @Override
    public void afterConfigure(BaseMainSupport main) {
      CamelContext context = main.getCamelContext();
      files.requireTargets(context);
      new SinkEndpoints(new Settings(context).sinks()).requireUsable(context);
      StartBlock.tell(context);
    }

    /** Camel's health and metrics go to the server that is there at their port. */
    private static void open(BaseMainSupport main, Settings settings, OpsSettings ops) {
      requireFree(ops.host(), ops.port());
      ops.observePort().ifPresent(port -> requireFree(ops.host(), port));
      main.addOverrideProperty("camel.management.host", ops.host());
      main.addOverrideProperty("camel.management.port", String.valueOf(ops.port()));
      CamelContext context = main.getCamelContext();
      // by Camel's name for it, which else makes one behind our beans
      context
          .getRegistry()
          .bind("metricsRegistry", new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
      FrontDoor door = OpsConfiguration.door(settings, context);
      context.getRegistry().bind("ownFrontDoor", door);
      try {
        context.addService(new OpsServer(ops, door));
      } catch (Exception e) {
        throw RuntimeCamelException.wrapRuntimeException(e);
      }
    }

    /** Camel takes no part of a second, and zero for a time of its own. */
    private static int wholeSeconds(Duration time) {
      return Math.toIntExact(time.plusMillis(999).toSeconds());
    }

    /** Camel starts all the rest where its HTTP server cannot listen, and only logs that. */
    private static void requireFree(String host, int port) {
      try (ServerSocket probe = new ServerSocket()) {
        probe.bind(new InetSocketAddress(host, port));
      } catch (IOException taken) {
        throw new IllegalArgumentException(
            "p2p.ops.host, p2p.ops.port: %s (%s:%s)".formatted(taken.getMessage(), host, port));
      }
    }
  }
}
