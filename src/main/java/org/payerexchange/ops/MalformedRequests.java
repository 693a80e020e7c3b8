package org.payerexchange.ops;

import io.netty.handler.codec.DecoderException;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.payerexchange.step.Causes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers where the HTTP server gave a request up before any route saw it: 400 for one that it
 * cannot read, which it would call an error of its own, and 500 for all else.
 */
public final class MalformedRequests implements Handler<RoutingContext> {
  private static final Logger LOG = LoggerFactory.getLogger(MalformedRequests.class);
  private static final String ROUTES = "org.apache.camel.processor.";
  private static final String HTTP_SERVER = "io.vertx.core.http.";

  @Override
  public void handle(RoutingContext context) {
    Throwable failure = context.failure();
    if (context.statusCode() != 500
        || context.response().headWritten()
        || cameFromARoute(failure)) {
      context.next();
    } else if (isOfTheRequest(failure)) {
      WordedRefusals.answer(context, 400);
    } else {
      Throwable cause = Causes.innermost(failure);
      LOG.warn(
          "The ops API failed before any route: {}{}",
          cause.getClass().getName(),
          place(cause).map(" at %s"::formatted).orElse(""));
      WordedRefusals.answer(context, 500);
    }
  }

  private static boolean cameFromARoute(Throwable failure) {
    return failure == null
        || Arrays.stream(failure.getStackTrace())
            .anyMatch(frame -> frame.getClassName().startsWith(ROUTES));
  }

  /** Escapes, headers and bodies that cannot be read, and what Vert.x takes with no method. */
  private static boolean isOfTheRequest(Throwable failure) {
    return Causes.find(failure, IllegalArgumentException.class).isPresent()
        || Causes.find(failure, DecoderException.class).isPresent()
        || place(Causes.innermost(failure))
            .filter(frame -> frame.getClassName().startsWith(HTTP_SERVER))
            .isPresent();
  }

  private static Optional<StackTraceElement> place(Throwable cause) {
    return Stream.of(cause.getStackTrace()).findFirst();
  }
}
