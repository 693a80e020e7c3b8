package org.payerexchange.ops;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckHelper;

/**
 * The status of the process and nothing else, for who has no key: the very checks that Camel's own
 * health paths tell in detail. However many ask at once, the checks run once.
 */
final class HealthStatus {
  private static final String LIVE = "/live";
  private static final String READY = "/ready";

  /** Of Camel Main, and of Camel Quarkus, where a pod is asked as well whether it has started. */
  private static final Map<String, Predicate<CamelContext>> PATHS =
      Map.of(
          "/observe/health" + LIVE,
          HealthStatus::isLive,
          "/observe/health" + READY,
          HealthStatus::isReady,
          "/q/health" + LIVE,
          HealthStatus::isLive,
          "/q/health" + READY,
          HealthStatus::isReady,
          "/q/health/started",
          CamelContext::isStarted);

  private final CamelContext camel;
  private final Map<String, Future<Boolean>> running = new ConcurrentHashMap<>();

  HealthStatus(CamelContext camel) {
    this.camel = camel;
  }

  /** Whether the process is up, for a path that asks for it; empty for any other path. */
  Optional<Future<Boolean>> of(String path) {
    return Optional.ofNullable(PATHS.get(path)).map(isUp -> once(path, isUp));
  }

  private Future<Boolean> once(String path, Predicate<CamelContext> isUp) {
    Future<Boolean> asked = running.get(path);
    if (asked == null) {
      asked = Vertx.currentContext().executeBlocking(() -> isUp.test(camel), false);
      running.put(path, asked);
      asked.onComplete(done -> running.remove(path));
    }
    return asked;
  }

  private static boolean isLive(CamelContext camel) {
    return HealthCheckHelper.isResultsUp(HealthCheckHelper.invokeLiveness(camel), false);
  }

  private static boolean isReady(CamelContext camel) {
    return HealthCheckHelper.isResultsUp(HealthCheckHelper.invokeReadiness(camel), true);
  }
}
