package org.payerexchange.ops;

import io.netty.handler.codec.DecoderException;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
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
  private static final Pattern HTTP_SERVER = Pattern.compile("io\\.(vertx|netty)\\..*");
  private static final Pattern JDK = Pattern.compile("(java|jdk)\\..*");

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

  /** What the server itself gave up: escapes, headers, bodies, a method that there is none. */
  private static boolean isOfTheRequest(Throwable failure) {
    return Causes.find(failure, DecoderException.class).isPresent()
        || place(Causes.innermost(failure))
            .filter(frame -> HTTP_SERVER.matcher(frame.getClassName()).matches())
            .isPresent();
  }

  /** Where it failed, or what had the JDK do what failed. */
  private static Optional<StackTraceElement> place(Throwable cause) {
    return Stream.of(cause.getStackTrace())
        .filter(frame -> !JDK.matcher(frame.getClassName()).matches())
        .findFirst();
  }
}
