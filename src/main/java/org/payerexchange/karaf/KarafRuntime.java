package org.payerexchange.karaf;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.ManagedService;
import org.payerexchange.boot.Classes;
import org.payerexchange.boot.Environment;
import org.payerexchange.boot.Failures;
import org.payerexchange.boot.PayerExchange;
import org.payerexchange.boot.Setup;
import org.payerexchange.cli.Running;
import org.payerexchange.step.Backoff;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the routes running under the configuration that Karaf last gave, and tries again later
 * where they do not start: a database or a broker may come up after Karaf. All starts and stops
 * happen on one thread, one after the other.
 */
final class KarafRuntime implements ManagedService, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KarafRuntime.class);
  private static final long MINUTES_TO_STOP = 5;
  private static final Backoff UNTIL_NEXT_START =
      new Backoff(Duration.ofSeconds(2), Duration.ofMinutes(1));

  private final Bundle bundle;
  private final ScheduledThreadPoolExecutor turns =
      new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "payer-exchange"));
  private final AtomicReference<Optional<Setup>> wanted = new AtomicReference<>();
  private volatile PayerExchange running;
  private volatile Setup setup;
  private Future<?> nextStart = CompletableFuture.completedFuture(null);

  KarafRuntime(Bundle bundle) {
    this.bundle = bundle;
    // a start that was given up would keep the executor from ending until its time had come
    turns.setRemoveOnCancelPolicy(true);
  }

  /** A new configuration; null while there is none. */
  @Override
  public void updated(Dictionary<String, ?> properties) {
    wanted.set(Optional.ofNullable(properties).map(this::setup));
    turns.execute(this::restart);
  }

  /** Once for all the changes that have come meanwhile. */
  private void restart() {
    Optional<Setup> next = wanted.getAndSet(null);
    if (next != null) {
      stop();
      setup = next.orElse(null);
      next.ifPresent(given -> start(given, 0));
    }
  }

  /**
   * For commands that ask beside the routes.
   *
   * @throws IllegalStateException if there is no configuration yet
   */
  Running running() {
    Setup given = setup;
    if (given == null) {
      throw new IllegalStateException("there is no etc/%s.cfg".formatted(KarafActivator.PID));
    }
    return new Running(given, Optional.ofNullable(running));
  }

  @Override
  public void close() {
    turns.execute(this::stop);
    turns.execute(KarafRuntime::release);
    turns.shutdown();
    try {
      if (!turns.awaitTermination(MINUTES_TO_STOP, TimeUnit.MINUTES)) {
        LOG.error("The routes do not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void start(Setup next, int failures) {
    long begin = System.nanoTime();
    try {
      running = Classes.ofTheBundle(() -> PayerExchange.start(withRoutes(next)));
      LOG.info("Payer Exchange started within {}", Duration.ofNanos(System.nanoTime() - begin));
    } catch (Exception | LinkageError e) {
      Duration wait = UNTIL_NEXT_START.after(failures);
      LOG.error("Payer Exchange does not start: {}; again in {}", Failures.inOneLine(e), wait);
      nextStart =
          turns.schedule(() -> start(next, failures + 1), wait.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void stop() {
    nextStart.cancel(false);
    if (running != null) {
      PayerExchange old = running;
      running = null;
      try {
        Classes.ofTheBundle(old::close);
      } catch (RuntimeException e) {
        LOG.error("Payer Exchange did not stop in order: {}", Failures.inOneLine(e));
      }
    }
  }

  /** What libraries keep for the life of a JVM, which goes on here without this bundle. */
  private static void release() {
    ActiveMQClient.clearThreadPools();
    for (Driver driver : Collections.list(DriverManager.getDrivers())) {
      if (driver.getClass().getClassLoader() == KarafRuntime.class.getClassLoader()) {
        try {
          DriverManager.deregisterDriver(driver);
        } catch (SQLException e) {
          LOG.warn("A database driver stays registered: {}", driver.getClass().getName());
        }
      }
    }
  }

  private Setup setup(Dictionary<String, ?> properties) {
    Map<String, String> overrides = new HashMap<>();
    for (String key : Collections.list(properties.keys())) {
      if ((key.startsWith("p2p.") || key.startsWith("camel.")) && !isInEnvironment(key)) {
        overrides.put(key, String.valueOf(properties.get(key)));
      }
    }
    Optional<Path> own =
        Optional.ofNullable(bundle.getBundleContext().getProperty("karaf.etc"))
            .map(etc -> Path.of(etc, "payer-exchange"));
    return new Setup(own, own.map(etc -> etc.resolve("routes")), List.of("*"), overrides);
  }

  private static boolean isInEnvironment(String key) {
    return System.getenv(Environment.variable(key)) != null;
  }

  /**
   * A bundle's class path cannot be searched for files, so its routes are named one by one, and the
   * operator's among them.
   */
  private Setup withRoutes(Setup given) throws IOException {
    Set<String> files = new TreeSet<>();
    for (URL url : Collections.list(bundle.findEntries("routes", "*" + Setup.ROUTE_FILE, false))) {
      files.add(url.getPath());
    }
    if (given.routes().filter(Files::isDirectory).isPresent()) {
      try (Stream<Path> own = Files.list(given.routes().orElseThrow())) {
        own.map(Path::toString).filter(file -> file.endsWith(Setup.ROUTE_FILE)).forEach(files::add);
      }
    }
    return given.withRoutes(
        files.stream()
            .map(file -> file.substring(file.lastIndexOf('/') + 1))
            .map(name -> name.substring(0, name.length() - Setup.ROUTE_FILE.length()))
            .distinct()
            .toArray(String[]::new));
  }
}
