package org.payerexchange.ops;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Says in words why the HTTP server refused a request before any route saw it. */
public final class WordedRefusals implements Handler<RoutingContext> {
  /** By HTTP status. */
  public static final Map<Integer, String> WORDS =
      Map.of(
          400, "the request is malformed",
          404, "there is nothing here",
          405, "this method is not for this address",
          413, "the body is longer than p2p.ops.max-body-bytes allows",
          415,
              "a form is taken nowhere: Content-Type is application/json, application/fhir+json, application/x-ndjson or text/csv",
          500, "internal error");

  private static final int METHOD_NOT_ALLOWED = 405;

  private final List<Route> routes;

  /** Tells of an address that one of these routes has which methods are for it. */
  public WordedRefusals(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  @Override
  public void handle(RoutingContext context) {
    if (context.statusCode() == METHOD_NOT_ALLOWED) {
      context.response().putHeader("Allow", methods(context.request().path()));
    }
    answer(context, context.statusCode());
  }

  private String methods(String path) {
    return routes.stream()
        .filter(route -> route.methods() != null && route.getPath() != null)
        .filter(route -> path.matches(route.getPath().replaceAll(":[^/]+", "[^/]+")))
        .flatMap(route -> route.methods().stream())
        .map(HttpMethod::name)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }

  static void answer(RoutingContext context, int status) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end("{\"error\":\"" + WORDS.get(status) + "\"}");
  }
}
