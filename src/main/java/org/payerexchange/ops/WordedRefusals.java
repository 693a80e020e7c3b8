package org.payerexchange.ops;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** Says in words why the HTTP server refused a request before any route saw it. */
public final class WordedRefusals implements Handler<RoutingContext> {
  /** By HTTP status. */
  public static final Map<Integer, String> WORDS =
      Map.of(
          400, "the request is malformed",
          404, "there is nothing here",
          405, "this method is not for this address",
          413, "the body is longer than p2p.ops.max-body-bytes allows");

  @Override
  public void handle(RoutingContext context) {
    answer(context, context.statusCode());
  }

  static void answer(RoutingContext context, int status) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end("{\"error\":\"" + WORDS.get(status) + "\"}");
  }
}
