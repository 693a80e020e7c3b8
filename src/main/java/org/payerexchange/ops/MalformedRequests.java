package org.payerexchange.ops;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;

/**
 * Answers 400 where the HTTP server gave a request up before any route saw it: it would call that
 * an error of its own.
 */
public final class MalformedRequests implements Handler<RoutingContext> {
  private static final String ROUTES = "org.apache.camel.processor.";

  @Override
  public void handle(RoutingContext context) {
    if (context.statusCode() != 500
        || context.response().headWritten()
        || cameFromARoute(context.failure())) {
      context.next();
    } else {
      WordedRefusals.answer(context, 400);
    }
  }

  private static boolean cameFromARoute(Throwable failure) {
    return failure == null
        || Arrays.stream(failure.getStackTrace())
            .anyMatch(frame -> frame.getClassName().startsWith(ROUTES));
  }
}
